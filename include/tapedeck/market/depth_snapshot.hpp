// DepthSnapshot: a whole book as somebody saw it at one moment.
#pragma once

#include "tapedeck/market/book_message.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace tapedeck {

struct DepthSnapshot {
  Timestamp ts_event;
  std::optional<int64_t> sequence = {};  // of the last update in it: Binance's lastUpdateId
  std::vector<WireLevel> bids = {};      // in any order; both may be empty
  std::vector<WireLevel> asks = {};
};

}  // namespace tapedeck
