#include "tapedeck/query/fill_quality.hpp"

#include "ledger/ledger_fixture.hpp"
#include "tapedeck/store/writer.hpp"
#include "temp_store.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

namespace tapedeck {
namespace {

using test::amount;
using test::at_ms;
using test::fill_of;
using test::kApple;
using test::TempStore;

Quote quote_at(int64_t ms, std::string_view bid, std::string_view ask) {
  return {.ts_event = at_ms(ms),
          .bid_price = parse_decimal(bid).value(),
          .bid_quantity = {1, 0},
          .ask_price = parse_decimal(ask).value(),
          .ask_quantity = {1, 0}};
}

std::string shown(std::optional<Amount> amount) {
  return amount ? to_text(*amount) : "-";
}

TEST_CASE("a fill is compared with the quotes of its order, of itself, and of later") {
  TempStore store;
  const Instrument instrument = store->resolve_instrument(kApple, NewVenue::add);
  Writer{*store}.append_quotes(
      instrument.id,
      std::vector<Quote>{quote_at(0, "99", "101"), quote_at(1'000, "100", "101"),
                         quote_at(2'000, "101", "102.5"), quote_at(7'000, "103", "104"),
                         quote_at(20'000, "90", "91")});
  Ledger ledger{*store};
  for (const OrderSide side : {OrderSide::buy, OrderSide::sell}) {
    const Order order = ledger.create_order(
        {.instrument = kApple, .side = side, .quantity = amount("10"), .created_at = at_ms(500)});
    ledger.record_fill(fill_of(order, "10", "101", 1'500));
  }
  const auto rows = fill_quality(*store, {});
  REQUIRE(rows.size() == 2);
  for (const FillQuality& row : rows) {
    const bool buy = row.fill.side == OrderSide::buy;
    CHECK(row.arrival_mid == amount("100"));
    CHECK(row.mid == amount("100.5"));
    CHECK(slippage(row) == amount(buy ? "1" : "-1"));
    CHECK(effective_spread(row) == amount(buy ? "1" : "-1"));
    CHECK(mark_out(row, 0) == amount(buy ? "0.75" : "-0.75"));  // at 2.5 s
    CHECK(mark_out(row, 1) == amount(buy ? "0.75" : "-0.75"));  // at 6.5 s
    CHECK_FALSE(mark_out(row, 2));                              // behind the end of the recording
  }
  CHECK(fill_quality(*store, {.symbol = "MSFT"}).empty());
  CHECK(fill_quality(*store, {.executed = {at_ms(0), at_ms(1'000)}}).empty());
}

TEST_CASE("a fill that the venue's clock puts before its order slipped from its own instant") {
  TempStore store;
  const Instrument instrument = store->resolve_instrument(kApple, NewVenue::add);
  Writer{*store}.append_quotes(instrument.id,
                               std::vector{quote_at(0, "99", "101"), quote_at(1'000, "119", "121"),
                                           quote_at(2'000, "119", "121")});
  Ledger ledger{*store};
  const Order order = ledger.create_order(
      {.instrument = kApple, .quantity = amount("1"), .created_at = at_ms(1'500)});
  ledger.record_fill(fill_of(order, "1", "101", 500));
  const auto rows = fill_quality(*store, {});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].arrival_mid == amount("100"));
  CHECK(slippage(rows[0]) == amount("1"));
}

TEST_CASE("a fill of an instrument without a tape has no middles") {
  TempStore store;
  Ledger ledger{*store};
  test::fill_whole(ledger, OrderSide::buy, "1", "100", 5);
  const auto rows = fill_quality(*store, {});
  REQUIRE(rows.size() == 1);
  CHECK_FALSE(slippage(rows[0]));
  CHECK_FALSE(effective_spread(rows[0]));
  CHECK_FALSE(mark_out(rows[0], 2));
}

TEST_CASE("every middle equals that of a search through all quotes") {
  TempStore store;
  const Instrument instrument = store->resolve_instrument(kApple, NewVenue::add);
  std::mt19937_64 random{4};
  std::vector<Quote> quotes;
  int64_t ms = 0;
  for (int i = 0; i < 2'000; ++i) {
    // Now and then nothing for long, but never for longer than the quote before is looked for.
    ms += random() % 50 == 0 ? 590'000 : static_cast<int64_t>(random() % 2'000);
    const auto bid = static_cast<int128>(10'000 + random() % 500);
    quotes.push_back({.ts_event = at_ms(ms),
                      .bid_price = {bid, -2},
                      .bid_quantity = {1, 0},
                      .ask_price = {bid + 1 + static_cast<int128>(random() % 5), -2},
                      .ask_quantity = {1, 0}});
  }
  Writer{*store}.append_quotes(instrument.id, quotes);
  Ledger ledger{*store};
  const Order order = ledger.create_order(
      {.instrument = kApple, .quantity = amount("500"), .created_at = quotes[3].ts_event});
  std::vector<NewFill> fills;
  for (int i = 0; i < 500; ++i) {
    const auto at = static_cast<int64_t>(random() % static_cast<uint64_t>(ms));
    fills.push_back(fill_of(order, "1", "100", at, std::to_string(i)));
  }
  ledger.record_fills(fills);
  const auto mid_at = [&](Timestamp at) -> std::string {
    const auto after = std::ranges::upper_bound(quotes, at, {}, &Quote::ts_event);
    if (after == quotes.begin() || after == quotes.end()) {
      const bool last = after == quotes.end() && quotes.back().ts_event == at;
      if (!last) return "-";
    }
    return to_text(mid_price(*(after - 1)));
  };
  for (const FillQuality& row : fill_quality(*store, {})) {
    const Timestamp at = row.fill.executed_at;
    CHECK(shown(row.mid) == mid_at(at));
    CHECK(shown(row.arrival_mid) == mid_at(quotes[3].ts_event));
    CHECK(shown(row.later_mids[0]) == mid_at(at + std::chrono::seconds{1}));
    CHECK(shown(row.later_mids[2]) == mid_at(at + std::chrono::seconds{60}));
  }
}

}  // namespace
}  // namespace tapedeck
