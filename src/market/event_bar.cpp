#include "market/wide_sum.hpp"
#include "tapedeck/market/bar.hpp"

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

Bar begin_bar(const Trade& trade) {
  return {.begin = trade.ts_event,
          .end = trade.ts_event,
          .open = trade.price,
          .high = trade.price,
          .low = trade.price,
          .close = trade.price};
}

void add_trade(Bar& bar, const Trade& trade) {
  const int64_t quantity = trade.quantity.raw();
  add_exact(bar.volume, quantity);
  if (trade.side == AggressorSide::buy) add_exact(bar.buy_volume, quantity);
  if (trade.side == AggressorSide::sell) add_exact(bar.sell_volume, quantity);
  add_exact(bar.notional, int128{trade.price.raw()} * quantity);
  bar.high = std::max(bar.high, trade.price);
  bar.low = std::min(bar.low, trade.price);
  bar.close = trade.price;
  ++bar.trades;
  // Half-open: the end is the first instant behind the last trade.
  bar.end = trade.ts_event == Timestamp::max() ? trade.ts_event
                                               : trade.ts_event + std::chrono::nanoseconds{1};
}

int128 filled(const Bar& bar, BarRule rule) {
  switch (rule) {
    case BarRule::trades: return bar.trades;
    case BarRule::volume: return bar.volume;
    case BarRule::notional: return bar.notional;
    case BarRule::range: return int128{bar.high.raw()} - bar.low.raw();
  }
  return 0;
}

}  // namespace

std::string_view to_text(BarRule rule) {
  switch (rule) {
    case BarRule::trades: return "trades";
    case BarRule::volume: return "volume";
    case BarRule::notional: return "notional";
    case BarRule::range: return "range";
  }
  return "trades";
}

void EventBarFold::add(const TradeView& trades) {
  for (size_t row = 0; row < trades.rows(); ++row) {
    const Trade trade = trades[row];
    if (!open_) open_ = begin_bar(trade);
    add_trade(*open_, trade);
    if (filled(*open_, rule_) < size_) continue;
    closed_.push_back(*open_);
    open_.reset();
  }
}

std::vector<Bar> EventBarFold::take_closed() {
  return std::exchange(closed_, {});
}

std::vector<Bar> EventBarFold::finish() {
  if (open_) closed_.push_back(*open_);
  open_.reset();
  return take_closed();
}

}  // namespace tapedeck
