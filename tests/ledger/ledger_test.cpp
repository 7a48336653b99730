#include "tapedeck/ledger/ledger.hpp"

#include "ledger/ledger_fixture.hpp"
#include "sql_rows.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::amount;
using test::at_ms;
using test::check_refused;
using test::fill_of;
using test::fill_whole;
using test::kApple;
using test::only_position;
using test::order_of;
using test::sql_line;
using test::TempStore;

TEST_CASE("an order lives from pending to filled, and its position is there") {  // TE-22
  TempStore store;
  Ledger ledger{*store};
  const Order order = ledger.create_order({.instrument = kApple,
                                           .side = OrderSide::buy,
                                           .quantity = amount("100"),
                                           .price = amount("150")});
  CHECK(order.status == OrderStatus::pending);
  CHECK(order.type == OrderType::limit);
  CHECK(ledger.update_status(order.order_id, OrderStatus::submitted).status ==
        OrderStatus::submitted);
  const Fill fill = ledger.record_fill(fill_of(order, "100", "150.50", 1'000));
  CHECK(fill.instrument == kApple);
  CHECK(fill.correlation_id == order.correlation_id);
  // Visible at once, before the tables have it.
  const std::optional<Order> filled = find_order(*store, order.order_id);
  REQUIRE(filled);
  CHECK(filled->status == OrderStatus::filled);
  CHECK(average_fill_price(*filled) == amount("150.5"));
  ledger.update_status(order.order_id, OrderStatus::filled);
  const PositionSnapshot held = only_position(*store);
  CHECK(held.position.quantity == amount("100"));
  CHECK(average_entry_price(held.position) == amount("150.5"));
  CHECK(sql_line(*store, "SELECT status, filled_quantity, average_fill_price FROM orders") ==
        "filled 100 150.5");
  CHECK(sql_line(*store, "SELECT side, quantity, average_entry_price FROM current_positions") ==
        "long 100 150.5");
}

TEST_CASE("positions follow the fills: average, realised, turned round, flat") {  // OR-06
  using enum OrderSide;
  TempStore store;
  Ledger ledger{*store};
  const struct {
    OrderSide side;
    const char* quantity;
    const char* price;
    const char* expected;  // side, quantity, average, realised
  } steps[]{{buy, "100", "150.50", "long 100 150.5 0"},
            {buy, "100", "151.50", "long 200 151 0"},
            {sell, "50", "153", "long 150 151 100"},
            {sell, "200", "150", "short 50 150 -50"},
            {buy, "50", "149", "flat 0 NULL 0"}};
  int64_t ms = 0;
  for (const auto& step : steps) {
    fill_whole(ledger, step.side, step.quantity, step.price, ++ms);
    ledger.settle();
    CHECK(sql_line(*store,
                   "SELECT side, quantity, average_entry_price, realised_pnl FROM positions ORDER "
                   "BY snapshot_time DESC LIMIT 1") == step.expected);
  }
  CHECK(sql_line(*store, "SELECT count(*) FROM current_positions") == "0");
  CHECK(sql_line(*store, "SELECT count(*) FROM positions") == "5");
}

TEST_CASE("clocks that differ: a fill may be older than its order, and both times stay") {
  TempStore store;
  Ledger ledger{*store};
  NewOrder given = order_of(OrderSide::buy, "10");
  given.created_at = at_ms(5'000);
  const Order order = ledger.create_order(given);
  ledger.update_status(order.order_id, OrderStatus::submitted, {.at = at_ms(5'001)});
  const Fill fill = ledger.record_fill(fill_of(order, "10", "100", 4'990));
  CHECK(fill.executed_at == at_ms(4'990));
  const Order filled = find_order(*store, order.order_id).value();
  CHECK(filled.created_at == at_ms(5'000));
  CHECK(filled.submitted_at == at_ms(5'001));
  CHECK(filled.updated_at == at_ms(5'001));  // never goes back
  CHECK(filled.filled_at == at_ms(4'990));
  CHECK(only_position(*store).at == at_ms(4'990));
}

TEST_CASE("an order is partial, then filled, at the average") {  // OR-07
  Store store{":memory:"};
  Ledger ledger{store};
  const Order order = ledger.create_order(order_of(OrderSide::buy, "100"));
  ledger.record_fill(fill_of(order, "40", "10", 1));
  const Order partial = find_order(store, order.order_id).value();
  CHECK(partial.status == OrderStatus::partial);
  CHECK(average_fill_price(partial) == amount("10"));
  ledger.record_fill(fill_of(order, "60", "11", 2));
  const Order filled = find_order(store, order.order_id).value();
  CHECK(filled.status == OrderStatus::filled);
  CHECK(average_fill_price(filled) == amount("10.6"));
}

TEST_CASE("what is given twice is stored once; another under the same id is a conflict") {
  for (const bool settled : {false, true}) {
    TempStore store;
    Ledger ledger{*store};
    const auto pause = [&] {
      if (settled) store.reopen(OpenMode::write);
    };
    const NewOrder offered = order_of(OrderSide::buy, "100", "mine-1");
    const Order order = ledger.create_order(offered);
    const Fill fill = ledger.record_fill(fill_of(order, "40", "10", 1, "77"));
    pause();
    Ledger again{*store};
    CHECK(again.create_order(offered).order_id == order.order_id);
    CHECK(again.create_order(offered).status == OrderStatus::partial);
    CHECK(again.record_fill(fill_of(order, "40", "10", 1, "77")) == fill);
    check_refused(ErrorCode::conflict, {"order 'mine-1'", "other terms", "buy 100"},
                  [&] { again.create_order(order_of(OrderSide::buy, "101", "mine-1")); });
    check_refused(ErrorCode::conflict, {"fill 77 of alpaca:AAPL", "other content", "40 at 10"},
                  [&] { again.record_fill(fill_of(order, "40", "10.1", 1, "77")); });
    again.settle();
    CHECK(sql_line(*store, "SELECT count(*) FROM orders") == "1");
    CHECK(sql_line(*store, "SELECT count(*) FROM ledger.order_entries") == "2");
    CHECK(sql_line(*store, "SELECT count(*) FROM fills") == "1");
  }
}

TEST_CASE("an order that was amended is still the one that was given") {
  TempStore store;
  Ledger ledger{*store};
  NewOrder offered = order_of(OrderSide::buy, "100", "mine-1");
  offered.price = amount("10");
  const Order order = ledger.create_order(offered);
  ledger.amend_order({.order_id = order.order_id, .at = at_ms(5), .price = amount("11")});
  CHECK(ledger.create_order(offered).price == amount("11"));
  CHECK(sql_line(*store, "SELECT count(*) FROM ledger.order_entries") == "2");
}

TEST_CASE("two sides of a trade with oneself have one number, and are two fills") {
  TempStore store;
  Ledger ledger{*store};
  const Order bought = ledger.create_order(order_of(OrderSide::buy, "1"));
  const Order sold = ledger.create_order(order_of(OrderSide::sell, "1"));
  ledger.record_fill(fill_of(bought, "1", "10", 1, "5"));
  ledger.record_fill(fill_of(sold, "1", "10", 1, "5"));
  ledger.settle();
  CHECK(sql_line(*store, "SELECT count(*) FROM fills") == "2");
}

TEST_CASE("what cannot be is refused before it is journalled, with its name") {
  TempStore store;
  Ledger ledger{*store};
  const auto refused_order = [&](std::initializer_list<std::string_view> words, NewOrder order) {
    check_refused(ErrorCode::invalid_argument, words, [&] { ledger.create_order(order); });
  };
  NewOrder order = order_of(OrderSide::buy, "1", "mine-1");
  refused_order({"order 'a'", "quantity is 0", "above 0"}, order_of(OrderSide::buy, "0", "a"));
  refused_order({"quantity is -1"}, order_of(OrderSide::buy, "-1", "a"));
  order.type = OrderType::limit;
  refused_order({"a limit order needs a price"}, order);
  order.type = OrderType::stop_limit;
  order.price = amount("1");
  refused_order({"a stop_limit order needs a stop_price"}, order);
  order.type = OrderType::market;
  refused_order({"a market order has no price"}, order);
  order.type = {};
  order.price = amount("-1");
  refused_order({"price is -1"}, order);
  order = order_of(OrderSide::buy, "1", "mine-1");
  order.instrument.venue = "al:paca";
  refused_order({"'al:paca:AAPL' is no instrument"}, order);
  order.instrument = kApple;
  order.metadata = "[1]";
  refused_order({"metadata is no JSON object: [1]"}, order);
  order.metadata.reset();
  order.client_order_id = "";
  refused_order({"client_order_id is empty"}, order);
  order.client_order_id = std::string(300, 'x');
  refused_order({"300 bytes"}, order);

  const Order good = ledger.create_order(order_of(OrderSide::buy, "10", "good"));
  check_refused(ErrorCode::invalid_argument, {"order 'good'", "is pending and cannot become"},
                [&] { ledger.update_status(good.order_id, OrderStatus::partial); });
  check_refused(ErrorCode::invalid_argument, {"a fill of 11 is more than the 10", "order 'good'"},
                [&] { ledger.record_fill(fill_of(good, "11", "1", 1)); });
  check_refused(ErrorCode::invalid_argument, {"fill x", "quantity is 0"},
                [&] { ledger.record_fill(fill_of(good, "0", "1", 1, "x")); });
  check_refused(ErrorCode::not_found, {"no order", "record the order before"}, [&] {
    ledger.record_fill({.order_id = named_uuid("no"), .quantity = amount("1"), .price = {}});
  });
  check_refused(ErrorCode::not_found, {"no order"},
                [&] { ledger.update_status(named_uuid("no"), OrderStatus::filled); });
  check_refused(ErrorCode::not_found, {"no fill", "that counts"},
                [&] { ledger.bust_fill(named_uuid("no"), "?"); });
  check_refused(ErrorCode::out_of_range, {"10^26"}, [&] {
    const Order huge = ledger.create_order(order_of(OrderSide::buy, "90000000000000000000000000"));
    ledger.record_fill(fill_of(huge, "90000000000000000000000000", "100", 1));
  });
  ledger.settle();
  CHECK(sql_line(*store, "SELECT count(*) FROM fills") == "0");
}

TEST_CASE("of a call that is refused nothing is stored") {
  TempStore store;
  Ledger ledger{*store};
  const Order order = ledger.create_order(order_of(OrderSide::buy, "10"));
  const std::vector<NewFill> fills{fill_of(order, "6", "1", 1), fill_of(order, "5", "1", 2)};
  check_refused(ErrorCode::invalid_argument, {"more than the 4"},
                [&] { ledger.record_fills(fills); });
  CHECK(find_order(*store, order.order_id)->filled_quantity == Amount{});
  ledger.settle();
  CHECK(sql_line(*store, "SELECT count(*) FROM ledger.fill_entries") == "0");
}

TEST_CASE("a bracket is an entry and two legs under one correlation id") {
  TempStore store;
  Ledger ledger{*store, "manual"};
  const std::vector<Order> bracket =
      ledger.create_bracket({.entry = order_of(OrderSide::buy, "10", "b"),
                             .take_profit = amount("110"),
                             .stop_loss = amount("90")});
  REQUIRE(bracket.size() == 3);
  CHECK(bracket[1].client_order_id == "b-take-profit");
  CHECK(bracket[1].type == OrderType::limit);
  CHECK(bracket[2].type == OrderType::stop);
  for (const Order& leg : {bracket[1], bracket[2]}) {
    CHECK(leg.side == OrderSide::sell);
    CHECK(leg.parent_order_id == bracket[0].order_id);
    CHECK(leg.correlation_id == bracket[0].correlation_id);
  }
  CHECK(orders(*store, {.parent_order_id = bracket[0].order_id}).size() == 2);
  CHECK(sql_line(*store, "SELECT DISTINCT source FROM orders") == "manual");
  check_refused(ErrorCode::invalid_argument, {"take_profit or a stop_loss"},
                [&] { ledger.create_bracket({.entry = order_of(OrderSide::buy, "10")}); });
}

TEST_CASE("a fill taken back or amended leaves its entries, and changes order and position") {
  TempStore store;
  Ledger ledger{*store};
  const Order order = ledger.create_order(order_of(OrderSide::buy, "10"));
  const Fill first = ledger.record_fill(fill_of(order, "4", "10", 1, "1"));
  const Fill second = ledger.record_fill(fill_of(order, "6", "12", 2, "2"));
  ledger.settle();
  CHECK(only_position(*store).position.cost == amount("112"));
  const Timestamp before = order_history(*store, order.order_id).back().recorded_at;

  ledger.bust_fill(second.fill_id, "clearly erroneous");
  Order now = find_order(*store, order.order_id).value();
  CHECK(now.status == OrderStatus::partial);
  CHECK(now.filled_quantity == amount("4"));
  CHECK(only_position(*store).position.cost == amount("40"));
  CHECK(only_position(*store).position.fills == 1);
  check_refused(ErrorCode::not_found, {"no fill", "that counts"},
                [&] { ledger.bust_fill(second.fill_id, "again"); });

  Fill amended = first;
  amended.price = amount("11");
  CHECK(ledger.amend_fill(amended, "price was wrong").price == amount("11"));
  now = find_order(*store, order.order_id).value();
  CHECK(average_fill_price(now) == amount("11"));
  CHECK(only_position(*store).position.cost == amount("44"));
  // What is left of the order can be filled.
  ledger.record_fill(fill_of(order, "6", "12", 3, "3"));
  CHECK(find_order(*store, order.order_id)->status == OrderStatus::filled);

  ledger.settle();
  CHECK(sql_line(*store, "SELECT string_agg(kind, ' ' ORDER BY entry) FROM ledger.fill_entries") ==
        "fill fill bust amend fill");
  CHECK(sql_line(*store, "SELECT reason FROM ledger.fill_entries WHERE kind = 'bust'") ==
        "clearly erroneous");
  const LedgerState known = ledger_as_known_at(*store, before);
  REQUIRE(known.fills.size() == 2);
  REQUIRE(known.orders.size() == 1);
  CHECK(known.orders[0].status == OrderStatus::filled);
  REQUIRE(known.positions.size() == 1);
  CHECK(known.positions[0].position.cost == amount("112"));
  const LedgerState all = ledger_as_known_at(*store, Timestamp::max());
  CHECK(all.fills.size() == 2);
  CHECK(all.positions[0].position.cost == amount("116"));
}

TEST_CASE("a fill that comes late stands in its place") {
  TempStore store;
  Ledger ledger{*store};
  fill_whole(ledger, OrderSide::buy, "10", "100", 1'000);
  fill_whole(ledger, OrderSide::sell, "10", "110", 3'000);
  ledger.mark(std::vector<PositionMark>{
      {.instrument = kApple, .at = at_ms(2'500), .price = amount("105")}});
  ledger.settle();
  CHECK(only_position(*store).position.realised_pnl == amount("100"));
  fill_whole(ledger, OrderSide::buy, "10", "104", 2'000);  // between the two
  const PositionSnapshot held = only_position(*store);
  CHECK(held.position.realised_pnl == amount("80"));  // of the average, 102
  CHECK(held.position.quantity == amount("10"));
  CHECK(sql_line(*store,
                 "SELECT string_agg(current_price::VARCHAR, ' ' ORDER BY position_id) FROM "
                 "ledger.positions") ==
        "100.000000000000 104.000000000000 105.000000000000 110.000000000000");
}

TEST_CASE("marks value what is held, also of an earlier time") {
  TempStore store;
  Ledger ledger{*store};
  fill_whole(ledger, OrderSide::buy, "10", "100", 1'000);
  const auto mark = [&](int64_t ms, std::string_view price) {
    ledger.mark(
        std::vector<PositionMark>{{.instrument = kApple, .at = at_ms(ms), .price = amount(price)}});
  };
  mark(2'000, "120");
  mark(4'000, "115");
  mark(3'000, "90");
  const PositionSnapshot held = only_position(*store);
  CHECK(held.at == at_ms(4'000));
  CHECK(held.position.mark == amount("115"));
  CHECK(held.position.max_drawdown == amount("300"));
  CHECK(sql_line(*store,
                 "SELECT unrealised_pnl, unrealised_pnl_pct, max_drawdown FROM "
                 "current_positions") == "150 15 300");
}

TEST_CASE("a snapshot values cash and positions, and knows the ones before") {
  TempStore store;
  Ledger ledger{*store};
  fill_whole(ledger, OrderSide::buy, "10", "100", 1'000);
  ledger.mark(std::vector<PositionMark>{
      {.instrument = kApple, .at = at_ms(2'000), .price = amount("120")}});
  const auto at = [](std::string_view text) { return test::at(text); };
  const PortfolioSnapshot first = ledger.take_snapshot(
      amount("500"), {.kind = SnapshotKind::eod, .at = at("2026-11-20T23:59:59")});
  CHECK(first.portfolio_value == amount("1700"));
  CHECK(first.unrealised_pnl == amount("200"));
  CHECK(first.long_positions == 1);
  CHECK_FALSE(first.daily_pnl);
  fill_whole(ledger, OrderSide::sell, "15", "80", to_epoch_ns(at("2026-11-21T10:00")) / 1'000'000);
  const PortfolioSnapshot second =
      ledger.take_snapshot(amount("1700"), {.at = at("2026-11-21T12:00")});
  CHECK(second.portfolio_value == amount("1300"));  // short 5 at 80
  CHECK(second.gross_exposure == amount("400"));
  CHECK(second.realised_pnl == amount("-200"));
  CHECK(second.daily_pnl == amount("-400"));
  CHECK(second.peak_value == amount("1700"));
  CHECK(second.max_drawdown == amount("400"));
  CHECK(second.short_positions == 1);
  CHECK(sql_line(*store,
                 "SELECT snapshot_type, cash_balance, leverage, total_positions FROM "
                 "dreammaker.portfolio_snapshots ORDER BY snapshot_time DESC LIMIT 1") ==
        "manual 1700 0.3077 1");
  check_refused(ErrorCode::conflict, {"another eod snapshot"}, [&] {
    ledger.take_snapshot(amount("501"),
                         {.kind = SnapshotKind::eod, .at = at("2026-11-20T23:59:59")});
  });
}

TEST_CASE("what was acknowledged is there after the store is opened again") {
  TempStore store;
  Order order;
  {
    Ledger ledger{*store};
    order = ledger.create_order(order_of(OrderSide::buy, "10", "mine"));
    ledger.record_fill(fill_of(order, "4", "10", 1, "1"));
  }
  store.reopen(OpenMode::read);
  CHECK(find_order_by_client_id(*store, "mine")->status == OrderStatus::partial);
  CHECK(only_position(*store).position.quantity == amount("4"));
  check_refused(ErrorCode::read_only, {"opened for reading only"}, [&] { Ledger{*store}; });
  store.reopen(OpenMode::write);
  Ledger ledger{*store};
  check_refused(ErrorCode::invalid_argument, {"more than the 6"},
                [&] { ledger.record_fill(fill_of(order, "7", "10", 2, "2")); });
  ledger.record_fill(fill_of(order, "6", "11", 2, "2"));
  CHECK(only_position(*store).position.cost == amount("106"));
}

TEST_CASE("texts with quotes and semicolons are kept as they are") {
  TempStore store;
  Ledger ledger{*store};
  const std::string odd = "'; DROP TABLE ledger.orders; --\"";
  NewOrder order = order_of(OrderSide::buy, "1", odd);
  order.strategy_id = odd;
  ledger.create_order(order);
  CHECK(find_order_by_client_id(*store, odd)->strategy_id == odd);
  CHECK(orders(*store, {.strategy_id = odd}).size() == 1);
  CHECK(orders(*store, {.strategy_id = "x' OR '1'='1"}).empty());
}

}  // namespace
}  // namespace tapedeck
