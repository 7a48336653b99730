// Quote: the best bid and ask that a venue showed, with their quantities.
#pragma once

#include "tapedeck/market/decimal.hpp"
#include "tapedeck/market/time.hpp"

namespace tapedeck {

struct Quote {
  Timestamp ts_event;
  Decimal bid_price;
  Decimal bid_quantity;  // as the venue counts it, like a trade's
  Decimal ask_price;
  Decimal ask_quantity;
};

}  // namespace tapedeck
