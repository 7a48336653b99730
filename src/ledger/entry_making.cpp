#include "ledger/entry_making.hpp"

#include "base/clock.hpp"
#include "ledger/entry_checks.hpp"
#include "store/ledger_call.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

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

}  // namespace

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
    fill.fill_id = id_of_trade(fill);
  } else {
    fill.fill_id = random_uuid();
  }
  return fill;
}

std::vector<OrderEntry> to_entries(const Bracket& bracket) {
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
  return entries;
}

StatusChange to_change(const Uuid& order_id, OrderStatus status, const StatusOptions& options) {
  return {.order_id = order_id,
          .status = status,
          .at = options.at.value_or(now()),
          .message = options.message,
          .venue_order_id = options.venue_order_id};
}

FillBust to_bust(const Uuid& fill_id, const std::string& reason) {
  return {.fill_id = fill_id, .at = now(), .reason = reason};
}

FillAmendment to_amendment(const Fill& fill, const std::string& reason) {
  return {.fill = fill, .at = now(), .reason = reason};
}

PortfolioSnapshot to_snapshot(Amount cash_balance, const SnapshotOptions& options) {
  PortfolioSnapshot snapshot;
  snapshot.at = options.at.value_or(now());
  snapshot.kind = options.kind;
  snapshot.cash_balance = cash_balance;
  snapshot.portfolio_value = cash_balance;
  snapshot.buying_power = options.buying_power;
  snapshot.margin_used = options.margin_used;
  snapshot.metadata = options.metadata;
  check_metadata(snapshot.metadata, "a portfolio snapshot");
  return snapshot;
}

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

void compare_with(PortfolioSnapshot& snapshot, const std::optional<PortfolioSnapshot>& last,
                  const std::optional<PortfolioSnapshot>& yesterday) {
  snapshot.peak_value = snapshot.portfolio_value;
  if (last) {
    snapshot.peak_value = std::max(last->peak_value, snapshot.portfolio_value);
    snapshot.max_drawdown =
        std::max(last->max_drawdown, snapshot.peak_value - snapshot.portfolio_value);
  }
  if (yesterday) snapshot.daily_pnl = snapshot.portfolio_value - yesterday->portfolio_value;
}

}  // namespace tapedeck
