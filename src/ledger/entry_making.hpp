// What is given to a ledger, made whole: ids, times and types that were left out.
#pragma once

#include "tapedeck/ledger/ledger.hpp"

#include <optional>
#include <span>
#include <vector>

namespace tapedeck {

Order to_order(const NewOrder& given);
// The entry, then its legs.
std::vector<OrderEntry> to_entries(const Bracket& bracket);
StatusChange to_change(const Uuid& order_id, OrderStatus status, const StatusOptions& options);
Fill to_fill(const NewFill& given, const Order& order);
FillBust to_bust(const Uuid& fill_id, const std::string& reason);
FillAmendment to_amendment(const Fill& fill, const std::string& reason);

// Of this much cash alone.
PortfolioSnapshot to_snapshot(Amount cash_balance, const SnapshotOptions& options);
// And of all positions, at their last marks.
void add_positions(PortfolioSnapshot& snapshot, std::span<const PositionSnapshot> positions);
// What earlier ones say of it: the last, and the last of an earlier UTC day.
void compare_with(PortfolioSnapshot& snapshot, const std::optional<PortfolioSnapshot>& last,
                  const std::optional<PortfolioSnapshot>& yesterday);

}  // namespace tapedeck
