#include "ledger/ledger_views.hpp"
#include "ledger/repository_fixture.hpp"

#include <algorithm>
#include <random>

namespace tapedeck {
namespace {

using test::at_ms;
using test::created_at;
using test::fill_of;
using test::kApple;
using test::TempStore;

// The same calls to both, at random; afterwards every column of every view gives the same rows.
class Twins {
 public:
  explicit Twins(uint64_t seed) : random_{seed} {}

  void act() {
    switch (below(6)) {
      case 0: create(); break;
      case 1: move(); break;
      case 2:
      case 3: fill(); break;
      case 4: correct(); break;
      default: mark();
    }
  }
  LedgerRepositories& stored() { return *stored_; }
  LedgerRepositories& memory() { return *memory_; }

 private:
  int64_t below(int64_t n) { return std::uniform_int_distribution<int64_t>{0, n - 1}(random_); }
  Timestamp some_time() { return at_ms(1'000 + below(50)); }

  template <typename Work>
  void both(const Work& work) {
    const auto outcome = [&](LedgerRepositories& ledger) -> std::string {
      try {
        work(ledger);
        return "done";
      } catch (const Error& error) {
        return error.what();
      }
    };
    CHECK(outcome(*stored_) == outcome(*memory_));
  }
  Order* some_order() {
    return orders_.empty()
               ? nullptr
               : &orders_[static_cast<size_t>(below(static_cast<int64_t>(orders_.size())))];
  }
  void create() {
    NewOrder order{.instrument = below(3) == 0 ? InstrumentName{"alpaca", "MSFT"} : kApple,
                   .side = below(2) == 0 ? OrderSide::buy : OrderSide::sell,
                   .quantity = Amount::whole(1 + below(9)),
                   .order_id = random_uuid(),
                   .client_order_id = std::to_string(below(30)),
                   .created_at = some_time(),
                   .correlation_id = random_uuid()};
    if (below(2) == 0) order.strategy_id = "s" + std::to_string(below(2));
    if (below(2) == 0) order.price = Amount::whole(90 + below(20));
    both([&](LedgerRepositories& ledger) {
      orders_.push_back(ledger.orders().create_order(order));
    });
  }
  void move() {
    const Order* const order = some_order();
    if (order == nullptr) return;
    const auto status = static_cast<OrderStatus>(below(6));
    const Timestamp at = some_time();
    both([&](LedgerRepositories& ledger) {
      ledger.orders().update_status(order->order_id, status, {.at = at});
    });
  }
  void fill() {
    const Order* const order = some_order();
    if (order == nullptr) return;
    NewFill fill = fill_of(*order, std::to_string(1 + below(4)), std::to_string(90 + below(20)), 0,
                           std::to_string(below(200)));
    fill.executed_at = some_time();
    fill.reported_at = some_time();
    fill.commission = Amount::whole(below(3));
    if (below(3) == 0) fill.fee_currency = "BNB";
    both([&](LedgerRepositories& ledger) { fills_.push_back(ledger.fills().create_trade(fill)); });
  }
  void correct() {
    if (fills_.empty()) return;
    Fill fill = fills_[static_cast<size_t>(below(static_cast<int64_t>(fills_.size())))];
    const bool amends = below(2) == 0;
    fill.price = Amount::whole(90 + below(20));
    both([&](LedgerRepositories& ledger) {
      if (amends) {
        ledger.fills().amend(fill, "test");
      } else {
        ledger.fills().bust(fill.fill_id, "test");
      }
    });
  }
  void mark() {
    const PositionMark mark{kApple, some_time(), Amount::whole(90 + below(20))};
    both([&](LedgerRepositories& ledger) { ledger.positions().mark_to_market({mark}); });
  }

  std::mt19937_64 random_;
  TempStore store_;
  std::unique_ptr<LedgerRepositories> stored_ = ledger_repositories(*store_);
  std::unique_ptr<LedgerRepositories> memory_ = memory_ledger_repositories();
  std::vector<Order> orders_;
  std::vector<Fill> fills_;
};

// Without what the clock made.
Order timeless(Order order) {
  order.updated_at.reset();
  return order;
}

TEST_CASE("random calls leave the store and memory alike") {
  Twins twins{9};
  for (int i = 0; i < 250; ++i)
    twins.act();
  for (const ViewColumn& column : order_view().shape().columns) {
    for (const SortOrder order : {SortOrder::ascending, SortOrder::descending}) {
      CAPTURE(column.name);
      const QueryFilter filter{.order = {{column.name, order}}, .limit = 40, .offset = 3};
      std::vector<Order> stored = twins.stored().orders().find_all(filter);
      std::vector<Order> memory = twins.memory().orders().find_all(filter);
      std::ranges::transform(stored, stored.begin(), timeless);
      std::ranges::transform(memory, memory.begin(), timeless);
      if (column.name != "updated_at") CHECK(stored == memory);
    }
  }
  for (const ViewColumn& column : fill_view().shape().columns) {
    CAPTURE(column.name);
    const QueryFilter filter{.order = {{column.name, SortOrder::descending}}};
    CHECK(twins.stored().fills().find_all(filter) == twins.memory().fills().find_all(filter));
  }
  const auto positions = [](LedgerRepositories& ledger, const std::string& column) {
    std::vector<Position> result;
    const QueryFilter filter{.order = {{column}, {"snapshot_time"}, {"symbol"}, {"strategy_id"}}};
    for (const PositionSnapshot& row : ledger.positions().find_all(filter))
      result.push_back(row.position);
    return result;
  };
  CHECK(positions(twins.stored(), "symbol").size() > 50);
  for (const ViewColumn& column : position_view().shape().columns) {
    if (column.name == "position_id") continue;
    CAPTURE(column.name);
    CHECK(positions(twins.stored(), column.name) == positions(twins.memory(), column.name));
  }
}

}  // namespace
}  // namespace tapedeck
