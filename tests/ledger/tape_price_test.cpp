#include "ledger/tape_price.hpp"

#include "ledger/ledger_fixture.hpp"
#include "sql_rows.hpp"
#include "tapedeck/store/writer.hpp"
#include "temp_store.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::amount;
using test::at_ms;
using test::kApple;
using test::TempStore;

TEST_CASE("positions are valued at what the tape says: a mark price, a trade, a quote") {
  TempStore store;
  const Instrument apple = store->resolve_instrument(kApple, NewVenue::add);
  Ledger ledger{*store};
  test::fill_whole(ledger, OrderSide::buy, "10", "100", 1'000);
  CHECK(ledger.mark_to_tape(at_ms(9'000)).empty());  // the tape has nothing of it

  Writer writer{*store};
  writer.append_quotes(apple.id, std::vector<Quote>{{.ts_event = at_ms(2'000),
                                                     .bid_price = {1'010, -1},
                                                     .bid_quantity = {1, 0},
                                                     .ask_price = {1'013, -1},
                                                     .ask_quantity = {1, 0}}});
  const auto price_at = [&](int64_t ms) {
    const auto marks = ledger.mark_to_tape(at_ms(ms));
    return marks.empty() ? std::string{"-"} : to_text(marks.front().price);
  };
  CHECK(price_at(1'999) == "-");
  CHECK(price_at(2'000) == "101.15");
  TradeBlock trades;
  trades.scale = {.price_exp = -2, .qty_exp = 0};
  trades.push_back({.ts_event = at_ms(3'000),
                    .trade_id = 1,
                    .price = Price{10'250},
                    .quantity = Qty{1},
                    .side = AggressorSide::buy});
  trades.push_back({.ts_event = at_ms(3'000),
                    .trade_id = 2,
                    .price = Price{10'275},
                    .quantity = Qty{1},
                    .side = AggressorSide::buy});
  writer.append(apple.id, trades);
  CHECK(price_at(2'999) == "101.15");
  CHECK(price_at(3'000) == "102.75");
  test::sql(
      *store,
      "INSERT INTO tape.mark_prices SELECT instrument_id, TIMESTAMP_NS '1970-01-01 00:00:04', "
      "NULL, 103.125, NULL FROM tape.instruments",
      SqlAccess::write);
  CHECK(price_at(4'000) == "103.125");
  const PositionSnapshot held = test::only_position(*store);
  CHECK(unrealised_pnl(held.position, *held.position.mark) == amount("31.25"));
  // What is too old is not asked.
  CHECK(ledger.mark_to_tape(at_ms(10'000), std::chrono::seconds{1}).empty());
}

}  // namespace
}  // namespace tapedeck
