#include "tapedeck/query/quotes.hpp"

#include "random_books.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::at_ms;
using test::new_instrument;

Decimal decimal(std::string_view text) {
  return *parse_decimal(text);
}

Quote quote(int64_t ms, std::string_view bid, std::string_view ask,
            std::optional<int64_t> recv_ms = {}, std::optional<int64_t> sequence = {}) {
  return {.ts_event = at_ms(ms),
          .bid_price = decimal(bid),
          .bid_quantity = decimal("1"),
          .ask_price = decimal(ask),
          .ask_quantity = decimal("2"),
          .ts_recv = recv_ms ? std::optional{at_ms(*recv_ms)} : std::nullopt,
          .sequence = sequence};
}

std::string told(const Store& store, const AsofRequest& request, AsofAnswer* answer = nullptr) {
  std::string text;
  const AsofAnswer given = for_each_quoted_trade(store, request, [&](const QuotedTrade& row) {
    text += std::to_string(*row.trade.trade_id) + ":";
    text += row.quote ? to_text(row.quote->bid_price) : "none";
    if (const auto spread = effective_spread(row)) text += "/" + to_text(*spread);
    text += " ";
    return KeepGoing::go_on;
  });
  if (answer != nullptr) *answer = given;
  return text;
}

TEST_CASE(
    "a trade has the last quote at or before it, of one instant the last in the venue's order") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(
      btc.id, test::block_of({{.ms = 5, .price = 100, .id = 1},
                              {.ms = 10, .price = 101, .id = 2},
                              {.ms = 11, .price = 99, .side = AggressorSide::sell, .id = 3},
                              {.ms = 500, .price = 99, .side = AggressorSide::unknown, .id = 4}}));
  writer.append_quotes(
      btc.id, std::vector<Quote>{quote(10, "99", "101", {}, 2), quote(10, "98", "101", {}, 1),
                                 quote(20, "97", "100")});
  AsofAnswer answer;
  CHECK(told(store, {.instrument = btc}, &answer) == "1:none 2:99/2 3:99/2 4:97 ");
  CHECK(answer.without_quote == 1);
  CHECK(answer.source == "venue");
  CHECK(told(store, {.instrument = btc, .tolerance = std::chrono::milliseconds{100}}) ==
        "1:none 2:99/2 3:99/2 4:none ");
  CHECK(told(store, {.instrument = btc, .range = test::range_ms(11, 12)}) == "3:99/2 ");
}

TEST_CASE("the middle of a quote is exact, whatever digits it needs") {
  CHECK(to_text(mid_price(quote(0, "99", "100"))) == "99.5");
  CHECK(to_text(mid_price(quote(0, "99.25", "100"))) == "99.625");
  CHECK(to_text(mid_price(quote(0, "98", "100"))) == "99");
}

TEST_CASE("quotes of a book are its best levels, told when one of them changes") {
  Store store{":memory:"};
  const test::RandomBooks books{store, 11, 800};
  const Instrument instrument = store.instruments().front();
  std::string expected;
  std::string last;
  int64_t end = 0;
  for (const test::StandingBook& state : books.states()) {
    if (state.begin != end) last.clear();
    end = state.end;
    if (state.levels.bids.empty() || state.levels.asks.empty()) continue;
    const auto& [bid, bid_quantity] = *state.levels.bids.rbegin();
    const auto& [ask, ask_quantity] = *state.levels.asks.begin();
    std::string best;
    for (const int128 value : {bid, bid_quantity, ask, ask_quantity})
      best += to_text(Decimal{value, -12}) + " ";
    if (best != last) expected += std::to_string(state.begin) + " " + best + "\n";
    last = best;
  }
  std::string found;
  const QuoteAnswer answer = for_each_quote(
      store, {.instrument = instrument, .source = QuoteSource::book}, [&](const Quote& row) {
        found += std::to_string(to_epoch_ns(row.ts_event)) + " ";
        for (const Decimal& value :
             {row.bid_price, row.bid_quantity, row.ask_price, row.ask_quantity})
          found += to_text(value) + " ";
        found += "\n";
        return KeepGoing::go_on;
      });
  CHECK(found == expected);
  CHECK(answer.source == "book:depth@100ms");
  QuoteRequest any{.instrument = instrument};
  CHECK(for_each_quote(store, any, [](const Quote&) { return KeepGoing::go_on; }).rows ==
        answer.rows);
  any.clock = BookClock::recv;
  any.source = QuoteSource::book;
  CHECK_THROWS_AS(for_each_quote(store, any, [](const Quote&) { return KeepGoing::go_on; }), Error);
}

}  // namespace
}  // namespace tapedeck
