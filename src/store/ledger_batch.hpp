// LedgerBatch: what one transaction makes of entries of the ledger: every entry itself, the orders
// and fills as they stand now, and the positions that follow from the fills.
#pragma once

#include "store/fill_rows.hpp"
#include "store/mark_rows.hpp"
#include "store/order_rows.hpp"
#include "store/position_rows.hpp"
#include "store/reject_rows.hpp"
#include "tapedeck/tape/payload.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace tapedeck {

// Positions as they are stored, so that a fill behind all others costs no reading. Of one thread.
class LivePositions {
 public:
  // Something was stored by others, or not stored after all.
  void forget() {
    held_.clear();
    next_id_.reset();
  }

 private:
  friend class LedgerBatch;
  struct Held {
    Position position;
    std::optional<Fill> newest_fill;
    std::optional<Timestamp> newest_mark;
  };
  std::map<PositionKey, Held> held_;
  std::optional<int64_t> next_id_;
};

// Where in the journal an entry stands, and when it was recorded.
struct EntryPlace {
  uint64_t sequence = 0;
  Timestamp recorded_at;
};

// `positions` and `transaction` must outlive it. After a failure positions.forget() is due.
class LedgerBatch {
 public:
  LedgerBatch(LivePositions& positions, duck::Transaction& transaction)
      : positions_{positions}, transaction_{transaction} {}

  void add(const EntryPlace& place, const OrderRows& rows);
  void add(const EntryPlace& place, const FillRows& rows);
  void add(const EntryPlace& place, const LedgerRows& rows);
  void add(const EntryPlace& place, const MarkRows& rows);
  void add(const EntryPlace& place, const PortfolioRows& rows);
  // Everything is in the tables.
  void store();
  // Entries that mean nothing here, as after damage to the journal: kept, and told.
  const std::vector<RejectRow>& rejects() const { return rejects_; }

 private:
  using Held = LivePositions::Held;

  void begin(const EntryPlace& place, const std::string& source);
  OrderRow* find_order(const Uuid& id);
  void load_orders(std::vector<Uuid> ids);
  void load_orders_of(std::span<const FillEntry> entries);
  void add_entry(const OrderEntry& entry);
  void add_entry(const FillEntry& entry);
  void note_version(const OrderRow& row, std::string_view kind);
  void add_fill(const Fill& fill);
  void load_for_corrections(std::span<const FillEntry> entries);
  void correct_fill(const Uuid& id, const FillAmendment* amendment, const std::string& reason);
  void correct_order(const Uuid& order_id);
  void add_to_position(const Fill& fill);
  void add_mark(const PositionKey& key, const PositionMark& mark);
  static void note_mark(Held& held, Timestamp at);
  Held& held(const PositionKey& key);
  int64_t next_position_id();
  void note_late(const PositionKey& key, Timestamp at);
  void refold(const PositionKey& key, Timestamp begin);
  void write_rows();
  void refuse(std::string reason, std::string subject);

  LivePositions& positions_;
  duck::Transaction& transaction_;

  // Of the entry at hand
  int64_t entry_ = 0;
  Timestamp recorded_at_;
  std::string source_;

  // Touched; nullopt: there is none
  std::unordered_map<Uuid, std::optional<OrderRow>, UuidHash> orders_;
  std::unordered_map<Uuid, std::optional<FillRow>, UuidHash> fills_;
  std::unordered_map<Uuid, std::set<Uuid>, UuidHash> fills_of_orders_;  // of those to be corrected
  std::set<Uuid> changed_orders_;
  std::set<Uuid> changed_fills_;  // that the table has in another form
  std::vector<Uuid> new_fills_;
  std::vector<OrderVersion> order_versions_;
  std::vector<FillVersion> fill_versions_;
  std::vector<MarkRow> marks_;
  std::vector<PositionSnapshot> new_positions_;
  std::map<PositionKey, Timestamp> late_;  // to be folded again from there on
  std::vector<RejectRow> rejects_;
};

}  // namespace tapedeck
