// What venues of derivatives publish beside trades and books: mark prices, funding,
// liquidations, summed depth.
// Few rows, so each value keeps its own digits.
#pragma once

#include "tapedeck/market/decimal.hpp"
#include "tapedeck/market/side.hpp"
#include "tapedeck/market/time.hpp"

#include <optional>

namespace tapedeck {

struct MarkPrice {
  Timestamp ts_event;
  Decimal mark_price;
  std::optional<Decimal> index_price = {};
  std::optional<Timestamp> ts_recv = {};
};

struct FundingRate {
  Timestamp ts_event;
  Decimal funding_rate;  // a share of the position's value; longs pay where it is above 0
  std::optional<Timestamp> next_funding = {};
  std::optional<Timestamp> ts_recv = {};
};

struct Liquidation {
  Timestamp ts_event;
  AggressorSide side = AggressorSide::unknown;  // of the order that closes the position
  Decimal price;
  Decimal quantity;  // as the venue counts it
  std::optional<Timestamp> ts_recv = {};
};

// What stood in the book within so many percent of the mid price, all levels together.
struct DepthBand {
  Timestamp ts_event;
  Decimal percentage;  // below 0: of the bids
  Decimal depth;       // quantity, as the venue counts it
  Decimal notional;
};

}  // namespace tapedeck
