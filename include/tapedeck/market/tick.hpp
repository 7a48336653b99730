// Tick: the best prices and the last trade of one moment, as consolidated feeds send them in one
// message; kept as given.
#pragma once

#include "tapedeck/market/decimal.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tapedeck {

struct Tick {
  Timestamp ts_event;
  Decimal bid_price;
  Decimal ask_price;
  std::optional<Decimal> bid_quantity = {};
  std::optional<Decimal> ask_quantity = {};
  std::optional<Decimal> last_price = {};
  std::optional<Decimal> last_quantity = {};
  std::optional<Decimal> volume = {};        // of the day, as the feed counts it
  std::optional<int64_t> sequence = {};      // rises by 1 where nothing is missing
  std::vector<std::string> conditions = {};  // of the last trade
  std::string tape = {};                     // "A", "B", "C"
  std::string correlation_id = {};           // a UUID as text
  std::optional<Timestamp> ts_recv = {};     // our clock; absent: when it is stored
};

}  // namespace tapedeck
