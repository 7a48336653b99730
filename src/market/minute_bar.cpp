#include "tapedeck/market/minute_bar.hpp"

#include "base/check.hpp"
#include "market/bar_rows.hpp"

#include <algorithm>

namespace tapedeck {
namespace {

// Odd numbers without structure: the leading fractional digits of the square roots of 2, 3, 5, 7
// and 11, made odd.
constexpr uint64_t kTsEvent = 0x6a09e667f3bcc909;
constexpr uint64_t kTradeId = 0xbb67ae8584caa73b;
constexpr uint64_t kPrice = 0x3c6ef372fe94f82b;
constexpr uint64_t kQuantity = 0xa54ff53a5f1d36f1;
constexpr uint64_t kSide = 0x510e527fade682d1;

// Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014), the finalizer.
constexpr uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

constexpr int kFinestExponent = -12;

// 10^(exponent + 12) modulo 2^64: brings units of any scale to units of 1e-12.
uint64_t to_finest(int exponent) {
  uint64_t factor = 1;
  for (int e = exponent; e > kFinestExponent; --e)
    factor *= 10;
  return factor;
}

uint64_t hash_of(const TradeView& trades, size_t from, size_t to) {
  const uint64_t price_factor = to_finest(trades.scale.price_exp) * kPrice;
  const uint64_t quantity_factor = to_finest(trades.scale.qty_exp) * kQuantity;
  uint64_t sum = 0;
  for (size_t row = from; row < to; ++row) {
    const uint64_t id = trades.has_ids ? static_cast<uint64_t>(trades.trade_id[row]) : 0;
    const auto side = static_cast<uint64_t>(trades.side[row]) + (trades.has_ids ? 0 : 4);
    sum += mix(static_cast<uint64_t>(trades.ts_event[row]) * kTsEvent + id * kTradeId +
               static_cast<uint64_t>(trades.price[row]) * price_factor +
               static_cast<uint64_t>(trades.quantity[row]) * quantity_factor + side * kSide);
  }
  return sum;
}

}  // namespace

void MinuteFold::add(const TradeView& trades) {
  static const BarInterval minute = *BarInterval::parse("1m");
  for (size_t row = 0; row < trades.rows();) {
    const TimeRange range = bar_range(minute, from_epoch_ns(trades.ts_event[row]));
    const size_t end = end_of_bar(trades.ts_event, row, range);
    bars_.add(trades.part(row, end));
    if (sources_.empty() || sources_.back().bar.begin != range.begin) {
      MinuteBar& begun = sources_.emplace_back();
      begun.bar.begin = range.begin;
    }
    MinuteBar& source = sources_.back();
    source.rows_hash += hash_of(trades, row, end);
    if (trades.has_ids) {
      const auto [low, high] = std::ranges::minmax(trades.trade_id.subspan(row, end - row));
      source.id_begin = std::min(source.id_begin.value_or(low), low);
      source.id_end = std::max(source.id_end.value_or(high), high);
    }
    row = end;
  }
}

std::vector<MinuteBar> MinuteFold::with_bars(const std::vector<Bar>& bars) {
  TAPEDECK_CHECK(bars.size() <= sources_.size(), "{} bars of {} minutes", bars.size(),
                 sources_.size());
  const auto behind = sources_.begin() + static_cast<std::ptrdiff_t>(bars.size());
  std::vector<MinuteBar> result{sources_.begin(), behind};
  sources_.erase(sources_.begin(), behind);
  for (size_t i = 0; i < bars.size(); ++i)
    result[i].bar = bars[i];
  return result;
}

std::vector<MinuteBar> MinuteFold::take_closed() {
  return with_bars(bars_.take_closed());
}

std::vector<MinuteBar> MinuteFold::finish() {
  return with_bars(bars_.finish());
}

}  // namespace tapedeck
