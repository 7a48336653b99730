#include "tapedeck/ledger/ledger.hpp"

#include "base/clock.hpp"
#include "ledger/entry_checks.hpp"
#include "ledger/tape_price.hpp"
#include "store/core.hpp"
#include "store/live_ledger.hpp"
#include "store/live_tape.hpp"
#include "store/portfolio_rows.hpp"
#include "store/position_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <unordered_map>
#include <utility>

namespace tapedeck {
namespace {

Timestamp now() {
  return from_epoch_ns(now_epoch_ns());
}

OrderType type_of(const NewOrder& order) {
  if (order.type) return *order.type;
  if (order.stop_price) return order.price ? OrderType::stop_limit : OrderType::stop;
  return order.price ? OrderType::limit : OrderType::market;
}

Order to_order(const NewOrder& given) {
  Order order;
  if (given.order_id) {
    order.order_id = *given.order_id;
  } else if (given.client_order_id) {
    order.order_id = named_uuid("order " + *given.client_order_id);
  } else {
    order.order_id = random_uuid();
  }
  order.client_order_id = given.client_order_id.value_or(to_text(order.order_id));
  order.venue_order_id = given.venue_order_id;
  order.instrument = given.instrument;
  order.strategy_id = given.strategy_id;
  order.side = given.side;
  order.type = type_of(given);
  order.time_in_force = given.time_in_force;
  order.quantity = given.quantity;
  order.price = given.price;
  order.stop_price = given.stop_price;
  order.created_at = given.created_at.value_or(now());
  order.correlation_id = given.correlation_id.value_or(random_uuid());
  order.parent_order_id = given.parent_order_id;
  order.extended_hours = given.extended_hours;
  order.metadata = given.metadata;
  return order;
}

Fill to_fill(const NewFill& given, const Order& order) {
  Fill fill;
  fill.order_id = given.order_id;
  fill.instrument = order.instrument;
  fill.strategy_id = order.strategy_id;
  fill.side = order.side;
  fill.quantity = given.quantity;
  fill.price = given.price;
  fill.executed_at = given.executed_at;
  fill.reported_at = given.reported_at.value_or(now());
  fill.commission = given.commission;
  fill.fees = given.fees;
  fill.fee_currency = given.fee_currency;
  fill.currency = given.currency;
  fill.liquidity = given.liquidity;
  fill.exchange_trade_id = given.exchange_trade_id;
  fill.correlation_id = order.correlation_id;
  if (given.fill_id) {
    fill.fill_id = *given.fill_id;
  } else if (given.exchange_trade_id) {
    fill.fill_id = named_uuid(fmt::format("fill {} {} {}", to_text(order.instrument),
                                          *given.exchange_trade_id, to_text(order.side)));
  } else {
    fill.fill_id = random_uuid();
  }
  return fill;
}

// What all positions are worth at their last marks.
void add_positions(PortfolioSnapshot& snapshot, std::span<const PositionSnapshot> positions) {
  for (const PositionSnapshot& row : positions) {
    const Position& position = row.position;
    snapshot.realised_pnl += position.realised_pnl;
    if (side_of(position) == PositionSide::flat) continue;
    const Amount mark = position.mark.value_or(Amount{});
    const Amount worth = market_value(position, mark);
    snapshot.unrealised_pnl += unrealised_pnl(position, mark);
    snapshot.portfolio_value += worth;
    snapshot.gross_exposure += magnitude(worth);
    ++(position.quantity > Amount{} ? snapshot.long_positions : snapshot.short_positions);
  }
}

// What earlier snapshots say of it.
void compare_with_past(PortfolioSnapshot& snapshot, duck::Connection& connection) {
  const auto before = read_portfolio_snapshots(
      connection, "WHERE snapshot_time < ? ORDER BY snapshot_time DESC, snapshot_id DESC LIMIT 1",
      [&](duck::Statement& s) { s.bind(1, snapshot.at); });
  snapshot.peak_value = snapshot.portfolio_value;
  if (!before.empty()) {
    snapshot.peak_value = std::max(before[0].peak_value, snapshot.portfolio_value);
    snapshot.max_drawdown =
        std::max(before[0].max_drawdown, snapshot.peak_value - snapshot.portfolio_value);
  }
  const auto yesterday = read_portfolio_snapshots(
      connection, "WHERE snapshot_time < ? ORDER BY snapshot_time DESC, snapshot_id DESC LIMIT 1",
      [&](duck::Statement& s) { s.bind(1, Timestamp{day_of(snapshot.at)}); });
  if (!yesterday.empty()) {
    snapshot.daily_pnl = snapshot.portfolio_value - yesterday[0].portfolio_value;
  }
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
  if (!bracket.take_profit && !bracket.stop_loss) {
    throw Error{ErrorCode::invalid_argument,
                "a bracket needs a take_profit or a stop_loss; without them it is an order"};
  }
  const Order entry = to_order(bracket.entry);
  std::vector<OrderEntry> entries{entry};
  const auto add_leg = [&](std::string_view name, std::optional<Amount> price,
                           std::optional<Amount> stop_price) {
    NewOrder leg{.instrument = entry.instrument,
                 .side = entry.side == OrderSide::buy ? OrderSide::sell : OrderSide::buy,
                 .quantity = entry.quantity,
                 .price = price,
                 .stop_price = stop_price,
                 .time_in_force = entry.time_in_force,
                 .strategy_id = entry.strategy_id,
                 .client_order_id = fmt::format("{}-{}", entry.client_order_id, name),
                 .created_at = entry.created_at,
                 .correlation_id = entry.correlation_id,
                 .parent_order_id = entry.order_id,
                 .extended_hours = entry.extended_hours};
    entries.emplace_back(to_order(leg));
  };
  if (bracket.take_profit) add_leg("take-profit", bracket.take_profit, {});
  if (bracket.stop_loss) add_leg("stop-loss", {}, bracket.stop_loss);
  return record(std::move(entries));
}

Order Ledger::update_status(const Uuid& order_id, OrderStatus status,
                            const StatusOptions& options) {
  return record({StatusChange{.order_id = order_id,
                              .status = status,
                              .at = options.at.value_or(now()),
                              .message = options.message,
                              .venue_order_id = options.venue_order_id}})
      .front();
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
  store_.core().live_ledger().write(FillRows{
      .source = source_, .entries = {FillBust{.fill_id = fill_id, .at = now(), .reason = reason}}});
}

Fill Ledger::amend_fill(const Fill& fill, const std::string& reason) {
  check(fill);
  return store_.core()
      .live_ledger()
      .write(FillRows{.source = source_,
                      .entries = {FillAmendment{.fill = fill, .at = now(), .reason = reason}}})
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
  const Timestamp instant = at.value_or(now());
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
  PortfolioSnapshot snapshot;
  snapshot.at = options.at.value_or(now());
  snapshot.kind = options.kind;
  snapshot.cash_balance = cash_balance;
  snapshot.portfolio_value = cash_balance;
  snapshot.buying_power = options.buying_power;
  snapshot.margin_used = options.margin_used;
  snapshot.metadata = options.metadata;
  check_metadata(snapshot.metadata, "a portfolio snapshot");
  {
    const auto reader = store_.core().borrow_reader();
    const auto held = positions_at(*reader, snapshot.at);
    add_positions(snapshot, held);
    compare_with_past(snapshot, *reader);
  }
  ledger.write(PortfolioRows{.source = source_, .entries = {snapshot}});
  return snapshot;
}

void Ledger::settle() {
  store_.core().live_ledger().settle();
}

}  // namespace tapedeck
