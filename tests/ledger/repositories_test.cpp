// One contract, kept over a store and in memory.
#include "tapedeck/ledger/repositories.hpp"

#include "ledger/repository_fixture.hpp"
#include "thrown.hpp"

#include <utility>

namespace tapedeck {
namespace {

using test::amount;
using test::at_ms;
using test::check_refused;
using test::client_ids;
using test::created_at;
using test::fill_of;
using test::Ids;
using test::kApple;
using test::order_of;
using test::TempStore;

QueryCondition is(std::string column, QueryValue value) {
  return {std::move(column), Comparison::equal, {std::move(value)}};
}

TEST_CASE_TEMPLATE("complete_order_lifecycle", Contract, TAPEDECK_BOTH_LEDGERS) {  // TE-22
  Contract contract;
  LedgerRepositories& ledger = *contract;
  const Order order = ledger.orders().create_order({.instrument = kApple,
                                                    .side = OrderSide::buy,
                                                    .quantity = amount("100"),
                                                    .price = amount("150")});
  CHECK(order.status == OrderStatus::pending);
  CHECK(ledger.orders().update_status(order.order_id, OrderStatus::submitted).status ==
        OrderStatus::submitted);
  const Fill fill = ledger.fills().create_trade(fill_of(order, "100", "150.50", 1'000));
  CHECK(ledger.orders().update_status(order.order_id, OrderStatus::filled).status ==
        OrderStatus::filled);
  const PositionSnapshot held = ledger.positions().update_from_trade(fill);
  CHECK(held.fill_id == fill.fill_id);
  CHECK(held.position.quantity == amount("100"));
  CHECK(average_entry_price(held.position) == amount("150.5"));

  const std::optional<Order> filled = ledger.orders().find_by_id(order.order_id);
  REQUIRE(filled);
  CHECK(filled->status == OrderStatus::filled);
  CHECK(average_fill_price(*filled) == amount("150.5"));
  CHECK(ledger.fills().find_by_order(order.order_id) == std::vector{fill});
  const std::vector<PositionSnapshot> now = ledger.positions().find_by_symbol("AAPL");
  REQUIRE(now.size() == 1);
  CHECK(now[0].position == held.position);
  CHECK(ledger.positions().find_all().size() == 1);
}

TEST_CASE_TEMPLATE("what an order cannot take is refused", Contract, TAPEDECK_BOTH_LEDGERS) {
  Contract contract;
  LedgerRepositories& ledger = *contract;
  OrderRepository& orders = ledger.orders();
  const Order order = orders.create_order(order_of(OrderSide::buy, "10", "a"));
  constexpr auto kInvalid = ErrorCode::invalid_argument;
  check_refused(kInvalid, {"is pending and cannot become filled"},
                [&] { orders.update_status(order.order_id, OrderStatus::filled); });
  check_refused(kInvalid, {"'b'", "quantity is 0"},
                [&] { orders.create_order(order_of(OrderSide::buy, "0", "b")); });
  check_refused(kInvalid, {"more than the 10"},
                [&] { ledger.fills().create_trade(fill_of(order, "11", "1", 1)); });
  orders.update_status(order.order_id, OrderStatus::cancelled);
  check_refused(kInvalid, {"is cancelled and cannot become submitted"},
                [&] { orders.update_status(order.order_id, OrderStatus::submitted); });
  const Uuid nobody = random_uuid();
  constexpr auto kNotFound = ErrorCode::not_found;
  check_refused(kNotFound, {to_text(nobody), "record the order before"},
                [&] { orders.update_status(nobody, OrderStatus::submitted); });
  Order unknown = order;
  unknown.order_id = nobody;
  check_refused(kNotFound, {to_text(nobody)}, [&] { orders.update(unknown); });
  check_refused(kNotFound, {to_text(nobody)}, [&] { orders.remove(nobody); });
  check_refused(kNotFound, {"record the order before"},
                [&] { ledger.fills().create_trade(fill_of(unknown, "1", "1", 1)); });
  check_refused(ErrorCode::unsupported, {"cancel it"}, [&] { orders.remove(order.order_id); });
  check_refused(kInvalid, {"take_profit"},
                [&] { orders.create_bracket({.entry = order_of(OrderSide::buy, "1")}); });
  CHECK(orders.find_all().size() == 1);
  CHECK(ledger.fills().find_all().empty());
}

TEST_CASE_TEMPLATE("what is said twice is there once", Contract, TAPEDECK_BOTH_LEDGERS) {
  Contract contract;
  LedgerRepositories& ledger = *contract;
  const Order order = created_at(ledger, "a", 1, "150");
  CHECK(created_at(ledger, "a", 2, "150") == order);
  CHECK(ledger.orders().create(order) == order);
  check_refused(ErrorCode::conflict, {"'a'", "other terms"},
                [&] { created_at(ledger, "a", 1, "151"); });
  const Fill fill = ledger.fills().create_trade(fill_of(order, "4", "150", 5, "t1"));
  CHECK(ledger.fills().create_trade(fill_of(order, "4", "150", 5, "t1")) == fill);
  CHECK(ledger.fills().create(fill) == fill);
  CHECK(ledger.positions().update_from_trade(fill).fill_id == fill.fill_id);
  check_refused(ErrorCode::conflict, {"t1", "other content"},
                [&] { ledger.fills().create_trade(fill_of(order, "3", "150", 5, "t1")); });
  CHECK(ledger.fills().find_all() == std::vector{fill});
  CHECK(ledger.orders().find_by_client_id("a")->filled_quantity == amount("4"));
  CHECK_FALSE(ledger.orders().find_by_client_id("b"));
  CHECK(ledger.positions().history({}, {}, 10).size() == 1);
}

TEST_CASE_TEMPLATE("orders are found, sorted and cut", Contract, TAPEDECK_BOTH_LEDGERS) {
  Contract contract;
  LedgerRepositories& ledger = *contract;
  OrderRepository& orders = ledger.orders();
  for (int i = 1; i <= 5; ++i)
    created_at(ledger, std::string(1, static_cast<char>('a' + i - 1)), i, std::to_string(100 - i),
               i % 2 == 0 ? OrderSide::sell : OrderSide::buy);
  orders.update_status(orders.find_by_client_id("b")->order_id, OrderStatus::submitted);
  CHECK(client_ids(orders.find_all()) == Ids{"e", "d", "c", "b", "a"});
  CHECK(client_ids(orders.find_orders_by_symbol("AAPL", 2)) == Ids{"e", "d"});
  CHECK(orders.find_orders_by_symbol("MSFT", 2).empty());
  CHECK(client_ids(orders.find_by_status(OrderStatus::submitted)) == Ids{"b"});
  CHECK(client_ids(orders.find_all({.order = {{"price"}}, .limit = 2, .offset = 1})) ==
        Ids{"d", "c"});
  CHECK(client_ids(orders.find_all({.order = {{"side", SortOrder::descending}, {"created_at"}}})) ==
        Ids{"b", "d", "a", "c", "e"});
  CHECK(client_ids(orders.find_all(
            {.conditions = {{"price", Comparison::between, {96, Decimal{985, -1}}},
                            {"client_order_id", Comparison::in, {"a", "b", "c"}}}})) ==
        Ids{"c", "b"});
  CHECK(client_ids(orders.find_all({.order = {{"submitted_at"}}})) == Ids{"b", "e", "d", "c", "a"});
  CHECK(orders.find_all({.conditions = {is("submitted_at", QueryValue{})}}).size() == 4);
  CHECK(orders.find_all({.limit = 0}).empty());
  check_refused(ErrorCode::not_found, {"'main.orders'", "did you mean 'symbol'?"},
                [&] { orders.find_all({.conditions = {is("symbl", "AAPL")}}); });
  check_refused(ErrorCode::not_found, {"'main.orders'"},
                [&] { orders.find_all({.order = {{"venue"}}}); });
  check_refused(ErrorCode::invalid_argument, {"'price'", "a Decimal or a whole number"},
                [&] { orders.find_all({.conditions = {is("price", "150")}}); });
  check_refused(ErrorCode::invalid_argument, {"limit -1"}, [&] { orders.find_all({.limit = -1}); });
}

TEST_CASE_TEMPLATE("a bracket's legs are its children", Contract, TAPEDECK_BOTH_LEDGERS) {
  Contract contract;
  OrderRepository& orders = (*contract).orders();
  NewOrder entry = order_of(OrderSide::buy, "10", "entry");
  entry.strategy_id = "swing";
  const std::vector<Order> bracket = orders.create_bracket(
      {.entry = entry, .take_profit = amount("160"), .stop_loss = amount("140")});
  REQUIRE(bracket.size() == 3);
  CHECK(orders.find_children(bracket[0].order_id).size() == 2);
  CHECK(orders.find_by_correlation_id(bracket[0].correlation_id).size() == 3);
  CHECK(orders.find_by_strategy("swing").size() == 3);
  CHECK(orders.find_by_strategy("scalp").empty());
}

TEST_CASE_TEMPLATE("an order is updated as far as it can be", Contract, TAPEDECK_BOTH_LEDGERS) {
  Contract contract;
  LedgerRepositories& ledger = *contract;
  OrderRepository& orders = ledger.orders();
  Order order = created_at(ledger, "a", 1, "150");
  CHECK(orders.update(order) == order);
  order.price = amount("151");
  order.status = OrderStatus::submitted;
  order.venue_order_id = "v-1";
  order.updated_at = at_ms(77);
  const Order after = orders.update(order);
  CHECK(after.price == amount("151"));
  CHECK(after.status == OrderStatus::submitted);
  CHECK(after.venue_order_id == "v-1");
  CHECK(after.submitted_at == at_ms(77));
  CHECK(orders.find_by_id(order.order_id) == after);
  Order other = after;
  other.filled_quantity = amount("1");
  check_refused(ErrorCode::unsupported, {"'a'", "another filled_quantity", "FillRepository"},
                [&] { orders.update(other); });
  other = after;
  other.price.reset();
  check_refused(ErrorCode::unsupported, {"another price"}, [&] { orders.update(other); });
  other = after;
  other.status = OrderStatus::pending;
  check_refused(ErrorCode::invalid_argument, {"cannot become pending"},
                [&] { orders.update(other); });
  // It was amended since; told once more as it was created it is still the same.
  CHECK(created_at(ledger, "a", 1, "150") == after);
}

TEST_CASE_TEMPLATE("fills are found, amended and taken back", Contract, TAPEDECK_BOTH_LEDGERS) {
  Contract contract;
  LedgerRepositories& ledger = *contract;
  FillRepository& fills = ledger.fills();
  const Order buy = ledger.orders().create_order(order_of(OrderSide::buy, "10", "b"));
  const Order sell = ledger.orders().create_order(order_of(OrderSide::sell, "10", "s"));
  const Fill first = fills.create_trade(fill_of(buy, "10", "100", 1'000));
  const Fill second = fills.create_trade(fill_of(sell, "4", "110", 3'000));
  // It comes late, and is folded in where it belongs.
  const Fill late = fills.create_trade(fill_of(sell, "2", "90", 2'000));
  CHECK(fills.find_all() == std::vector{second, late, first});
  CHECK(fills.find_by_symbol("AAPL", {at_ms(1'000), at_ms(3'000)}) == std::vector{late, first});
  CHECK(fills.find_all({.conditions = {is("realised_pnl", Decimal{-20, 0})}}) == std::vector{late});
  CHECK(fills.find_all({.conditions = {{"closed_quantity", Comparison::greater, {0}}},
                        .order = {{"closed_quantity"}}}) == std::vector{late, second});
  const auto held = [&] { return ledger.positions().find_current({}).at(0).position; };
  CHECK(held().quantity == amount("4"));
  CHECK(held().realised_pnl == amount("20"));

  Fill better = second;
  better.price = amount("120");
  CHECK(fills.update(better) == better);
  CHECK(held().realised_pnl == amount("60"));
  fills.bust(late.fill_id, "venue");
  CHECK(held().quantity == amount("6"));
  CHECK_FALSE(fills.find_by_id(late.fill_id));
  CHECK(fills.find_by_id(second.fill_id) == better);
  CHECK(ledger.orders().find_by_client_id("s")->filled_quantity == amount("4"));
  check_refused(ErrorCode::not_found, {"no fill", "that counts"},
                [&] { fills.bust(late.fill_id, "again"); });
  check_refused(ErrorCode::not_found, {"no fill"}, [&] { fills.update(late); });
  check_refused(ErrorCode::not_found, {"no fill"}, [&] { fills.remove(late.fill_id); });
  check_refused(ErrorCode::unsupported, {"bust("}, [&] { fills.remove(first.fill_id); });
}

TEST_CASE_TEMPLATE("positions are valued, and their past is kept", Contract,
                   TAPEDECK_BOTH_LEDGERS) {
  Contract contract;
  LedgerRepositories& ledger = *contract;
  PositionRepository& positions = ledger.positions();
  const Order buy = ledger.orders().create_order(order_of(OrderSide::buy, "10", "b"));
  const Fill fill = ledger.fills().create_trade(fill_of(buy, "10", "100", 1'000));
  const std::vector<PositionSnapshot> marked =
      positions.mark_to_market({{.instrument = kApple, .at = at_ms(2'000), .price = amount("110")},
                                {.instrument = kApple, .at = at_ms(3'000), .price = amount("90")}});
  REQUIRE(marked.size() == 1);
  CHECK(unrealised_pnl(marked[0].position, *marked[0].position.mark) == amount("-100"));
  CHECK(marked[0].position.max_drawdown == amount("200"));
  const std::vector<PositionSnapshot> past = positions.history({.symbol = "AAPL"}, {}, 10);
  REQUIRE(past.size() == 3);
  CHECK(past[0].at == at_ms(3'000));
  CHECK(past[2].fill_id == fill.fill_id);
  CHECK(positions.history({}, {at_ms(1'000), at_ms(2'000)}, 10).size() == 1);
  CHECK(positions.history({}, {}, 2).size() == 2);
  CHECK(positions.find_by_id(past[1].position_id)->at == at_ms(2'000));
  CHECK_FALSE(positions.find_by_id(99));
  const auto found = [&](QueryCondition condition) {
    return positions.find_all({.conditions = {std::move(condition)}}).size();
  };
  CHECK(found(is("unrealised_pnl_pct", Decimal{10, 0})) == 1);
  CHECK(found(is("market_value", 900)) == 1);
  CHECK(found({"snapshot_time", Comparison::at_most, {at_ms(2'000)}}) == 2);
  check_refused(ErrorCode::unsupported, {"update_from_trade"}, [&] { positions.remove(1); });
  check_refused(ErrorCode::unsupported, {"record a fill"}, [&] { positions.create(past[0]); });
  check_refused(ErrorCode::not_found, {"'main.positions'"},
                [&] { found(is("unrealized_pnl_percent_of_all", 1)); });
}

TEST_CASE_TEMPLATE("snapshots of the account are taken and kept", Contract, TAPEDECK_BOTH_LEDGERS) {
  Contract contract;
  LedgerRepositories& ledger = *contract;
  PortfolioRepository& portfolio = ledger.portfolio();
  const Order buy = ledger.orders().create_order(order_of(OrderSide::buy, "10", "b"));
  ledger.fills().create_trade(fill_of(buy, "10", "100", 1'000));
  const Timestamp day = at_ms(86'400'000);
  const PortfolioSnapshot first = portfolio.take_snapshot(amount("500"), {.at = at_ms(2'000)});
  CHECK(first.portfolio_value == amount("1500"));
  CHECK(first.long_positions == 1);
  ledger.positions().mark_to_market(
      {{.instrument = kApple, .at = at_ms(3'000), .price = amount("80")}});
  const PortfolioSnapshot second =
      portfolio.take_snapshot(amount("500"), {.kind = SnapshotKind::eod, .at = day});
  CHECK(second.daily_pnl == amount("-200"));
  CHECK(second.max_drawdown == amount("200"));
  CHECK(portfolio.latest() == second);
  CHECK(portfolio.find_by_id({at_ms(2'000), SnapshotKind::manual}) == first);
  CHECK_FALSE(portfolio.find_by_id({at_ms(2'000), SnapshotKind::eod}));
  CHECK(portfolio.find_all() == std::vector{second, first});
  CHECK(portfolio.find_all({.conditions = {is("snapshot_type", "eod")}}) == std::vector{second});
  CHECK(portfolio.find_all({.conditions = {is("daily_pnl_pct", Decimal{-133'333, -4})}}) ==
        std::vector{second});
  CHECK(portfolio.create(first) == first);
  PortfolioSnapshot other = first;
  other.cash_balance = amount("1");
  check_refused(ErrorCode::conflict, {"another manual snapshot"}, [&] { portfolio.create(other); });
  check_refused(ErrorCode::unsupported, {"stays"}, [&] { portfolio.update(other); });
  check_refused(ErrorCode::not_found, {"no eod snapshot"}, [&] {
    portfolio.remove({at_ms(1), SnapshotKind::eod});
  });
  check_refused(ErrorCode::invalid_argument, {"metadata"},
                [&] { portfolio.take_snapshot(amount("1"), {.metadata = "[]"}); });
}

TEST_CASE_TEMPLATE("a snapshot is known by its time and its kind", Contract,
                   TAPEDECK_BOTH_LEDGERS) {
  Contract contract;
  PortfolioRepository& portfolio = (*contract).portfolio();
  const SnapshotKind kinds[]{SnapshotKind::intraday, SnapshotKind::eod, SnapshotKind::manual};
  for (const SnapshotKind kind : kinds)
    portfolio.take_snapshot(amount("100"), {.kind = kind, .at = at_ms(7)});
  CHECK(portfolio.find_all().size() == 3);
  for (const SnapshotKind kind : kinds) {
    CAPTURE(to_text(kind));
    REQUIRE(portfolio.find_by_id({at_ms(7), kind}));
    CHECK(portfolio.find_by_id({at_ms(7), kind})->kind == kind);
    check_refused(ErrorCode::conflict, {"another", to_text(kind)},
                  [&] { portfolio.take_snapshot(amount("101"), {.kind = kind, .at = at_ms(7)}); });
  }
  CHECK(portfolio.find_all().size() == 3);
}

TEST_CASE("a store that was opened for reading has no repositories") {
  TempStore store;
  store.reopen(OpenMode::read);
  check_refused(ErrorCode::read_only, {"for reading only"}, [&] { ledger_repositories(*store); });
}

}  // namespace
}  // namespace tapedeck
