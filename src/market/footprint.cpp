#include "tapedeck/market/footprint.hpp"

#include "market/bar_rows.hpp"
#include "market/wide_sum.hpp"

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

void add_level(Level& level, const Level& other) {
  add_exact(level.buy_quantity, other.buy_quantity);
  add_exact(level.sell_quantity, other.sell_quantity);
  add_exact(level.unknown_quantity, other.unknown_quantity);
  level.buy_count += other.buy_count;
  level.sell_count += other.sell_count;
  level.unknown_count += other.unknown_count;
}

}  // namespace

std::string_view to_text(StepRule rule) {
  switch (rule) {
    case StepRule::floor: return "floor";
    case StepRule::side: return "side";
  }
  return "floor";
}

void join_levels(std::vector<Level>& earlier, const std::vector<Level>& later) {
  std::vector<Level> all;
  all.reserve(earlier.size() + later.size());
  auto from = earlier.begin();
  for (const Level& level : later) {
    for (; from != earlier.end() && from->price < level.price; ++from)
      all.push_back(*from);
    all.push_back(level);
    if (from != earlier.end() && from->price == level.price) add_level(all.back(), *from++);
  }
  all.insert(all.end(), from, earlier.end());
  earlier = std::move(all);
}

FootprintFold::FootprintFold(BarInterval interval, PriceStep step)
    : interval_{interval}, levels_{step} {}

void FootprintFold::add(const TradeView& trades) {
  for (size_t row = 0; row < trades.rows();) {
    const size_t end = open_ ? end_of_bar(trades.ts_event, row, *open_) : row;
    if (end > row) {
      levels_.add(trades, row, end);
      row = end;
    } else {
      close();
      open_ = bar_range(interval_, from_epoch_ns(trades.ts_event[row]));
    }
  }
}

std::vector<Footprint> FootprintFold::take_closed() {
  return std::exchange(closed_, {});
}

std::vector<Footprint> FootprintFold::finish() {
  close();
  return take_closed();
}

void FootprintFold::close() {
  if (!open_) return;
  Footprint footprint{.begin = open_->begin, .end = open_->end, .levels = {}};
  levels_.take(footprint.levels);
  closed_.push_back(std::move(footprint));
  open_.reset();
}

}  // namespace tapedeck
