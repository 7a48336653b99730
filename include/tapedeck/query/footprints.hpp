// Volume at price: footprints of bars, the trade heatmap, and the volume profile of a range.
#pragma once

#include "tapedeck/market/footprint.hpp"
#include "tapedeck/query/tape.hpp"

#include <functional>

namespace tapedeck {

// Footprints of the bars that begin in the range. Called in order on the calling thread. With an
// interval of 100ms to 1s this is the trade heatmap.
TapeAnswer for_each_footprint(const Store& store, const TapeRequest& request, BarInterval interval,
                              PriceStep step,
                              const std::function<KeepGoing(const Footprint&)>& use);

struct ProfileAnswer {
  TapeAnswer tape;
  VolumeProfile profile;
};
ProfileAnswer volume_profile(const Store& store, const TapeRequest& request, PriceStep step,
                             ValueAreaRule rule = ValueAreaRule::single, int share_percent = 70);

}  // namespace tapedeck
