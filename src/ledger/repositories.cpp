#include "tapedeck/ledger/repositories.hpp"

#include "ledger/entry_checks.hpp"
#include "ledger/entry_making.hpp"
#include "ledger/ledger_door.hpp"
#include "ledger/ledger_unit.hpp"
#include "ledger/ledger_views.hpp"
#include "store/core.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

QueryCondition is(std::string column, QueryValue value) {
  return {
      .column = std::move(column), .comparison = Comparison::equal, .values = {std::move(value)}};
}

void add_range(std::vector<QueryCondition>& conditions, const std::string& column,
               const TimeRange& range) {
  if (range.begin != TimeRange{}.begin) {
    conditions.push_back({column, Comparison::at_least, {range.begin}});
  }
  if (range.end != TimeRange{}.end) conditions.push_back({column, Comparison::less, {range.end}});
}

[[noreturn]] void fail_unsupported(const std::string& reason) {
  throw Error{ErrorCode::unsupported, reason};
}

template <typename T>
std::optional<T> if_other(const std::optional<T>& wanted, const std::optional<T>& before) {
  return wanted != before ? wanted : std::nullopt;
}

// What makes the order before the one that is wanted. Error{unsupported} when nothing does.
std::vector<OrderEntry> changes_of(const Order& before, const Order& wanted) {
  const Timestamp at =
      if_other(wanted.updated_at, before.updated_at).value_or(to_change({}, before.status, {}).at);
  const OrderAmendment amendment{
      .order_id = before.order_id,
      .at = at,
      .quantity = if_other(std::optional{wanted.quantity}, std::optional{before.quantity}),
      .price = if_other(wanted.price, before.price),
      .stop_price = if_other(wanted.stop_price, before.stop_price)};
  const StatusChange change{
      .order_id = before.order_id,
      .status = wanted.status,
      .at = at,
      .message = if_other(wanted.status_message, before.status_message),
      .venue_order_id = if_other(wanted.venue_order_id, before.venue_order_id)};
  OrderRow after{.order = before, .source = {}};
  OrderRow asked{.order = wanted, .source = {}};
  std::vector<OrderEntry> entries;
  if (amendment.quantity || amendment.price || amendment.stop_price) {
    entries.emplace_back(amendment);
    apply(after.order, amendment);
  }
  if (change.status != before.status || change.message || change.venue_order_id) {
    entries.emplace_back(change);
    apply(after.order, change);
  }
  asked.order.submitted_at = after.order.submitted_at;
  asked.order.updated_at = after.order.updated_at;
  asked.order.filled_at = after.order.filled_at;
  if (const auto other = order_view().difference(after, asked)) {
    fail_unsupported(
        fmt::format("order '{}' cannot be given another {}: what is filled follows from its fills, "
                    "which FillRepository records; for other terms cancel it and create another",
                    before.client_order_id, *other));
  }
  return entries;
}

class Orders final : public OrderRepository {
 public:
  Orders(LedgerDoor& door, const std::string& source) : door_{door}, source_{source} {}

  Order create(const Order& order) override { return record({order}).front(); }
  Order create_order(const NewOrder& order) override { return record({to_order(order)}).front(); }
  std::vector<Order> create_bracket(const Bracket& bracket) override {
    return record(to_entries(bracket));
  }
  Order update_status(const Uuid& order_id, OrderStatus status,
                      const StatusOptions& options) override {
    return record({to_change(order_id, status, options)}).front();
  }
  Order update(const Order& order) override {
    const std::optional<Order> before = door_.order_by_id(order.order_id);
    if (!before) fail_unknown_order(order.order_id);
    std::vector<OrderEntry> entries = changes_of(*before, order);
    return entries.empty() ? *before : record(std::move(entries)).back();
  }
  void remove(const Uuid& order_id) override {
    if (!door_.order_by_id(order_id)) fail_unknown_order(order_id);
    fail_unsupported(
        fmt::format("order {} stays in the ledger, where nothing is deleted; "
                    "cancel it: update_status(order_id, OrderStatus::cancelled)",
                    to_text(order_id)));
  }
  std::optional<Order> find_by_id(const Uuid& order_id) const override {
    return door_.order_by_id(order_id);
  }
  std::optional<Order> find_by_client_id(const std::string& client_order_id) const override {
    return door_.order_by_client_id(client_order_id);
  }
  std::vector<Order> find_all(const QueryFilter& filter) const override {
    return door_.orders(filter);
  }

 private:
  std::vector<Order> record(std::vector<OrderEntry> entries) {
    for (const OrderEntry& entry : entries)
      check(entry);
    return door_.write(OrderRows{.source = source_, .entries = std::move(entries)});
  }

  // Constant after construction
  LedgerDoor& door_;
  const std::string& source_;
};

class Fills final : public FillRepository {
 public:
  Fills(LedgerDoor& door, const std::string& source) : door_{door}, source_{source} {}

  Fill create(const Fill& fill) override {
    check(fill);
    return record({fill});
  }
  Fill create_trade(const NewFill& fill) override {
    const std::optional<Order> order = door_.order_by_id(fill.order_id);
    if (!order) fail_unknown_order(fill.order_id);
    return create(to_fill(fill, *order));
  }
  Fill update(const Fill& fill) override { return amend(fill, "update"); }
  Fill amend(const Fill& fill, const std::string& reason) override {
    check(fill);
    return record(to_amendment(fill, reason));
  }
  void bust(const Uuid& fill_id, const std::string& reason) override {
    record(to_bust(fill_id, reason));
  }
  void remove(const Uuid& fill_id) override {
    if (!find_by_id(fill_id)) fail_unknown_fill(fill_id);
    fail_unsupported(
        fmt::format("fill {} stays in the ledger, where nothing is deleted; when the "
                    "venue took it back, say bust(fill_id, reason)",
                    to_text(fill_id)));
  }
  std::optional<Fill> find_by_id(const Uuid& fill_id) const override {
    std::vector<Fill> found = find_all({.conditions = {is("fill_id", to_text(fill_id))}});
    return found.empty() ? std::nullopt : std::optional{std::move(found.front())};
  }
  std::vector<Fill> find_all(const QueryFilter& filter) const override {
    return door_.fills(filter);
  }

 private:
  Fill record(FillEntry entry) {
    return door_.write(FillRows{.source = source_, .entries = {std::move(entry)}}).front();
  }

  // Constant after construction
  LedgerDoor& door_;
  const std::string& source_;
};

class Positions final : public PositionRepository {
 public:
  Positions(LedgerDoor& door, const std::string& source) : door_{door}, source_{source} {}

  PositionSnapshot create(const PositionSnapshot& /*entity*/) override { refuse(); }
  PositionSnapshot update(const PositionSnapshot& /*entity*/) override { refuse(); }
  void remove(const int64_t& /*id*/) override { refuse(); }

  PositionSnapshot update_from_trade(const Fill& fill) override {
    check(fill);
    const Uuid fill_id =
        door_.write(FillRows{.source = source_, .entries = {fill}}).front().fill_id;
    std::optional<PositionSnapshot> after = door_.find_position_after(fill_id);
    if (!after) fail_unknown_fill(fill_id);  // it was taken back
    return std::move(*after);
  }
  std::vector<PositionSnapshot> mark_to_market(const std::vector<PositionMark>& prices) override {
    door_.write(MarkRows{.source = source_, .entries = prices});
    std::vector<PositionSnapshot> held = find_current({});
    std::erase_if(held, [&](const PositionSnapshot& row) {
      return std::ranges::find(prices, row.key.instrument, &PositionMark::instrument) ==
             prices.end();
    });
    return held;
  }
  std::vector<PositionSnapshot> find_current(const PositionFilter& filter) const override {
    std::vector<PositionSnapshot> held = door_.positions_at(Timestamp::max());
    std::erase_if(held, [&](const PositionSnapshot& row) {
      return !is_meant(row.key, filter) ||
             (!filter.flat_too && side_of(row.position) == PositionSide::flat);
    });
    return held;
  }
  std::vector<PositionSnapshot> history(const PositionFilter& filter, const TimeRange& range,
                                        int64_t limit) const override {
    return door_.history(filter, range, limit);
  }
  std::optional<PositionSnapshot> find_by_id(const int64_t& position_id) const override {
    return door_.find_position(position_id);
  }
  std::vector<PositionSnapshot> find_all(const QueryFilter& filter) const override {
    return door_.positions(filter);
  }

 private:
  [[noreturn]] static void refuse() {
    fail_unsupported(
        "a position follows from its fills and cannot be written; record a fill with "
        "update_from_trade(fill), or a price with mark_to_market(prices)");
  }

  // Constant after construction
  LedgerDoor& door_;
  const std::string& source_;
};

class Portfolio final : public PortfolioRepository {
 public:
  Portfolio(LedgerDoor& door, const std::string& source) : door_{door}, source_{source} {}

  PortfolioSnapshot create(const PortfolioSnapshot& snapshot) override {
    check_metadata(snapshot.metadata, "a portfolio snapshot");
    door_.write(PortfolioRows{.source = source_, .entries = {snapshot}});
    return snapshot;
  }
  PortfolioSnapshot update(const PortfolioSnapshot& snapshot) override {
    refuse({.at = snapshot.at, .kind = snapshot.kind});
  }
  void remove(const PortfolioKey& key) override { refuse(key); }

  PortfolioSnapshot take_snapshot(Amount cash_balance, const SnapshotOptions& options) override {
    PortfolioSnapshot snapshot = to_snapshot(cash_balance, options);
    add_positions(snapshot, door_.positions_at(snapshot.at));
    compare_with(snapshot, last_before(snapshot.at), last_before(day_of(snapshot.at)));
    return create(snapshot);
  }
  std::optional<PortfolioSnapshot> find_by_id(const PortfolioKey& key) const override {
    return only({is("snapshot_time", key.at), is("snapshot_type", std::string{to_text(key.kind)})});
  }
  std::vector<PortfolioSnapshot> find_all(const QueryFilter& filter) const override {
    return door_.snapshots(filter);
  }

 private:
  // The newest that meets them.
  std::optional<PortfolioSnapshot> only(std::vector<QueryCondition> conditions) const {
    std::vector<PortfolioSnapshot> found =
        door_.snapshots({.conditions = std::move(conditions), .limit = 1});
    return found.empty() ? std::nullopt : std::optional{std::move(found.front())};
  }
  std::optional<PortfolioSnapshot> last_before(Timestamp at) const {
    return only({{"snapshot_time", Comparison::less, {at}}});
  }
  [[noreturn]] void refuse(const PortfolioKey& key) const {
    if (!find_by_id(key)) {
      throw Error{ErrorCode::not_found, fmt::format("the ledger has no {} snapshot of {}",
                                                    to_text(key.kind), to_iso(key.at))};
    }
    fail_unsupported(
        fmt::format("the {} snapshot of {} says what was known then and stays; take "
                    "another one",
                    to_text(key.kind), to_iso(key.at)));
  }

  // Constant after construction
  LedgerDoor& door_;
  const std::string& source_;
};

class Repositories final : public LedgerRepositories {
 public:
  Repositories(std::unique_ptr<LedgerDoor> door, std::string source)
      : source_{std::move(source)}, door_{std::move(door)} {}

  OrderRepository& orders() override { return orders_; }
  FillRepository& fills() override { return fills_; }
  PositionRepository& positions() override { return positions_; }
  PortfolioRepository& portfolio() override { return portfolio_; }
  void transaction(const std::function<void(LedgerUnit&)>& work) override {
    run_unit(*door_, source_, work);
  }

 private:
  // Constant after construction
  std::string source_;
  std::unique_ptr<LedgerDoor> door_;
  Orders orders_{*door_, source_};
  Fills fills_{*door_, source_};
  Positions positions_{*door_, source_};
  Portfolio portfolio_{*door_, source_};
};

}  // namespace

std::vector<Order> OrderRepository::find_orders_by_symbol(const std::string& symbol,
                                                          int64_t limit) const {
  return find_all({.conditions = {is("symbol", symbol)}, .limit = limit});
}
std::vector<Order> OrderRepository::find_by_status(OrderStatus status) const {
  return find_all({.conditions = {is("status", std::string{to_text(status)})}});
}
std::vector<Order> OrderRepository::find_by_strategy(const std::string& strategy_id) const {
  return find_all({.conditions = {is("strategy_id", strategy_id)}});
}
std::vector<Order> OrderRepository::find_by_correlation_id(const Uuid& correlation_id) const {
  return find_all({.conditions = {is("correlation_id", to_text(correlation_id))}});
}
std::vector<Order> OrderRepository::find_children(const Uuid& parent_order_id) const {
  return find_all({.conditions = {is("parent_order_id", to_text(parent_order_id))}});
}

std::vector<Fill> FillRepository::find_by_order(const Uuid& order_id) const {
  return find_all({.conditions = {is("order_id", to_text(order_id))}});
}
std::vector<Fill> FillRepository::find_by_symbol(const std::string& symbol,
                                                 const TimeRange& executed) const {
  QueryFilter filter{.conditions = {is("symbol", symbol)}};
  add_range(filter.conditions, "executed_at", executed);
  return find_all(filter);
}

std::vector<PositionSnapshot> PositionRepository::find_by_symbol(const std::string& symbol) const {
  return find_current({.symbol = symbol});
}

std::optional<PortfolioSnapshot> PortfolioRepository::latest() const {
  std::vector<PortfolioSnapshot> newest = find_all({.limit = 1});
  return newest.empty() ? std::nullopt : std::optional{std::move(newest.front())};
}

std::unique_ptr<LedgerRepositories> ledger_repositories(Store& store, std::string source) {
  if (store.core().mode() == OpenMode::read) {
    throw Error{ErrorCode::read_only,
                fmt::format("the store '{}' was opened for reading only", store.path().string())};
  }
  return std::make_unique<Repositories>(stored_ledger(store), std::move(source));
}

std::unique_ptr<LedgerRepositories> memory_ledger_repositories(std::string source) {
  return std::make_unique<Repositories>(memory_ledger(), std::move(source));
}

}  // namespace tapedeck
