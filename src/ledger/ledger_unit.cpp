#include "ledger/ledger_unit.hpp"

#include "ledger/entry_checks.hpp"
#include "ledger/entry_making.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

class Unit final : public LedgerUnit {
 private:
  template <typename Work>
  auto guarded(const Work& work) {
    if (failure_) throw Error{*failure_};
    try {
      return work();
    } catch (const Error& error) {
      failure_ = error;
      throw;
    }
  }

 public:
  explicit Unit(LedgerDoor& door) : call_{door} {}

  Order create_order(const NewOrder& order) override {
    return guarded([&] { return add({to_order(order)}).front(); });
  }
  std::vector<Order> create_bracket(const Bracket& bracket) override {
    return guarded([&] { return add(to_entries(bracket)); });
  }
  Order update_status(const Uuid& order_id, OrderStatus status,
                      const StatusOptions& options) override {
    return guarded([&] { return add({to_change(order_id, status, options)}).front(); });
  }
  Order amend_order(const OrderAmendment& amendment) override {
    return guarded([&] { return add({amendment}).front(); });
  }
  Fill record_fill(const NewFill& given) override {
    return guarded([&] {
      const Order* const order = call_.find_order(given.order_id);
      if (order == nullptr) fail_unknown_order(given.order_id);
      const Fill fill = to_fill(given, *order);
      check(fill);
      Fill known = call_.add(fill);
      entries_.emplace_back(FillEntry{fill});
      return known;
    });
  }
  std::optional<Order> find_order(const Uuid& order_id) override {
    const Order* const order = call_.find_order(order_id);
    return order != nullptr ? std::optional{*order} : std::nullopt;
  }

  // Throws the Error that one of its calls had, even if `work` caught it.
  std::vector<LedgerEntry> take_entries() {
    if (failure_) throw Error{*failure_};
    return std::move(entries_);
  }

 private:
  std::vector<Order> add(const std::vector<OrderEntry>& entries) {
    std::vector<Order> orders;
    for (const OrderEntry& entry : entries) {
      check(entry);
      call_.add(entry);
      entries_.emplace_back(entry);
      orders.push_back(call_.order_of(entry));
    }
    return orders;
  }

  LedgerCall call_;
  std::vector<LedgerEntry> entries_;  // as given: they are checked again when they are written
  std::optional<Error> failure_;
};

}  // namespace

void run_unit(LedgerDoor& door, const std::string& source,
              const std::function<void(LedgerUnit&)>& work) {
  Unit unit{door};
  work(unit);
  door.write(LedgerRows{.source = source, .entries = unit.take_entries()});
}

}  // namespace tapedeck
