#include "ledger/ledger_unit.hpp"

#include "ledger/repository_fixture.hpp"
#include "sql_rows.hpp"
#include "thrown.hpp"

namespace tapedeck {
namespace {

using test::amount;
using test::at_ms;
using test::check_refused;
using test::client_ids;
using test::created_at;
using test::fill_of;
using test::Ids;
using test::order_of;
using test::sql_line;
using test::TempStore;

TEST_CASE_TEMPLATE("a unit stores all of its entries", Contract, TAPEDECK_BOTH_LEDGERS) {  // RP-09
  Contract contract;
  LedgerRepositories& ledger = *contract;
  Order order;
  ledger.transaction([&](LedgerUnit& unit) {
    order = unit.create_order(order_of(OrderSide::buy, "100", "a"));
    unit.update_status(order.order_id, OrderStatus::submitted);
    unit.amend_order({.order_id = order.order_id, .at = at_ms(1), .quantity = amount("50")});
    unit.record_fill(fill_of(order, "50", "150.50", 1'000, "t1"));
    CHECK(unit.find_order(order.order_id)->status == OrderStatus::filled);
    CHECK_FALSE(ledger.orders().find_by_id(order.order_id));
  });
  CHECK(ledger.orders().find_by_id(order.order_id)->status == OrderStatus::filled);
  CHECK(ledger.positions().find_current({}).at(0).position.quantity == amount("50"));
  // A second time it is there already.
  ledger.transaction([&](LedgerUnit& unit) {
    unit.create_order(order_of(OrderSide::buy, "100", "a"));
    unit.record_fill(fill_of(order, "50", "150.50", 1'000, "t1"));
  });
  CHECK(ledger.fills().find_all().size() == 1);
  ledger.transaction([](LedgerUnit&) {});
}

TEST_CASE_TEMPLATE("a unit that fails stores nothing", Contract,
                   TAPEDECK_BOTH_LEDGERS) {  // TE-24, WR-16
  Contract contract;
  LedgerRepositories& ledger = *contract;
  struct Stop {};
  const auto half = [](LedgerUnit& unit) {
    const Order order = unit.create_order(order_of(OrderSide::buy, "10", "a"));
    unit.record_fill(fill_of(order, "4", "1", 1));
    return order;
  };
  CHECK_THROWS_AS(ledger.transaction([&](LedgerUnit& unit) {
    half(unit);
    throw Stop{};
  }),
                  Stop);
  check_refused(ErrorCode::invalid_argument, {"more than the 6"}, [&] {
    ledger.transaction(
        [&](LedgerUnit& unit) { unit.record_fill(fill_of(half(unit), "7", "1", 2)); });
  });
  // Also when the Error is caught on the way.
  check_refused(ErrorCode::not_found, {"record the order before"}, [&] {
    ledger.transaction([&](LedgerUnit& unit) {
      half(unit);
      CHECK_THROWS_AS(unit.update_status({}, OrderStatus::submitted), Error);
    });
  });
  CHECK(ledger.orders().find_all().empty());
  CHECK(ledger.fills().find_all().empty());
  CHECK(ledger.positions().find_all().empty());

  // What others wrote meanwhile is met at the end.
  check_refused(ErrorCode::conflict, {"'a'", "other terms"}, [&] {
    ledger.transaction([&](LedgerUnit& unit) {
      half(unit);
      created_at(ledger, "a", 1, "150");
    });
  });
  CHECK(ledger.fills().find_all().empty());
  CHECK(client_ids(ledger.orders().find_all()) == Ids{"a"});
}

TEST_CASE("a unit is one frame of the journal, and is there after opening again") {
  TempStore store;
  {
    const auto ledger = ledger_repositories(*store, "desk");
    ledger->transaction([](LedgerUnit& unit) {
      const Order order = unit.create_order(order_of(OrderSide::buy, "10", "a"));
      unit.update_status(order.order_id, OrderStatus::submitted);
      unit.record_fill(fill_of(order, "4", "1", 1));
      unit.record_fill(fill_of(order, "6", "2", 2));
    });
    CHECK(ledger->orders().find_all().size() == 1);
  }
  store.reopen(OpenMode::write);
  CHECK(sql_line(*store, "SELECT client_order_id, status, filled_quantity, source FROM orders") ==
        "a filled 10 desk");
  CHECK(sql_line(*store,
                 "SELECT count(DISTINCT entry >> 20), count(DISTINCT entry), min(entry % 1048576), "
                 "max(entry % 1048576) FROM (SELECT entry FROM ledger.order_entries UNION ALL "
                 "SELECT entry FROM ledger.fill_entries)") == "1 4 0 3");
  CHECK(sql_line(*store, "SELECT kind FROM ledger.order_entries ORDER BY entry") ==
        "create; status; fill; fill");
}

}  // namespace
}  // namespace tapedeck
