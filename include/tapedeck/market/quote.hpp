// Quote: the best bid and ask that a venue showed, with their quantities.
#pragma once

#include "tapedeck/market/decimal.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>
#include <optional>

namespace tapedeck {

struct Quote {
  Timestamp ts_event;  // where the venue sends no time: when it came
  Decimal bid_price;
  Decimal bid_quantity;  // as the venue counts it, like a trade's
  Decimal ask_price;
  Decimal ask_quantity;
  std::optional<Timestamp> ts_recv = {};  // our clock
  std::optional<int64_t> sequence = {};   // the venue's number of the book it is of
};

}  // namespace tapedeck
