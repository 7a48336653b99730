// LedgerDoor: what repositories need of a ledger, whether a store keeps it or memory.
#pragma once

#include "store/ledger_call.hpp"
#include "tapedeck/ledger/repositories.hpp"
#include "tapedeck/tape/payload.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tapedeck {

// Several threads may call it. The calls that write have the errors of LiveLedger; those that take
// a QueryFilter have Repository's.
class LedgerDoor : public LedgerFacts {
 public:
  virtual std::vector<Order> write(const OrderRows& rows) = 0;
  virtual std::vector<Fill> write(const FillRows& rows) = 0;
  virtual void write(const LedgerRows& rows) = 0;
  virtual void write(const MarkRows& rows) = 0;
  virtual void write(const PortfolioRows& rows) = 0;

  virtual std::vector<Order> orders(const QueryFilter& filter) = 0;
  virtual std::vector<Fill> fills(const QueryFilter& filter) = 0;
  virtual std::vector<PositionSnapshot> positions(const QueryFilter& filter) = 0;
  virtual std::vector<PortfolioSnapshot> snapshots(const QueryFilter& filter) = 0;

  // Of every position by its key, the last row at or before an instant.
  virtual std::vector<PositionSnapshot> positions_at(Timestamp at) = 0;
  virtual std::vector<PositionSnapshot> history(const PositionFilter& filter,
                                                const TimeRange& range, int64_t limit) = 0;
  virtual std::optional<PositionSnapshot> find_position(int64_t position_id) = 0;
  // After this fill.
  virtual std::optional<PositionSnapshot> find_position_after(const Uuid& fill_id) = 0;
};

// `store` must outlive it.
std::unique_ptr<LedgerDoor> stored_ledger(Store& store);
std::unique_ptr<LedgerDoor> memory_ledger();

// Whether the filter means the position, flat ones aside.
bool is_meant(const PositionKey& key, const PositionFilter& filter);

}  // namespace tapedeck
