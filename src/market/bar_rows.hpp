// Which rows of ordered trades belong to one bar.
#pragma once

#include "tapedeck/market/bar.hpp"
#include "tapedeck/market/time.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace tapedeck {

// The bar of `interval` that holds t.
inline TimeRange bar_range(const BarInterval& interval, Timestamp t) {
  return {.begin = interval.begin_of(t), .end = interval.next(t)};
}

// First row at or behind `from` that is not in `bar`. Throws Error{invalid_argument} when that row
// is earlier than the bar: its trades are not in order.
size_t end_of_bar(std::span<const int64_t> ts_event, size_t from, const TimeRange& bar);

}  // namespace tapedeck
