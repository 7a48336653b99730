// Bar: open, high, low, close and volumes over an interval, computed from trades.
#pragma once

#include "tapedeck/market/decimal.hpp"
#include "tapedeck/market/time.hpp"
#include "tapedeck/market/trade.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tapedeck {

// Length of a bar, aligned to UTC: weeks begin on Monday, months on the first, everything else
// divides the epoch. One of: 100ms 200ms 300ms 500ms 1s 5s 15s 30s 1m 3m 5m 15m 30m 1h 2h 4h 6h
// 12h 1d 1w 1mo.
class BarInterval {
 public:
  // nullopt for any other word. Accepts Binance's `1M` for a month as well as `1mo`, and the words
  // second, minute, hour, day, week and month.
  static std::optional<BarInterval> parse(std::string_view word);
  // Every interval, shortest first.
  static std::span<const BarInterval> all();

  std::string_view text() const;
  Timestamp begin_of(Timestamp t) const;  // begin of the bar that holds t
  Timestamp next(Timestamp begin) const;  // begin of the following bar
  // Nominal width; nullopt for a month.
  std::optional<std::chrono::nanoseconds> width() const;
  // Position in all(); stable, stored in bar ids.
  int code() const { return code_; }

  constexpr bool operator==(const BarInterval&) const = default;

 private:
  constexpr explicit BarInterval(int code) : code_{code} {}
  int code_ = 0;
};

struct Bar {
  Timestamp begin;
  Timestamp end;
  Price open, high, low, close;
  Volume volume = 0;
  Volume buy_volume = 0;
  Volume sell_volume = 0;
  Money notional = 0;  // Σ price × quantity
  int64_t trades = 0;  // stored rows
  bool operator==(const Bar&) const = default;
};

// Joins two parts of the same bar, `later` behind `earlier`.
Bar joined(const Bar& earlier, const Bar& later);

// Folds ordered trades of one scale into bars; empty intervals give no bar. Feed views in order,
// then take `finish()`. Throws Error{out_of_range} where a sum leaves 128 bits.
class BarFold {
 public:
  explicit BarFold(BarInterval interval) : interval_{interval} {}
  void add(const TradeView& trades);
  // Bars that no later trade can touch, oldest first; leaves the open one inside.
  std::vector<Bar> take_closed();
  // All that is left, the open bar included.
  std::vector<Bar> finish();

 private:
  void open_bar(const TradeView& trades, size_t row);

  // Constant after construction
  BarInterval interval_;
  std::vector<Bar> closed_;
  std::optional<Bar> open_;
};

// A bar of n trades, n volume, n notional or a price range ends with the trade that fills it; the
// trade that overshoots is not split.
enum class BarRule : uint8_t { trades, volume, notional, range };
std::string_view to_text(BarRule rule);

// `size` is in rows, quantity units, money units (10^(price_exp + qty_exp)), or price units. A
// range bar ends with the trade that makes high − low >= size.
class EventBarFold {
 public:
  EventBarFold(BarRule rule, int128 size) : rule_{rule}, size_{size} {}
  void add(const TradeView& trades);
  std::vector<Bar> take_closed();
  std::vector<Bar> finish();

 private:
  // Constant after construction
  BarRule rule_;
  int128 size_;
  std::vector<Bar> closed_;
  std::optional<Bar> open_;
};

// Σ(price × quantity) / Σ quantity with four digits more than the price, rounded half to even;
// nullopt when the volume is 0.
std::optional<Decimal> vwap(const Bar& bar, Scale scale);

}  // namespace tapedeck
