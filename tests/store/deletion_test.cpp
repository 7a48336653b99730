#include "store/deletion.hpp"

#include "sql_rows.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

// Of trades: writer_test.cpp.

namespace {

Decimal whole(int64_t units) {
  return {.units = units, .exponent = 0};
}

std::vector<Kline> minutes(int64_t count) {
  std::vector<Kline> klines;
  for (int64_t i = 0; i < count; ++i) {
    klines.push_back({.begin = at_ms(i * 60'000),
                      .open = whole(1),
                      .high = whole(1),
                      .low = whole(1),
                      .close = whole(1),
                      .volume = whole(1)});
  }
  return klines;
}

}  // namespace

TEST_CASE("klines that begin before the time go whole, of every interval and source") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  const Instrument eth = new_instrument(store, "ETHUSDT");
  Writer writer{store};
  for (const Instrument& one : {btc, eth}) {
    writer.upsert_klines(one.id, interval("1m"), minutes(5));
    writer.upsert_klines(one.id, interval("1m"), minutes(5), "mine");
    writer.upsert_klines(one.id, interval("5m"), minutes(1));
  }
  INFO("90 s lies inside of the second minute and of the first five");
  CHECK(writer.delete_before(DataKind::klines, at_ms(90'000), btc.id) == 5);
  CHECK(sql(store,
            "SELECT symbol, interval, source, min(time), count(*) FROM klines GROUP BY ALL "
            "ORDER BY ALL")
            .at(0) == "BTCUSDT 1m mine 1970-01-01T00:02:00Z 3");
  CHECK(coverage_line(store.coverage(btc.id, "klines:1m")) ==
        "[0, 120000) deleted; [120000, 300000) recorded");
  CHECK(coverage_line(store.coverage(btc.id, "klines:5m")) == "[0, 300000) deleted");
  CHECK(coverage_line(store.coverage(eth.id, "klines:1m")) == "[0, 300000) recorded");
  CHECK(writer.delete_before(DataKind::klines, at_ms(60'000)) == 3);
}

TEST_CASE("quotes and open interest") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  std::vector<Quote> quotes;
  std::vector<OpenInterest> open_interest;
  for (const int64_t ms : {1, 2, 3}) {
    quotes.push_back({.ts_event = at_ms(ms),
                      .bid_price = whole(1),
                      .bid_quantity = whole(1),
                      .ask_price = whole(2),
                      .ask_quantity = whole(1)});
    open_interest.push_back({.ts_event = at_ms(ms), .open_interest = whole(1)});
  }
  writer.append_quotes(btc.id, quotes);
  writer.upsert_open_interest(btc.id, open_interest);
  CHECK(writer.delete_before(DataKind::quotes, at_ms(2), btc.id) == 1);
  CHECK(sql_line(store, "SELECT count(*) FROM quotes") == "2");
  CHECK(coverage_line(store.coverage(btc.id, "quotes")).starts_with("[1, 2) deleted; [2, 3"));
  CHECK(sql_line(store, "SELECT count(*) FROM open_interest") == "3");
  CHECK(writer.delete_before(DataKind::open_interest, at_ms(99)) == 3);
  CHECK(coverage_line(store.coverage(btc.id, "open_interest")).find("deleted") !=
        std::string::npos);
  CHECK(writer.delete_before(DataKind::open_interest, at_ms(99)) == 0);
}

TEST_CASE("ticks are deleted by their time, rows of books are not: they are part of a book") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  std::vector<Tick> ticks;
  for (int64_t ms = 1; ms <= 3; ++ms)
    ticks.push_back({.ts_event = at_ms(ms), .bid_price = whole(1), .ask_price = whole(2)});
  writer.append_ticks(btc.id, ticks);
  CHECK(writer.delete_before(DataKind::ticks, at_ms(3), btc.id) == 2);
  CHECK(sql_line(store, "SELECT count(*) FROM tape.ticks") == "1");
  for (const DataKind kind : {DataKind::depth_snapshots, DataKind::order_runs}) {
    check_refused(ErrorCode::unsupported, {"rows of", to_text(kind), "they are part of a book"},
                  [&] { writer.delete_before(kind, at_ms(3), btc.id); });
  }
}
