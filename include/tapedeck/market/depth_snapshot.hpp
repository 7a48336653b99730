// DepthSnapshot: a whole book as somebody saw it at one moment; and books as tables have them, a
// row a level or a row a resting order.
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

// A snapshot is the rows of one time.
struct DepthLevel {
  Timestamp ts_event;
  std::optional<int64_t> sequence = {};
  BookSide side = BookSide::bid;
  WireLevel level = {};
};

// A quantity that stood unchanged at a price in [begin, end).
struct LevelRun {
  Timestamp begin;
  Timestamp end;
  BookSide side = BookSide::bid;
  WireLevel level = {};
};

}  // namespace tapedeck
