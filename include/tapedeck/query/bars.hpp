// Bars of trades: by time (klines), and by trades, volume, notional or range.
#pragma once

#include "tapedeck/market/bar.hpp"
#include "tapedeck/query/tape.hpp"

#include <cstdint>
#include <functional>

namespace tapedeck {

struct BarAnswer {
  Bar bar;
  bool complete = false;  // coverage has no hole in it and reaches its end
};

// The bars that begin in the range, each computed from all of its trades; intervals without trades
// give none. Called in order on the calling thread.
TapeAnswer for_each_kline(const Store& store, const TapeRequest& request, BarInterval interval,
                          const std::function<KeepGoing(const BarAnswer&)>& use);

// Bars of the range's trades; `size` as in EventBarFold. The last one may be unfilled; it is given
// with complete = false.
TapeAnswer for_each_event_bar(const Store& store, const TapeRequest& request, BarRule rule,
                              int128 size, const std::function<KeepGoing(const BarAnswer&)>& use);

struct DeltaAnswer {
  Timestamp begin;
  Volume buy_volume = 0;
  Volume sell_volume = 0;
  Volume volume_delta = 0;  // buy − sell
  Volume cvd = 0;           // running sum of volume_delta from the begin of the answer
};
TapeAnswer for_each_delta(const Store& store, const TapeRequest& request, BarInterval interval,
                          const std::function<KeepGoing(const DeltaAnswer&)>& use);

}  // namespace tapedeck
