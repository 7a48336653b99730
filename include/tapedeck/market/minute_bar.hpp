// MinuteBar: a bar of one minute with what it was computed from, so that anyone can compute it
// again.
#pragma once

#include "tapedeck/market/bar.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace tapedeck {

struct MinuteBar {
  Bar bar;
  std::optional<int64_t> id_begin;  // lowest id of its trades; absent when none has one
  std::optional<int64_t> id_end;    // highest
  // Σ over its trades of mix(a·ts_event + b·trade_id + c·price + d·quantity + e·side), all modulo
  // 2^64, price and quantity in units of 1e-12: independent of order and of scale. The constants
  // are in src/market/minute_bar.cpp.
  uint64_t rows_hash = 0;
  bool operator==(const MinuteBar&) const = default;
};

// Folds ordered trades of one scale into minutes; like BarFold.
class MinuteFold {
 public:
  // Errors as of BarFold::add.
  void add(const TradeView& trades);
  // Bars that no later trade can touch, oldest first; leaves the open one inside.
  std::vector<MinuteBar> take_closed();
  std::vector<MinuteBar> finish();

 private:
  std::vector<MinuteBar> with_bars(const std::vector<Bar>& bars);

  BarFold bars_{*BarInterval::parse("1m")};
  std::vector<MinuteBar> sources_;  // all but the bar itself, one for each bar begun
};

}  // namespace tapedeck
