#include "tapedeck/market/kline.hpp"

namespace tapedeck {
namespace {

std::optional<Decimal> sum_of(const std::optional<Decimal>& a, const std::optional<Decimal>& b) {
  return a && b ? std::optional{sum(*a, *b)} : std::nullopt;
}

}  // namespace

Kline joined(const Kline& earlier, const Kline& later) {
  Kline whole = earlier;
  if (compare(later.high, whole.high) > 0) whole.high = later.high;
  if (compare(later.low, whole.low) < 0) whole.low = later.low;
  whole.close = later.close;
  whole.volume = sum(whole.volume, later.volume);
  whole.quote_volume = sum_of(whole.quote_volume, later.quote_volume);
  whole.buy_volume = sum_of(whole.buy_volume, later.buy_volume);
  whole.buy_quote_volume = sum_of(whole.buy_quote_volume, later.buy_quote_volume);
  whole.trades =
      whole.trades && later.trades ? std::optional{*whole.trades + *later.trades} : std::nullopt;
  return whole;
}

}  // namespace tapedeck
