#include "store/quote_rows.hpp"

#include "sql_rows.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

namespace {

Quote quote_of(int64_t ms, std::string_view bid, std::string_view bid_quantity,
               std::string_view ask, std::string_view ask_quantity) {
  return {.ts_event = at_ms(ms),
          .bid_price = *parse_decimal(bid),
          .bid_quantity = *parse_decimal(bid_quantity),
          .ask_price = *parse_decimal(ask),
          .ask_quantity = *parse_decimal(ask_quantity)};
}

std::vector<std::string> stored(Store& store) {
  return sql(store,
             "SELECT time, bid_price, bid_quantity, ask_price, ask_quantity FROM quotes ORDER BY "
             "ALL");
}

}  // namespace

TEST_CASE("quotes are stored once, exactly, whatever their digits") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  const std::vector<Quote> first{quote_of(2, "100.5", "1", "100.75", "2.125"),
                                 quote_of(1, "100", "3", "101", "0"),
                                 quote_of(2, "100.50", "1.0", "100.75", "2.125")};
  CHECK(writer.append_quotes(btc.id, first) == 2);
  CHECK(stored(store) == std::vector<std::string>{"1970-01-01T00:00:00.001Z 100 3 101 0",
                                                  "1970-01-01T00:00:00.002Z 100.5 1 100.75 2.125"});
  INFO("at another scale the same quote is still the same; another at that time is another");
  CHECK(writer.append_quotes(btc.id, std::vector<Quote>{quote_of(1, "100", "3", "101", "0"),
                                                        quote_of(1, "100", "3", "101", "1")}) == 1);
  CHECK(stored(store).size() == 3);
  CHECK(sql_line(store,
                 "SELECT DISTINCT price_exp, qty_exp FROM tape.quotes WHERE ts_event = "
                 "make_timestamp_ns(2000000)") == "-2 -3");
  CHECK(coverage_line(store.coverage(btc.id, "quotes")) == "[1, 2) unverifiable");
}

TEST_CASE(
    "a quote that does not fit the others keeps its own digits; one that fits none is refused") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  CHECK(writer.append_quotes(
            btc.id, std::vector<Quote>{quote_of(1, "0.000000000001", "1", "0.000000000002", "1"),
                                       quote_of(2, "9000000000000", "1", "9000000000001", "1")}) ==
        2);
  CHECK(stored(store).at(1) == "1970-01-01T00:00:00.002Z 9000000000000 1 9000000000001 1");
  check_refused(ErrorCode::out_of_range,
                {"the quote 0.000000000001 × 1 / 9000000000001 × 1 at 1970-01-01T00:00:00.003Z",
                 "does not fit 64 bits"},
                [&] {
                  writer.append_quotes(btc.id, std::vector<Quote>{quote_of(3, "0.000000000001", "1",
                                                                           "9000000000001", "1")});
                });
  CHECK(stored(store).size() == 2);
}

TEST_CASE("more quotes than one chunk holds") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  std::vector<Quote> quotes;
  for (int64_t i = 0; i < 5000; ++i)
    quotes.push_back(quote_of(i, std::to_string(100 + i % 50), "1", "200", "1"));
  CHECK(Writer{store}.append_quotes(btc.id, quotes) == 5000);
  CHECK(sql_line(store, "SELECT count(*), sum(bid_price) FROM quotes") == "5000 622500");
  const StoreStats stats = store.stats();
  REQUIRE(stats.datasets.size() == 1);
  CHECK(stats.datasets[0].dataset == "quotes");
  CHECK(stats.datasets[0].rows == 5000);
}
