// Footprint: buy and sell quantity per price inside a bar; VolumeProfile: the same over any range,
// with its point of control and value area; DeltaPoint: buy minus sell volume over time.
#pragma once

#include "tapedeck/market/bar.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace tapedeck {

// How a price is put on a level of width `step`.
enum class StepRule : uint8_t {
  floor,  // a level is [p, p + step) for both sides
  side,   // FlowSurface: sells floor, buys ceil
};
std::string_view to_text(StepRule rule);

struct PriceStep {
  int64_t units = 1;  // price units; 1 = every price of its own
  StepRule rule = StepRule::floor;
};

struct Level {
  Price price;
  Volume buy_quantity = 0;
  Volume sell_quantity = 0;
  Volume unknown_quantity = 0;  // side not told by the venue
  int64_t buy_count = 0;
  int64_t sell_count = 0;
  int64_t unknown_count = 0;
  bool operator==(const Level&) const = default;

  Volume quantity() const { return buy_quantity + sell_quantity + unknown_quantity; }
  int64_t trades() const { return buy_count + sell_count + unknown_count; }
};

struct Footprint {
  Timestamp begin;
  Timestamp end;
  std::vector<Level> levels;  // rising by price, no empty level
  bool operator==(const Footprint&) const = default;
};

// Adds `later` into `earlier`, level by level; both rising by price.
void join_levels(std::vector<Level>& earlier, const std::vector<Level>& later);

// Collects trades by price level. Reused from bar to bar without giving memory back.
class LevelAccumulator {
 public:
  explicit LevelAccumulator(PriceStep step);
  ~LevelAccumulator();
  LevelAccumulator(LevelAccumulator&&) noexcept;
  LevelAccumulator& operator=(LevelAccumulator&&) noexcept;

  // Rows [from, to) of `trades`.
  void add(const TradeView& trades, size_t from, size_t to);
  // Moves the levels of `other`, another one of the same step, into this one.
  void join(LevelAccumulator& other);
  // Appends the levels rising by price to `out` and begins anew.
  void take(std::vector<Level>& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One Footprint per interval that has trades. Used for trade heatmaps as well.
class FootprintFold {
 public:
  FootprintFold(BarInterval interval, PriceStep step);
  void add(const TradeView& trades);
  std::vector<Footprint> take_closed();
  std::vector<Footprint> finish();

 private:
  void close();

  // Constant after construction
  BarInterval interval_;
  LevelAccumulator levels_;
  std::vector<Footprint> closed_;
  std::optional<TimeRange> open_;
};

// Both grow from the point of control until the area holds at least the wanted share of volume.
enum class ValueAreaRule : uint8_t {
  single,  // one level at a time: the larger neighbour; equal → the one nearer the POC, then lower
  pairs,   // two levels at a time (the CBOT rule): the larger sum; equal → the pair above
};
std::string_view to_text(ValueAreaRule rule);

struct VolumeProfile {
  std::vector<Level> levels;    // rising by price
  size_t poc = 0;               // index of the level with most volume; equal → the lowest price
  size_t value_area_begin = 0;  // [begin, end) into levels
  size_t value_area_end = 0;
};

// share_percent: 1…100, 70 by custom.
VolumeProfile make_profile(std::vector<Level> levels, ValueAreaRule rule, int share_percent);

}  // namespace tapedeck
