#include "tapedeck/ledger/reading.hpp"

#include "ledger/ledger_fixture.hpp"
#include "sql_rows.hpp"
#include "temp_store.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

namespace tapedeck {
namespace {

using test::amount;
using test::at_ms;
using test::fill_of;
using test::fill_whole;
using test::order_of;
using test::sql_line;
using test::TempStore;

TEST_CASE("what is held is found by who asked when nothing was") {
  TempStore store;
  Ledger ledger{*store};
  CHECK(positions(*store).empty());
  fill_whole(ledger, OrderSide::buy, "100", "150.50", 1'000);
  REQUIRE(positions(*store).size() == 1);
  CHECK(positions(*store).front().position.quantity == amount("100"));
  fill_whole(ledger, OrderSide::sell, "100", "151", 2'000);
  CHECK(positions(*store).empty());
}

TEST_CASE("orders are found by what they are, newest first") {
  TempStore store;
  Ledger ledger{*store};
  for (int i = 0; i < 5; ++i) {
    NewOrder order =
        order_of(i % 2 == 0 ? OrderSide::buy : OrderSide::sell, "1", "o" + std::to_string(i));
    order.created_at = at_ms(i);
    order.strategy_id = i < 3 ? std::optional{std::string{"momentum"}} : std::nullopt;
    const Order made = ledger.create_order(order);
    if (i == 4) ledger.update_status(made.order_id, OrderStatus::cancelled);
  }
  const auto ids = [&](const OrderFilter& filter) {
    std::string text;
    for (const Order& order : orders(*store, filter))
      text += order.client_order_id + " ";
    return text;
  };
  CHECK(ids({}) == "o4 o3 o2 o1 o0 ");
  CHECK(ids({.symbol = "AAPL", .limit = 2}) == "o4 o3 ");
  CHECK(ids({.strategy_id = "momentum"}) == "o2 o1 o0 ");
  CHECK(ids({.status = OrderStatus::cancelled}) == "o4 ");
  CHECK(ids({.created = {at_ms(1), at_ms(3)}}) == "o2 o1 ");
  CHECK(ids({.venue = "binance"}).empty());
  const Order third = *find_order_by_client_id(*store, "o3");
  CHECK(ids({.correlation_id = third.correlation_id}) == "o3 ");
  CHECK_FALSE(find_order_by_client_id(*store, "o9"));
  const auto history = order_history(*store, find_order_by_client_id(*store, "o4")->order_id);
  REQUIRE(history.size() == 2);
  CHECK(history[0].cause == "create");
  CHECK(history[1].order.status == OrderStatus::cancelled);
}

TEST_CASE("fills come with what they did to their position") {
  TempStore store;
  Ledger ledger{*store};
  fill_whole(ledger, OrderSide::buy, "10", "100", 1);
  const Fill sold = fill_whole(ledger, OrderSide::sell, "4", "110", 2);
  const auto rows = fills(*store);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].fill == sold);
  CHECK(rows[0].effect ==
        FillEffect{.closed = amount("4"), .realised_pnl = amount("40"), .costs = {}});
  CHECK(rows[1].effect == FillEffect{});
  CHECK(fills(*store, {.order_id = sold.order_id}).size() == 1);
  CHECK(fills(*store, {.executed = {at_ms(0), at_ms(2)}}).size() == 1);
  CHECK(fills(*store, {.strategy_id = "none"}).empty());
}

TEST_CASE("positions have a history, and first in, first out is another fold of the same fills") {
  TempStore store;
  Ledger ledger{*store};
  fill_whole(ledger, OrderSide::buy, "10", "100", 1);
  fill_whole(ledger, OrderSide::buy, "10", "120", 2);
  fill_whole(ledger, OrderSide::sell, "10", "130", 3);
  const auto history = position_history(*store, {}, {});
  REQUIRE(history.size() == 3);
  CHECK(history[0].position.realised_pnl == amount("200"));
  std::vector<Fill> all;
  for (const FillWithEffect& row : fills(*store))
    all.push_back(row.fill);
  const auto fifo = fold_positions(all, CostRule::fifo);
  REQUIRE(fifo.size() == 1);
  CHECK(fifo[0].position.realised_pnl == amount("300"));
  CHECK(fifo[0].position.cost == amount("1200"));
  CHECK(fold_positions(all, CostRule::average)[0].position.realised_pnl == amount("200"));
}

// A story of fills with corrections, told to a ledger in some order.
struct Story {
  std::vector<NewOrder> orders;
  std::vector<NewFill> fills;
  std::vector<size_t> busted;    // places in fills
  std::vector<size_t> repriced;  // the same; the price goes up by 1
};

Story story_of(uint64_t seed) {
  std::mt19937_64 random{seed};
  Story story;
  for (int i = 0; i < 40; ++i) {
    NewOrder order = order_of(random() % 2 == 0 ? OrderSide::buy : OrderSide::sell, "100",
                              "o" + std::to_string(i));
    order.created_at = at_ms(i);
    order.instrument.symbol = i % 3 == 0 ? "AAPL" : "MSFT";
    if (i % 4 == 0) order.strategy_id = "s";
    order.order_id = named_uuid(*order.client_order_id);
    order.correlation_id = named_uuid("c" + *order.client_order_id);
    story.orders.push_back(order);
    for (int part = 0; part < 5; ++part) {
      const size_t place = story.fills.size();
      NewFill fill{
          .order_id = *order.order_id,
          .quantity = Amount::of_units(static_cast<int128>(1 + random() % 20'000'000'000'000)),
          .price = Amount::of_units(static_cast<int128>(1 + random() % 300'000'000'000'000)),
          .executed_at = at_ms(static_cast<int64_t>(random() % 60)),  // many at one time
          .reported_at = at_ms(1'000),
          .exchange_trade_id = std::to_string(place)};
      if (random() % 3 == 0)
        fill.commission = Amount::of_units(static_cast<int128>(random() % 1'000'000'000));
      if (random() % 5 == 0) fill.fee_currency = "BNB";
      if (random() % 10 == 0) {
        story.busted.push_back(place);
      } else if (random() % 10 == 0) {
        story.repriced.push_back(place);
      }
      story.fills.push_back(fill);
    }
  }
  return story;
}

// In batches of any size, corrections between them as soon as their fill is there.
void tell(const Story& story, TempStore& store, uint64_t seed) {
  std::mt19937_64 random{seed};
  Ledger first{*store};
  first.create_orders(story.orders);
  std::vector<size_t> places;
  for (size_t i = 0; i < story.fills.size(); ++i)
    places.push_back(i);
  std::ranges::shuffle(places, random);
  for (size_t from = 0; from < places.size();) {
    const size_t to = std::min(places.size(), from + 1 + random() % 30);
    std::vector<NewFill> batch;
    for (size_t i = from; i < to; ++i)
      batch.push_back(story.fills[places[i]]);
    Ledger ledger{*store};
    const std::vector<Fill> written = ledger.record_fills(batch);
    for (size_t i = from; i < to; ++i) {
      const Fill& fill = written[i - from];
      if (std::ranges::count(story.busted, places[i]) > 0) ledger.bust_fill(fill.fill_id, "bust");
      if (std::ranges::count(story.repriced, places[i]) > 0) {
        Fill other = fill;
        other.price += amount("1");
        ledger.amend_fill(other, "price");
      }
    }
    if (random() % 8 == 0) store.reopen(OpenMode::write);
    from = to;
  }
}

std::string ledger_text(TempStore& store) {
  Ledger{*store}.settle();
  return sql_line(*store,
                  "SELECT string_agg(row(venue, symbol, strategy_id, snapshot_time, fill_id, "
                  "quantity, cost, realised_pnl, fill_realised_pnl, costs, foreign_fees, peak, "
                  "max_drawdown)::VARCHAR, '|' ORDER BY venue, symbol, strategy_id, position_id) "
                  "FROM ledger.positions") +
         sql_line(*store,
                  "SELECT string_agg(row(client_order_id, status, filled_quantity, "
                  "filled_notional, commission, foreign_fees, last_fill_at, filled_at)::VARCHAR, "
                  "'|' ORDER BY "
                  "client_order_id) FROM ledger.orders");
}

TEST_CASE("any order of telling the same fills and corrections leaves the same ledger") {
  const Story story = story_of(11);
  REQUIRE(story.busted.size() > 5);
  REQUIRE(story.repriced.size() > 5);
  std::string expected;
  for (const uint64_t seed : {1U, 2U}) {
    TempStore store;
    tell(story, store, seed);
    const std::string text = ledger_text(store);
    if (expected.empty()) expected = text;
    const auto differs = std::ranges::mismatch(text, expected).in1 - text.begin();
    CAPTURE(text.substr(static_cast<size_t>(std::max<ptrdiff_t>(differs - 300, 0)), 400));
    CHECK((text == expected));
    // The identity, from what counts: realised + unrealised = cash + inventory.
    std::map<std::string, std::pair<Amount, Amount>> cash;  // and quantity
    for (const FillWithEffect& row : fills(*store, {.limit = 10'000})) {
      auto& [money, quantity] = cash[to_text(key_of(row.fill))];
      money += cash_change(row.fill);
      quantity += row.fill.side == OrderSide::buy ? row.fill.quantity : -row.fill.quantity;
    }
    const auto now = positions(*store, {.flat_too = true});
    CHECK(now.size() == cash.size());
    for (const PositionSnapshot& one : now) {
      const auto& [money, quantity] = cash.at(to_text(one.key));
      CHECK(one.position.quantity == quantity);
      CHECK(one.position.realised_pnl == money + one.position.cost);
    }
  }
}

}  // namespace
}  // namespace tapedeck
