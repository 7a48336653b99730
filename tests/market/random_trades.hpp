// Trades for properties that hold for any tape: the same seed gives the same trades.
#pragma once

#include "tapedeck/market/trade.hpp"

#include <algorithm>
#include <random>

namespace tapedeck::test {

struct RandomTape {
  size_t rows = 2000;
  int64_t begin_ns = 1'723'075'200'000'000'000;  // 2024-08-08
  int64_t max_pause_ms = 400;
  int64_t low = 99'000;
  int64_t high = 101'000;
  int64_t max_quantity = 5'000;
};

inline TradeBlock random_trades(unsigned seed, const RandomTape& tape = {}) {
  std::mt19937_64 random{seed};
  const auto between = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>{low, high}(random);
  };
  TradeBlock block;
  int64_t ns = tape.begin_ns;
  for (size_t row = 0; row < tape.rows; ++row) {
    ns += between(0, tape.max_pause_ms) * 1'000'000;
    block.push_back({.ts_event = from_epoch_ns(ns),
                     .trade_id = static_cast<int64_t>(row),
                     .price = Price{between(tape.low, tape.high)},
                     .quantity = Qty{between(0, tape.max_quantity)},
                     .side = static_cast<AggressorSide>(between(0, 2))});
  }
  return block;
}

// Feeds `fold` in pieces of random length, the empty one included.
template <class Fold>
void add_in_pieces(Fold& fold, const TradeView& trades, unsigned seed, size_t longest) {
  std::mt19937_64 random{seed};
  for (size_t from = 0; from < trades.rows();) {
    const size_t length = std::uniform_int_distribution<size_t>{0, longest}(random);
    const size_t to = std::min(from + length, trades.rows());
    fold.add(trades.part(from, to));
    from = to;
  }
}

}  // namespace tapedeck::test
