#include "tapedeck/market/kline.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

Kline kline(int64_t open, int64_t high, int64_t low, int64_t close) {
  return {.begin = from_epoch_ns(0),
          .open = {open, -1},
          .high = {high, -1},
          .low = {low, -1},
          .close = {close, -1},
          .volume = {25, -1},
          .quote_volume = Decimal{5, 0},
          .buy_volume = Decimal{1, -3},
          .buy_quote_volume = Decimal{2, 0},
          .trades = 4};
}

TEST_CASE("two klines join to one: first open, last close, extremes, exact sums") {
  const Kline whole = joined(kline(10, 15, 9, 12), kline(12, 14, 8, 13));
  CHECK(whole.begin == from_epoch_ns(0));
  CHECK(whole.open == Decimal{10, -1});
  CHECK(whole.high == Decimal{15, -1});
  CHECK(whole.low == Decimal{8, -1});
  CHECK(whole.close == Decimal{13, -1});
  CHECK(whole.volume == Decimal{5, 0});
  CHECK(*whole.quote_volume == Decimal{10, 0});
  CHECK(*whole.buy_volume == Decimal{2, -3});
  CHECK(*whole.buy_quote_volume == Decimal{4, 0});
  CHECK(whole.trades == 8);
}

TEST_CASE("what one part does not say, the whole does not say") {
  Kline silent = kline(1, 1, 1, 1);
  silent.quote_volume.reset();
  silent.buy_volume.reset();
  silent.trades.reset();
  for (const Kline& whole :
       {joined(silent, kline(1, 1, 1, 1)), joined(kline(1, 1, 1, 1), silent)}) {
    CHECK_FALSE(whole.quote_volume.has_value());
    CHECK_FALSE(whole.buy_volume.has_value());
    CHECK_FALSE(whole.trades.has_value());
    CHECK(whole.buy_quote_volume.has_value());
  }
}

}  // namespace
}  // namespace tapedeck
