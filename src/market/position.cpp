#include "tapedeck/market/position.hpp"

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

// Quantity and what was paid for it, both below 0 for a sale.
struct Movement {
  Amount quantity;
  Amount cost;
};

Movement movement_of(const Fill& fill) {
  const Amount moved = notional(fill);
  if (fill.side == OrderSide::buy) return {.quantity = fill.quantity, .cost = moved};
  return {.quantity = -fill.quantity, .cost = -moved};
}

bool opposed(Amount a, Amount b) {
  return (a < Amount{} && b > Amount{}) || (a > Amount{} && b < Amount{});
}

// Splits off the part that brings `held` to 0 at most; the rest stays in `movement`.
Movement take_closing(Movement& movement, Amount held) {
  if (!opposed(movement.quantity, held)) return {};
  Movement closing = movement;
  if (magnitude(movement.quantity) > magnitude(held)) {
    closing = {.quantity = -held, .cost = portion(movement.cost, -held, movement.quantity)};
  }
  movement = {.quantity = movement.quantity - closing.quantity,
              .cost = movement.cost - closing.cost};
  return closing;
}

void note_opening(Position& position, const Fill& fill) {
  position.opened_at = fill.executed_at;
  position.closed_at.reset();
  position.peak = position.realised_pnl;
  position.max_drawdown = {};
}

// All of a fill but how cost leaves: `release` takes the cost of a closed quantity out.
template <typename Release, typename Open>
FillEffect add(Position& position, const Fill& fill, const Release& release, const Open& open) {
  FillEffect effect;
  Movement rest = movement_of(fill);
  const Movement closing = take_closing(rest, position.quantity);
  if (closing.quantity != Amount{}) {
    const Amount released = release(closing.quantity);
    effect.closed = magnitude(closing.quantity);
    effect.realised_pnl = -closing.cost - released;
    position.cost = position.cost - released;
    position.quantity += closing.quantity;
  }
  const bool opens = position.quantity == Amount{} && rest.quantity != Amount{};
  effect.costs = costs(fill);
  effect.realised_pnl = effect.realised_pnl - effect.costs;
  position.realised_pnl += effect.realised_pnl;
  position.costs += effect.costs;
  add_foreign_fees(position.foreign_fees, fill);
  ++position.fills;
  if (!position.first_entry_time) position.first_entry_time = fill.executed_at;
  if (opens) note_opening(position, fill);
  if (rest.quantity != Amount{}) {
    open(rest);
    position.quantity += rest.quantity;
    position.cost += rest.cost;
  }
  if (position.quantity == Amount{}) position.closed_at = fill.executed_at;
  mark_at(position, fill.price);
  return effect;
}

}  // namespace

std::string_view to_text(PositionSide side) {
  switch (side) {
    case PositionSide::flat: return "flat";
    case PositionSide::held_long: return "long";
    case PositionSide::held_short: return "short";
  }
  return "flat";
}

PositionKey key_of(const Fill& fill) {
  return {.instrument = fill.instrument, .strategy_id = fill.strategy_id};
}

std::string to_text(const PositionKey& key) {
  std::string text = to_text(key.instrument);
  if (key.strategy_id) text += "/" + *key.strategy_id;
  return text;
}

PositionSide side_of(const Position& position) {
  if (position.quantity == Amount{}) return PositionSide::flat;
  return position.quantity > Amount{} ? PositionSide::held_long : PositionSide::held_short;
}

std::optional<Amount> average_entry_price(const Position& position) {
  if (position.quantity == Amount{}) return std::nullopt;
  return quotient(position.cost, position.quantity);
}

Amount market_value(const Position& position, Amount mark) {
  return notional(mark, position.quantity);
}

Amount unrealised_pnl(const Position& position, Amount mark) {
  return market_value(position, mark) - position.cost;
}

FillEffect add_fill(Position& position, const Fill& fill) {
  const auto release = [&](Amount closed) {
    return portion(position.cost, -closed, position.quantity);
  };
  return add(position, fill, release, [](const Movement&) {});
}

void mark_at(Position& position, Amount price) {
  position.mark = price;
  const Amount worth = position.realised_pnl + unrealised_pnl(position, price);
  position.peak = std::max(position.peak, worth);
  position.max_drawdown = std::max(position.max_drawdown, position.peak - worth);
}

FillEffect FifoPosition::add_fill(const Fill& fill) {
  const auto release = [&](Amount closed) {
    Amount released;
    Amount left = magnitude(closed);
    while (left > Amount{}) {
      Lot& lot = lots_.front();
      const Amount taken = std::min(left, magnitude(lot.quantity));
      const Amount cost = portion(lot.cost, taken, magnitude(lot.quantity));
      released += cost;
      left = left - taken;
      lot.cost = lot.cost - cost;
      lot.quantity = lot.quantity + (lot.quantity > Amount{} ? -taken : taken);
      if (lot.quantity == Amount{}) lots_.pop_front();
    }
    return released;
  };
  return add(position_, fill, release, [&](const Movement& opening) {
    lots_.push_back({.quantity = opening.quantity, .cost = opening.cost});
  });
}

}  // namespace tapedeck
