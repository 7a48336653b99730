#include "tapedeck/ledger/ledger.hpp"

#include "base/clock.hpp"
#include "ledger/entry_checks.hpp"
#include "ledger/entry_making.hpp"
#include "ledger/tape_price.hpp"
#include "store/core.hpp"
#include "store/live_ledger.hpp"
#include "store/live_tape.hpp"
#include "store/portfolio_rows.hpp"
#include "store/position_rows.hpp"

#include <fmt/format.h>

#include <chrono>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

// The last snapshot before an instant.
std::optional<PortfolioSnapshot> last_before(duck::Connection& connection, Timestamp at) {
  std::vector<PortfolioSnapshot> rows = read_portfolio_snapshots(
      connection, "WHERE snapshot_time < ? ORDER BY snapshot_time DESC, snapshot_id DESC LIMIT 1",
      [&](duck::Statement& s) { s.bind(1, at); });
  return rows.empty() ? std::nullopt : std::optional{std::move(rows.front())};
}

}  // namespace

Ledger::Ledger(Store& store, std::string source) : store_{store}, source_{std::move(source)} {
  if (store.core().mode() == OpenMode::read) {
    throw Error{ErrorCode::read_only,
                fmt::format("the store '{}' was opened for reading only", store.path().string())};
  }
}

Order Ledger::create_order(const NewOrder& order) {
  return create_orders(std::span{&order, 1}).front();
}

std::vector<Order> Ledger::create_orders(std::span<const NewOrder> orders) {
  std::vector<OrderEntry> entries;
  for (const NewOrder& order : orders)
    entries.emplace_back(to_order(order));
  return record(std::move(entries));
}

std::vector<Order> Ledger::create_bracket(const Bracket& bracket) {
  return record(to_entries(bracket));
}

Order Ledger::update_status(const Uuid& order_id, OrderStatus status,
                            const StatusOptions& options) {
  return record({to_change(order_id, status, options)}).front();
}

Order Ledger::amend_order(const OrderAmendment& amendment) {
  return record({amendment}).front();
}

std::vector<Order> Ledger::record(std::vector<OrderEntry> entries) {
  for (OrderEntry& entry : entries)
    check(entry);
  return store_.core().live_ledger().write(
      OrderRows{.source = source_, .entries = std::move(entries)});
}

Fill Ledger::record_fill(const NewFill& fill) {
  return record_fills(std::span{&fill, 1}).front();
}

std::vector<Fill> Ledger::record_fills(std::span<const NewFill> fills) {
  LiveLedger& ledger = store_.core().live_ledger();
  std::unordered_map<Uuid, Order, UuidHash> orders;
  FillRows rows{.source = source_, .entries = {}};
  for (const NewFill& given : fills) {
    auto known = orders.find(given.order_id);
    if (known == orders.end()) {
      const std::optional<Order> order = ledger.find_order(given.order_id);
      if (!order) fail_unknown_order(given.order_id);
      known = orders.emplace(given.order_id, *order).first;
    }
    Fill fill = to_fill(given, known->second);
    check(fill);
    rows.entries.emplace_back(std::move(fill));
  }
  return ledger.write(rows);
}

void Ledger::bust_fill(const Uuid& fill_id, const std::string& reason) {
  store_.core().live_ledger().write(
      FillRows{.source = source_, .entries = {to_bust(fill_id, reason)}});
}

Fill Ledger::amend_fill(const Fill& fill, const std::string& reason) {
  check(fill);
  return store_.core()
      .live_ledger()
      .write(FillRows{.source = source_, .entries = {to_amendment(fill, reason)}})
      .front();
}

void Ledger::mark(std::span<const PositionMark> marks) {
  store_.core().live_ledger().write(
      MarkRows{.source = source_, .entries = {marks.begin(), marks.end()}});
}

std::vector<PositionMark> Ledger::mark_to_tape(std::optional<Timestamp> at,
                                               std::chrono::nanoseconds oldest) {
  StoreCore& core = store_.core();
  core.live_tape().flush();
  const Timestamp instant = at.value_or(from_epoch_ns(now_epoch_ns()));
  std::vector<PositionMark> marks;
  {
    const auto reader = core.borrow_reader();
    const duck::Snapshot snapshot{*reader};
    std::set<InstrumentName> seen;
    for (const PositionSnapshot& held : newest_positions(*reader, FlatPositions::leave_out)) {
      const std::optional<Instrument> instrument = core.catalogue().find(held.key.instrument);
      if (!instrument || !seen.insert(held.key.instrument).second) continue;
      const TimeRange range{.begin = instant - oldest,
                            .end = instant + std::chrono::nanoseconds{1}};
      if (const auto price = tape_price(*reader, instrument->id, range)) {
        marks.push_back({.instrument = held.key.instrument, .at = instant, .price = *price});
      }
    }
  }
  mark(marks);
  return marks;
}

PortfolioSnapshot Ledger::take_snapshot(Amount cash_balance, const SnapshotOptions& options) {
  LiveLedger& ledger = store_.core().live_ledger();
  ledger.settle();
  PortfolioSnapshot snapshot = to_snapshot(cash_balance, options);
  {
    const auto reader = store_.core().borrow_reader();
    add_positions(snapshot, positions_at(*reader, snapshot.at));
    compare_with(snapshot, last_before(*reader, snapshot.at),
                 last_before(*reader, day_of(snapshot.at)));
  }
  ledger.write(PortfolioRows{.source = source_, .entries = {snapshot}});
  return snapshot;
}

void Ledger::settle() {
  store_.core().live_ledger().settle();
}

}  // namespace tapedeck
