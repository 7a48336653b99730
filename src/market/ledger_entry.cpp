#include "tapedeck/market/ledger_entry.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tapedeck {
namespace {

std::string name_of(const Order& order) {
  return order.client_order_id == to_text(order.order_id)
             ? fmt::format("order {}", order.client_order_id)
             : fmt::format("order '{}' ({})", order.client_order_id, to_text(order.order_id));
}

}  // namespace

const Uuid& order_of(const OrderEntry& entry) {
  return std::visit([](const auto& one) -> const Uuid& { return one.order_id; }, entry);
}

const Uuid& fill_of(const FillEntry& entry) {
  if (const auto* const fill = std::get_if<Fill>(&entry)) return fill->fill_id;
  if (const auto* const bust = std::get_if<FillBust>(&entry)) return bust->fill_id;
  return std::get<FillAmendment>(entry).fill.fill_id;
}

std::optional<std::string> refusal(const Order& before, const StatusChange& change) {
  if (may_follow(before.status, change.status)) return std::nullopt;
  return fmt::format("{} is {} and cannot become {}", name_of(before), to_text(before.status),
                     to_text(change.status));
}

std::optional<std::string> refusal(const Order& before, const OrderAmendment& amendment) {
  if (is_final(before.status)) {
    return fmt::format("{} is {}: its terms cannot change any more", name_of(before),
                       to_text(before.status));
  }
  if (amendment.quantity && *amendment.quantity < before.filled_quantity) {
    return fmt::format("{} cannot shrink to {}: {} of it are filled", name_of(before),
                       to_text(*amendment.quantity), to_text(before.filled_quantity));
  }
  return std::nullopt;
}

std::optional<std::string> refusal(const Order& before, const Fill& fill) {
  if (before.instrument != fill.instrument || before.side != fill.side) {
    return fmt::format("a fill of {} {} does not belong to {}, which is to {} {}",
                       to_text(fill.side), to_text(fill.instrument), name_of(before),
                       to_text(before.side), to_text(before.instrument));
  }
  if (before.status == OrderStatus::rejected) {
    return fmt::format("{} was rejected and cannot be filled", name_of(before));
  }
  if (fill.quantity > open_quantity(before)) {
    return fmt::format("a fill of {} is more than the {} that {} of {} has left",
                       to_text(fill.quantity), to_text(open_quantity(before)), name_of(before),
                       to_text(before.quantity));
  }
  return std::nullopt;
}

void apply(Order& order, const StatusChange& change) {
  const bool moves = order.status != change.status;
  order.status = change.status;
  if (change.message) order.status_message = change.message;
  if (change.venue_order_id) order.venue_order_id = change.venue_order_id;
  if (!moves) return;
  order.updated_at = change.at;
  if (change.status == OrderStatus::submitted) order.submitted_at = change.at;
  if (change.status == OrderStatus::filled) order.filled_at = change.at;
}

void apply(Order& order, const OrderAmendment& amendment) {
  if (amendment.quantity) order.quantity = *amendment.quantity;
  if (amendment.price) order.price = amendment.price;
  if (amendment.stop_price) order.stop_price = amendment.stop_price;
  order.updated_at = amendment.at;
  if (order.filled_quantity == order.quantity) {
    order.status = OrderStatus::filled;
    order.filled_at = amendment.at;
  }
}

void apply(Order& order, const Fill& fill) {
  order.filled_quantity += fill.quantity;
  order.filled_notional += notional(fill);
  order.commission += costs(fill);
  add_foreign_fees(order.foreign_fees, fill);
  order.last_fill_at = std::max(order.last_fill_at.value_or(fill.executed_at), fill.executed_at);
  order.updated_at = std::max(order.updated_at.value_or(fill.executed_at), fill.executed_at);
  const bool whole = order.filled_quantity == order.quantity;
  if (whole) order.filled_at = order.last_fill_at;
  if (order.status != OrderStatus::cancelled) {
    order.status = whole ? OrderStatus::filled : OrderStatus::partial;
  }
}

void apply_all(Order& order, std::span<const Fill> fills) {
  order.filled_quantity = {};
  order.filled_notional = {};
  order.commission = {};
  order.foreign_fees.clear();
  order.last_fill_at.reset();
  order.filled_at.reset();
  if (order.status == OrderStatus::partial || order.status == OrderStatus::filled) {
    order.status = OrderStatus::submitted;
  }
  for (const Fill& fill : fills)
    apply(order, fill);
}

std::vector<PositionSnapshot> position_rows(const PositionKey& key, std::span<const Fill> fills,
                                            std::span<const PositionMark> marks,
                                            Position position) {
  std::vector<PositionSnapshot> rows;
  size_t marked = 0;
  const auto mark_until = [&](Timestamp end) {
    for (; marked < marks.size() && marks[marked].at < end; ++marked) {
      if (side_of(position) == PositionSide::flat) continue;
      mark_at(position, marks[marked].price);
      rows.push_back({.key = key, .at = marks[marked].at, .position = position});
    }
  };
  for (const Fill& fill : fills) {
    mark_until(fill.executed_at);
    const FillEffect effect = add_fill(position, fill);
    rows.push_back({.key = key,
                    .at = fill.executed_at,
                    .fill_id = fill.fill_id,
                    .position = position,
                    .effect = effect,
                    .correlation_id = fill.correlation_id});
  }
  mark_until(Timestamp::max());
  return rows;
}

}  // namespace tapedeck
