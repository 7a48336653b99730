#include "tapedeck/market/bar.hpp"

#include "market/bar_rows.hpp"
#include "market/wide_sum.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace tapedeck {
namespace {

struct IntervalName {
  std::string_view text;
  std::chrono::nanoseconds width;  // 0: a calendar month
};

using namespace std::chrono_literals;

constexpr std::array<IntervalName, 21> kIntervals{{
    {"100ms", 100ms}, {"200ms", 200ms}, {"300ms", 300ms}, {"500ms", 500ms}, {"1s", 1s},
    {"5s", 5s},       {"15s", 15s},     {"30s", 30s},     {"1m", 1min},     {"3m", 3min},
    {"5m", 5min},     {"15m", 15min},   {"30m", 30min},   {"1h", 1h},       {"2h", 2h},
    {"4h", 4h},       {"6h", 6h},       {"12h", 12h},     {"1d", 24h},      {"1w", 24h * 7},
    {"1mo", 0ns},
}};
constexpr size_t kWeek = 19;

struct OtherName {
  std::string_view text;
  std::string_view ours;
};
constexpr std::array<OtherName, 7> kOtherNames{{{"1M", "1mo"},
                                                {"second", "1s"},
                                                {"minute", "1m"},
                                                {"hour", "1h"},
                                                {"day", "1d"},
                                                {"week", "1w"},
                                                {"month", "1mo"}}};

// 1970-01-01 was a Thursday; the Monday after it begins four days later.
constexpr int64_t kFirstMondayNs = std::chrono::nanoseconds{24h * 4}.count();

const IntervalName& named(int code) {
  return kIntervals[static_cast<size_t>(code)];
}

// Begin of the bar that holds t, or of the following one. A wider integer, because the first and
// the last bar reach beyond 64 bits.
int128 exact_begin(int code, Timestamp t, int following) {
  const int64_t width = named(code).width.count();
  if (width == 0) {
    const std::chrono::year_month_day day{day_of(t)};
    const auto month = day.year() / day.month() + std::chrono::months{following};
    return int128{Date{month / 1}.time_since_epoch().count()} *
           std::chrono::nanoseconds{24h}.count();
  }
  const int64_t origin = static_cast<size_t>(code) == kWeek ? kFirstMondayNs : 0;
  int64_t into = (to_epoch_ns(t) % width - origin) % width;
  if (into < 0) into += width;
  return int128{to_epoch_ns(t)} - into + int128{width} * following;
}

Timestamp clamped(int128 ns) {
  return from_epoch_ns(
      static_cast<int64_t>(std::clamp(ns, int128{std::numeric_limits<int64_t>::min()},
                                      int128{std::numeric_limits<int64_t>::max()})));
}

// What a run of rows adds to a bar.
struct RunSums {
  int64_t high;
  int64_t low;
  int128 volume = 0;
  int128 buy_volume = 0;
  int128 sell_volume = 0;
  int128 notional = 0;
};

// 1,024 rows of quantities below 2^53 sum to less than 2^63, and their products with any price to
// less than 2^126: within a run nothing can overflow.
constexpr size_t kRunRows = 1024;
constexpr int kSafeQuantityBits = 53;

// False when a quantity is too large for sums without checks; `sums` is then unusable.
bool sum_unchecked(const TradeView& trades, size_t from, size_t to, RunSums& sums) {
  int64_t high = sums.high;
  int64_t low = sums.low;
  uint64_t all_bits = 0;
  uint64_t volume = 0;
  uint64_t buy_volume = 0;
  uint64_t sell_volume = 0;
  uint128 notional = 0;
  for (size_t row = from; row < to; ++row) {
    const int64_t price = trades.price[row];
    const int64_t signed_quantity = trades.quantity[row];
    const auto quantity = static_cast<uint64_t>(signed_quantity);
    const auto side = static_cast<uint64_t>(trades.side[row]);
    high = std::max(high, price);
    low = std::min(low, price);
    all_bits |= quantity;
    volume += quantity;
    buy_volume += quantity & (0 - (side & 1));  // AggressorSide: buy = 1, sell = 2
    sell_volume += quantity & (0 - (side >> 1));
    notional += static_cast<uint128>(int128{price} * signed_quantity);
  }
  sums = {.high = high,
          .low = low,
          .volume = volume,
          .buy_volume = buy_volume,
          .sell_volume = sell_volume,
          .notional = static_cast<int128>(notional)};
  return all_bits >> kSafeQuantityBits == 0;
}

RunSums sum_checked(const TradeView& trades, size_t from, size_t to) {
  RunSums sums{.high = trades.price[from], .low = trades.price[from]};
  for (size_t row = from; row < to; ++row) {
    const int64_t price = trades.price[row];
    const int64_t quantity = trades.quantity[row];
    sums.high = std::max(sums.high, price);
    sums.low = std::min(sums.low, price);
    add_exact(sums.volume, quantity);
    if (trades.side[row] == AggressorSide::buy) add_exact(sums.buy_volume, quantity);
    if (trades.side[row] == AggressorSide::sell) add_exact(sums.sell_volume, quantity);
    add_exact(sums.notional, int128{price} * quantity);
  }
  return sums;
}

void add_rows(Bar& bar, const TradeView& trades, size_t from, size_t to) {
  for (size_t begin = from; begin < to; begin += kRunRows) {
    const size_t end = std::min(begin + kRunRows, to);
    RunSums sums{.high = bar.high.raw(), .low = bar.low.raw()};
    if (!sum_unchecked(trades, begin, end, sums)) sums = sum_checked(trades, begin, end);
    bar.high = std::max(bar.high, Price{sums.high});
    bar.low = std::min(bar.low, Price{sums.low});
    add_exact(bar.volume, sums.volume);
    add_exact(bar.buy_volume, sums.buy_volume);
    add_exact(bar.sell_volume, sums.sell_volume);
    add_exact(bar.notional, sums.notional);
  }
  bar.close = Price{trades.price[to - 1]};
  bar.trades += static_cast<int64_t>(to - from);
}

}  // namespace

std::optional<BarInterval> BarInterval::parse(std::string_view word) {
  const auto* const other = std::ranges::find(kOtherNames, word, &OtherName::text);
  if (other != kOtherNames.end()) word = other->ours;
  const auto* const found = std::ranges::find(kIntervals, word, &IntervalName::text);
  if (found == kIntervals.end()) return std::nullopt;
  return BarInterval{static_cast<int>(found - kIntervals.begin())};
}

std::span<const BarInterval> BarInterval::all() {
  static const auto intervals = [] {
    std::vector<BarInterval> every;
    for (size_t code = 0; code < kIntervals.size(); ++code) {
      every.push_back(BarInterval{static_cast<int>(code)});
    }
    return every;
  }();
  return intervals;
}

std::string_view BarInterval::text() const {
  return named(code_).text;
}

Timestamp BarInterval::begin_of(Timestamp t) const {
  return clamped(exact_begin(code_, t, 0));
}

Timestamp BarInterval::next(Timestamp begin) const {
  return clamped(exact_begin(code_, begin, 1));
}

std::optional<std::chrono::nanoseconds> BarInterval::width() const {
  if (named(code_).width == 0ns) return std::nullopt;
  return named(code_).width;
}

Bar joined(const Bar& earlier, const Bar& later) {
  Bar bar = earlier;
  bar.end = later.end;
  bar.high = std::max(earlier.high, later.high);
  bar.low = std::min(earlier.low, later.low);
  bar.close = later.close;
  add_exact(bar.volume, later.volume);
  add_exact(bar.buy_volume, later.buy_volume);
  add_exact(bar.sell_volume, later.sell_volume);
  add_exact(bar.notional, later.notional);
  bar.trades += later.trades;
  return bar;
}

void BarFold::open_bar(const TradeView& trades, size_t row) {
  const TimeRange range = bar_range(interval_, from_epoch_ns(trades.ts_event[row]));
  const Price price{trades.price[row]};
  if (open_) closed_.push_back(*open_);
  open_ = Bar{.begin = range.begin,
              .end = range.end,
              .open = price,
              .high = price,
              .low = price,
              .close = price};
}

void BarFold::add(const TradeView& trades) {
  for (size_t row = 0; row < trades.rows();) {
    size_t end = row;
    if (open_) end = end_of_bar(trades.ts_event, row, {.begin = open_->begin, .end = open_->end});
    if (end > row) {
      add_rows(*open_, trades, row, end);
      row = end;
    } else {
      open_bar(trades, row);
    }
  }
}

std::vector<Bar> BarFold::take_closed() {
  return std::exchange(closed_, {});
}

std::vector<Bar> BarFold::finish() {
  if (open_) closed_.push_back(*open_);
  open_.reset();
  return take_closed();
}

std::optional<Decimal> vwap(const Bar& bar, Scale scale) {
  if (bar.volume == 0) return std::nullopt;
  constexpr int kDigits = 4;
  return Decimal{.units = divide_half_even(bar.notional, bar.volume, kDigits),
                 .exponent = scale.price_exp - kDigits};
}

}  // namespace tapedeck
