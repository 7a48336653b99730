// LiveLedger: the door of the ledger. An entry is checked against everything that was acknowledged
// before it, journalled, and visible here when the call returns; tables have it soon after.
#pragma once

#include "base/mutex.hpp"
#include "store/key_set.hpp"
#include "store/ledger_call.hpp"
#include "tapedeck/store/writer.hpp"
#include "tapedeck/tape/payload.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace tapedeck {

class StoreCore;

class LiveLedger {
 public:
  explicit LiveLedger(StoreCore& core) : core_{core} {}

  // All of the entries, or none and it throws. An entry that is there already, equal, is left out.
  // Errors: not_found for an unknown order or fill; conflict for an id that is taken by another;
  // invalid_argument for what an order cannot take; those of LiveTape::append().
  std::vector<Order> write(const OrderRows& rows);
  std::vector<Fill> write(const FillRows& rows);
  // Of one frame, so that a kill leaves all of it or nothing. Error{unsupported} for corrections.
  void write(const LedgerRows& rows);
  void write(const MarkRows& rows);
  void write(const PortfolioRows& rows);

  // As of the last entry that was acknowledged.
  std::optional<Order> find_order(const Uuid& id);
  std::optional<Order> find_order_by_client_id(const std::string& client_order_id);
  // As it was before anything happened to it.
  std::optional<Order> find_created_order(const Uuid& id);
  // As it was said first: with the id of this one, else with its number of the venue.
  std::optional<Fill> find_fill_like(const Fill& fill);
  // What was acknowledged is in the tables. Error{timeout} when the database does not take it.
  void settle();

 private:
  struct Known {
    Order order;
    uint64_t sequence = 0;  // of its last frame; 0: as in the table
  };
  using Orders = LedgerCall::Orders;
  class Facts;

  void begin() REQUIRES(turn_);
  void load_keys() REQUIRES(turn_);
  template <typename Rows>
  uint64_t journal(const Rows& rows, Durability durability) REQUIRES(turn_);
  Orders orders_of(std::span<const Uuid> ids) REQUIRES(turn_);
  void publish(const Orders& touched, uint64_t sequence) REQUIRES(turn_);

  struct KnownFills {
    std::map<Uuid, Fill> by_id;
    std::map<std::string, Fill> by_trade;
  };
  KnownFills fills_like(std::span<const Fill* const> fills) REQUIRES(turn_);
  void note_fill(const Fill& fill) REQUIRES(turn_);
  void write_new(const std::string& source, std::span<const FillEntry> entries,
                 std::vector<Fill>& written) REQUIRES(turn_);
  void write_corrections(const std::string& source, std::span<const FillEntry> entries,
                         std::vector<Fill>& written) REQUIRES(turn_);

  // Constant after construction
  StoreCore& core_;

  Mutex turn_;  // of who writes; held while the journal is synced
  uint64_t unknown_writes_ GUARDED_BY(turn_) = 0;
  bool keys_loaded_ GUARDED_BY(turn_) = false;
  Timestamp last_recorded_ GUARDED_BY(turn_);
  KeySet order_keys_ GUARDED_BY(turn_);  // order ids and client ids
  KeySet fill_keys_ GUARDED_BY(turn_);   // fill ids and the venue's

  Mutex mutex_;
  uint64_t newest_sequence_ GUARDED_BY(mutex_) = 0;
  std::unordered_map<Uuid, Known, UuidHash> orders_ GUARDED_BY(mutex_);
  std::unordered_map<std::string, Uuid> client_ids_ GUARDED_BY(mutex_);  // of orders_
};

}  // namespace tapedeck
