// Kline: a bar as the venue publishes it (ours, computed from trades, are Bar); OpenInterest with
// the long/short ratios Binance publishes beside it. Few rows, so each value keeps its own digits.
#pragma once

#include "tapedeck/market/decimal.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>
#include <optional>

namespace tapedeck {

struct Kline {
  Timestamp begin;
  Decimal open, high, low, close;
  Decimal volume;
  std::optional<Decimal> quote_volume;
  std::optional<Decimal> buy_volume;        // taker buys
  std::optional<Decimal> buy_quote_volume;  // taker buys, in quote currency
  std::optional<int64_t> trades;            // venue's count of single trades
};

// Joins two parts of the same bar, `later` behind `earlier`; begins as `earlier`. What one of them
// lacks the whole lacks. Error{out_of_range} when a sum leaves 128 bits.
Kline joined(const Kline& earlier, const Kline& later);

struct OpenInterest {
  Timestamp ts_event;
  Decimal open_interest;                             // contracts or base units, as the venue counts
  std::optional<Decimal> open_interest_value;        // the same in quote currency
  std::optional<Decimal> top_trader_account_ratio;   // count_toptrader_long_short_ratio
  std::optional<Decimal> top_trader_position_ratio;  // sum_toptrader_long_short_ratio
  std::optional<Decimal> account_ratio;              // count_long_short_ratio
  std::optional<Decimal> taker_volume_ratio;         // sum_taker_long_short_vol_ratio
};

}  // namespace tapedeck
