// LedgerCall: entries of one call, each checked against what the ledger knew and what the call said
// before it. Whoever keeps a ledger asks it what to journal.
#pragma once

#include "tapedeck/market/ledger_entry.hpp"
#include "tapedeck/market/portfolio.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace tapedeck {

// Error{not_found}
[[noreturn]] void fail_unknown_order(const Uuid& id);
[[noreturn]] void fail_unknown_fill(const Uuid& id);
// Error{conflict}
[[noreturn]] void fail_other_snapshot(const PortfolioSnapshot& snapshot);

// Both sides of a trade with oneself have one number of the venue. The fill has one.
std::string trade_key(const Fill& fill);
// The id of a fill that has none of its own, from its number of the venue.
Uuid id_of_trade(const Fill& fill);

// What a ledger knew before a call.
class LedgerFacts {
 public:
  virtual ~LedgerFacts() = default;
  virtual std::optional<Order> order_by_id(const Uuid& id) = 0;
  virtual std::optional<Order> order_by_client_id(const std::string& client_order_id) = 0;
  // As it was before anything happened to it.
  virtual std::optional<Order> order_as_created(const Uuid& id) = 0;
  // The fill with the id of this one, else with its number of the venue; as it was said first.
  virtual std::optional<Fill> fill_like(const Fill& fill) = 0;
};

class LedgerCall {
 public:
  using Orders = std::unordered_map<Uuid, Order, UuidHash>;

  // `facts` must outlive it.
  explicit LedgerCall(LedgerFacts& facts) : facts_{facts} {}

  // What is there already, equal, is left out. Errors: not_found, conflict, invalid_argument; the
  // call is then as it was before.
  void add(const OrderEntry& entry);
  // As it is in the ledger. Corrections are none of a call's business.
  Fill add(const Fill& offered);

  // As the call leaves it; nullptr for one that is nowhere.
  const Order* find_order(const Uuid& id);
  // Of an entry that was added.
  const Order& order_of(const OrderEntry& entry) const;
  const Orders& orders() const { return orders_; }  // that it has looked at
  // What is to be journalled, in its order.
  const std::vector<LedgerEntry>& news() const { return news_; }

 private:
  Order* known(const Uuid& id);
  std::optional<Order> order_with(const Order& offered);
  bool is_stored(const Order& offered);
  std::optional<Fill> fill_with(const Fill& offered);

  LedgerFacts& facts_;
  Orders orders_;
  std::unordered_map<std::string, Uuid> client_ids_;
  std::unordered_map<Uuid, Fill, UuidHash> fills_;  // of the call
  std::unordered_map<std::string, Uuid> trades_;    // of those, by trade_key()
  std::vector<LedgerEntry> news_;
};

}  // namespace tapedeck
