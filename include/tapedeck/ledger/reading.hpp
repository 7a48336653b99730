// What the ledger holds. Everything acknowledged before a call is in its answer; in one process.
#pragma once

#include "tapedeck/market/fill.hpp"
#include "tapedeck/market/order.hpp"
#include "tapedeck/market/portfolio.hpp"
#include "tapedeck/market/position.hpp"
#include "tapedeck/store/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tapedeck {

constexpr int64_t kLedgerLimit = 1'000;  // rows of an answer, unless another is asked for

// What is absent is not asked for.
struct OrderFilter {
  std::optional<std::string> venue = {};
  std::optional<std::string> symbol = {};
  std::optional<std::string> strategy_id = {};
  std::optional<OrderStatus> status = {};
  std::optional<Uuid> correlation_id = {};
  std::optional<Uuid> parent_order_id = {};
  TimeRange created = {};
  int64_t limit = kLedgerLimit;
};
// Newest first.
std::vector<Order> orders(const Store& store, const OrderFilter& filter = {});
std::optional<Order> find_order(const Store& store, const Uuid& order_id);
std::optional<Order> find_order_by_client_id(const Store& store,
                                             const std::string& client_order_id);

// A state that an order got into.
struct OrderState {
  Timestamp recorded_at;
  std::string cause;  // create, status, amend, fill, correction
  Order order;
};
// The oldest first.
std::vector<OrderState> order_history(const Store& store, const Uuid& order_id);

struct FillFilter {
  std::optional<std::string> venue = {};
  std::optional<std::string> symbol = {};
  std::optional<std::string> strategy_id = {};
  std::optional<Uuid> order_id = {};
  std::optional<Uuid> correlation_id = {};
  TimeRange executed = {};
  int64_t limit = kLedgerLimit;
};
struct FillWithEffect {
  Fill fill;
  FillEffect effect;  // on its position
};
// nullopt when it was taken back, too.
std::optional<Fill> find_fill(const Store& store, const Uuid& fill_id);
// Those that count, newest first.
std::vector<FillWithEffect> fills(const Store& store, const FillFilter& filter = {});

struct PositionFilter {
  std::optional<std::string> venue = {};
  std::optional<std::string> symbol = {};
  std::optional<std::string> strategy_id = {};
  bool flat_too = false;  // those that are closed
};
// As they are now.
std::vector<PositionSnapshot> positions(const Store& store, const PositionFilter& filter = {});
// After each fill and at each mark, newest first.
std::vector<PositionSnapshot> position_history(const Store& store, const PositionFilter& filter,
                                               const TimeRange& range,
                                               int64_t limit = kLedgerLimit);

struct PortfolioFilter {
  std::optional<SnapshotKind> kind = {};
  TimeRange taken = {};
  int64_t limit = kLedgerLimit;
};
// Newest first.
std::vector<PortfolioSnapshot> portfolio_snapshots(const Store& store,
                                                   const PortfolioFilter& filter = {});

// The ledger as it stood when nothing recorded after `at` was known: corrections that came later
// are not in it.
struct LedgerState {
  std::vector<Order> orders;
  std::vector<Fill> fills;                  // by rising time
  std::vector<PositionSnapshot> positions;  // the last of each, flat ones too; without marks
};
LedgerState ledger_as_known_at(const Store& store, Timestamp at);

// What positions are after these fills, by the rule; `fills` in any order.
enum class CostRule { average, fifo };
std::vector<PositionSnapshot> fold_positions(std::vector<Fill> fills, CostRule rule);

}  // namespace tapedeck
