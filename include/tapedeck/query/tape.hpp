// Reading the tape: trades of one instrument in order, in pieces; what every answer says of itself.
#pragma once

#include "tapedeck/base/keep_going.hpp"
#include "tapedeck/market/trade.hpp"
#include "tapedeck/store/store.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tapedeck {

struct TapeRequest {
  Instrument instrument;
  TimeRange range = {};             // half-open; the defaults mean everything
  std::optional<Grain> grain = {};  // absent: one grain a UTC day, see Grain
};

// What an answer says of itself.
struct TapeAnswer {
  Scale scale;                // of every value in the answer
  std::vector<Grain> grains;  // that it was computed from
  std::string given = {};     // or the venue's own rows that it was made of: "klines:1m"
  Coverage coverage;
  int64_t rows = 0;  // trades read
};

// Trades by (ts_event, trade_id, arrival). `use` gets views that are valid until it returns, on the
// calling thread; memory stays flat whatever the range. Values are at the instrument's scale.
// Errors: out_of_range when a stored value does not fit 64 bits at that scale.
TapeAnswer for_each_trades(const Store& store, const TapeRequest& request,
                           const std::function<KeepGoing(const TradeView&)>& use);

// The same into one block; `into` is emptied first and keeps its capacity, so a block that is used
// again costs no memory.
TapeAnswer read_trades(const Store& store, const TapeRequest& request, TradeBlock& into);

// First and last stored trade of the instrument; nullopt when there is none. [first, last + 1 ns).
std::optional<TimeRange> stored_range(const Store& store, const TapeRequest& request);

// A begin for which [begin, newest] holds at least `rows` trades (or all there are).
Timestamp tail_begin(const Store& store, const TapeRequest& request, int64_t rows);

}  // namespace tapedeck
