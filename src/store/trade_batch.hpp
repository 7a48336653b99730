// A batch of trades as callers give it: in any order, ids may repeat. What a load takes is checked
// and brought into order here.
#pragma once

#include "tapedeck/market/trade.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tapedeck {

// Throws Error{invalid_argument} naming the row when a price is not above 0 or a quantity below 0.
void check_values(const TradeBlock& trades);

// A row whose id is there with other content: the first one stays.
struct TradeConflict {
  Trade stored;
  Trade offered;
  Scale stored_scale;
  Scale offered_scale;
};

// For the rejects: why the offered row is not stored, and the row itself.
std::string reason_of(const TradeConflict& conflict);
std::string offered_text(const TradeConflict& conflict);

struct OrderedBatch {
  TradeBlock trades;                     // by (ts_event, trade_id, arrival), each id once
  int64_t duplicates = 0;                // rows left out: equal to the first of their id
  std::vector<TradeConflict> conflicts;  // rows left out: unlike the first of their id
};
OrderedBatch in_order(const TradeBlock& trades);

}  // namespace tapedeck
