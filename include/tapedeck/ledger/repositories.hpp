// Repositories of a ledger: orders, fills, positions and snapshots of the account behind interfaces
// that business code is given, over a store or in memory. Both keep the rules of Ledger.
#pragma once

#include "tapedeck/ledger/ledger.hpp"
#include "tapedeck/ledger/reading.hpp"
#include "tapedeck/store/repository.hpp"

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tapedeck {

// Columns are those of the view main.orders. The newest are those created last.
class OrderRepository : public Repository<Order, Uuid> {
 public:
  using Repository::find_all;

  // As Ledger::create_order(). create() takes an order that is whole, and pending.
  virtual Order create_order(const NewOrder& order) = 0;
  // The entry first.
  virtual std::vector<Order> create_bracket(const Bracket& bracket) = 0;
  virtual Order update_status(const Uuid& order_id, OrderStatus status,
                              const StatusOptions& options) = 0;
  Order update_status(const Uuid& order_id, OrderStatus status) {
    return update_status(order_id, status, {});
  }
  // New terms, and the status with its message and the venue's id. Error{unsupported} for any
  // other field that differs; times but `updated_at`, when it happens, are not looked at.
  Order update(const Order& order) override = 0;
  // Error{unsupported}: cancel it.
  void remove(const Uuid& order_id) override = 0;

  virtual std::optional<Order> find_by_client_id(const std::string& client_order_id) const = 0;
  // Newest first.
  std::vector<Order> find_orders_by_symbol(const std::string& symbol, int64_t limit) const;
  std::vector<Order> find_by_status(OrderStatus status) const;
  std::vector<Order> find_by_strategy(const std::string& strategy_id) const;
  std::vector<Order> find_by_correlation_id(const Uuid& correlation_id) const;
  // The legs of a bracket.
  std::vector<Order> find_children(const Uuid& parent_order_id) const;
};

// Trades of our own. Columns are those of the view main.fills. The newest are those executed last.
class FillRepository : public Repository<Fill, Uuid> {
 public:
  using Repository::find_all;

  // As Ledger::record_fill(): the order must exist. create() takes a fill that is whole, and needs
  // the instrument and side of its order.
  virtual Fill create_trade(const NewFill& fill) = 0;
  // Amends it: update() with the reason "update".
  virtual Fill amend(const Fill& fill, const std::string& reason) = 0;
  // The venue took it back.
  virtual void bust(const Uuid& fill_id, const std::string& reason) = 0;
  // Error{unsupported}: bust it.
  void remove(const Uuid& fill_id) override = 0;

  // Newest first.
  std::vector<Fill> find_by_order(const Uuid& order_id) const;
  std::vector<Fill> find_by_symbol(const std::string& symbol, const TimeRange& executed) const;
};

// What positions follow from fills: Error{unsupported} for create(), update() and remove().
// Columns are those of the view main.positions: one row each instant of a position.
class PositionRepository : public Repository<PositionSnapshot, int64_t> {
 public:
  using Repository::find_all;

  // The position after this fill. A fill that is not in the ledger yet is recorded, as by create()
  // of FillRepository.
  virtual PositionSnapshot update_from_trade(const Fill& fill) = 0;
  // Values what is held; the positions of these instruments afterwards.
  virtual std::vector<PositionSnapshot> mark_to_market(const std::vector<PositionMark>& prices) = 0;
  // What is held now of each venue and strategy.
  std::vector<PositionSnapshot> find_by_symbol(const std::string& symbol) const;
  virtual std::vector<PositionSnapshot> find_current(const PositionFilter& filter) const = 0;
  // After each fill and at each mark, newest first.
  virtual std::vector<PositionSnapshot> history(const PositionFilter& filter,
                                                const TimeRange& range, int64_t limit) const = 0;
};

struct PortfolioKey {
  Timestamp at;
  SnapshotKind kind = SnapshotKind::intraday;
  auto operator<=>(const PortfolioKey&) const = default;
};

// Columns are those of the view main.portfolio_snapshots. Error{unsupported} for update() and
// remove(): a snapshot is what was known then.
class PortfolioRepository : public Repository<PortfolioSnapshot, PortfolioKey> {
 public:
  using Repository::find_all;

  // As Ledger::take_snapshot().
  virtual PortfolioSnapshot take_snapshot(Amount cash_balance, const SnapshotOptions& options) = 0;
  PortfolioSnapshot take_snapshot(Amount cash_balance) { return take_snapshot(cash_balance, {}); }
  std::optional<PortfolioSnapshot> latest() const;
};

// Entries that are stored all together or not at all. Each call checks its entry against the
// ledger and what the unit said before, and throws as Ledger does; after an Error the unit stores
// nothing.
class LedgerUnit {
 public:
  virtual ~LedgerUnit() = default;
  virtual Order create_order(const NewOrder& order) = 0;
  virtual std::vector<Order> create_bracket(const Bracket& bracket) = 0;
  virtual Order update_status(const Uuid& order_id, OrderStatus status,
                              const StatusOptions& options) = 0;
  Order update_status(const Uuid& order_id, OrderStatus status) {
    return update_status(order_id, status, {});
  }
  virtual Order amend_order(const OrderAmendment& amendment) = 0;
  virtual Fill record_fill(const NewFill& fill) = 0;
  // As the unit leaves it.
  virtual std::optional<Order> find_order(const Uuid& order_id) = 0;
};

// The repositories of one ledger: what one of them is told the others know.
class LedgerRepositories {
 public:
  virtual ~LedgerRepositories() = default;
  virtual OrderRepository& orders() = 0;
  virtual FillRepository& fills() = 0;
  virtual PositionRepository& positions() = 0;
  virtual PortfolioRepository& portfolio() = 0;

  // Runs `work` and stores what it did as one entry of the journal: a kill leaves all of it or
  // nothing. Nothing is stored when `work` throws, which is passed on. What others wrote meanwhile
  // is checked again at the end. The ledger is not locked while `work` runs, and does not show what
  // it did before it ends.
  virtual void transaction(const std::function<void(LedgerUnit&)>& work) = 0;
};

// `store` must outlive them. Error{read_only} when it was opened for reading.
std::unique_ptr<LedgerRepositories> ledger_repositories(Store& store, std::string source = "api");
// Without a store.
std::unique_ptr<LedgerRepositories> memory_ledger_repositories(std::string source = "api");

}  // namespace tapedeck
