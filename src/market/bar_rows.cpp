#include "market/bar_rows.hpp"

#include "tapedeck/base/error.hpp"

namespace tapedeck {

size_t end_of_bar(std::span<const int64_t> ts_event, size_t from, const TimeRange& bar) {
  const auto begin = static_cast<uint64_t>(to_epoch_ns(bar.begin));
  const auto end = static_cast<uint64_t>(to_epoch_ns(bar.end));
  // The last bar that 64-bit nanoseconds hold also holds the very last instant.
  const uint64_t width = end - begin + (bar.end == Timestamp::max() ? 1 : 0);
  size_t row = from;
  // One unsigned comparison sees both a later bar and a row before this one.
  while (row < ts_event.size() && static_cast<uint64_t>(ts_event[row]) - begin < width)
    ++row;
  if (row < ts_event.size() && ts_event[row] < to_epoch_ns(bar.begin)) {
    throw Error{ErrorCode::invalid_argument,
                "trades are not in order of time: " + to_iso(from_epoch_ns(ts_event[row])) +
                    " comes behind the bar of " + to_iso(bar.begin)};
  }
  return row;
}

}  // namespace tapedeck
