// Position: what is held of an instrument by a strategy: a fold over its fills in the order of
// compare_in_time(), exact to the last of 12 digits.
//
// The state is (quantity, cost). A fill that adds changes both by what it says. One that reduces
// takes cost × closed / held out of the cost, rounded half to even, and all of it with the last of
// the quantity; what it brings above that is realised. One that crosses zero closes first and opens
// with the rest. So at any mark
//   realised_pnl + unrealised_pnl(mark) = Σ cash_change + mark × quantity
// holds exactly, whatever was rounded.
#pragma once

#include "tapedeck/market/fill.hpp"

#include <compare>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

enum class PositionSide : uint8_t { flat, held_long, held_short };
std::string_view to_text(PositionSide side);  // "flat", "long", "short"

struct PositionKey {
  InstrumentName instrument;
  std::optional<std::string> strategy_id = {};
  auto operator<=>(const PositionKey&) const = default;
};
PositionKey key_of(const Fill& fill);
std::string to_text(const PositionKey& key);  // "binance:BTCUSDT", "binance:BTCUSDT/momentum"

struct Position {
  Amount quantity;                             // below 0: short
  Amount cost;                                 // of what is held; below 0: what a short brought in
  Amount realised_pnl;                         // since the first fill, its costs taken off
  Amount costs;                                // that were taken off
  std::vector<ForeignFees> foreign_fees = {};  // by currency; no part of the profit
  int64_t fills = 0;
  std::optional<Timestamp> first_entry_time = {};  // of all
  std::optional<Timestamp> opened_at = {};         // the last time
  std::optional<Timestamp> closed_at = {};         // absent while something is held
  std::optional<Amount> mark = {};                 // the last price it was valued at
  Amount peak;          // of realised + unrealised, at marks since it was opened
  Amount max_drawdown;  // the deepest fall below the peak since it was opened
  bool operator==(const Position&) const = default;
};

PositionSide side_of(const Position& position);
// cost / quantity, half to even; nullopt when flat. For display.
std::optional<Amount> average_entry_price(const Position& position);
Amount market_value(const Position& position, Amount mark);
Amount unrealised_pnl(const Position& position, Amount mark);

// What a fill did.
struct FillEffect {
  Amount closed;        // quantity that it reduced, not below 0
  Amount realised_pnl;  // of that, its costs taken off
  Amount costs;         // in the price's currency
  bool operator==(const FillEffect&) const = default;
};

// What was held after a fill, or at a mark.
struct PositionSnapshot {
  int64_t position_id = 0;  // rises in the order of time, for each key
  PositionKey key;
  Timestamp at = {};
  std::optional<Uuid> fill_id = {};  // absent: a mark
  Position position = {};            // its mark is the price it is valued at
  std::optional<FillEffect> effect = {};
  std::optional<Uuid> correlation_id = {};
};

// Adds a fill that comes behind all before it, valued at its own price.
FillEffect add_fill(Position& position, const Fill& fill);
// Values it.
void mark_at(Position& position, Amount price);

// The same with the first bought sold first: its quantity, cash and identity are those of Position;
// cost and what is realised when differ.
class FifoPosition {
 public:
  FillEffect add_fill(const Fill& fill);
  // Its cost is that of the lots left.
  const Position& position() const { return position_; }

 private:
  struct Lot {
    Amount quantity;
    Amount cost;
  };
  Position position_;
  std::deque<Lot> lots_;
};

}  // namespace tapedeck
