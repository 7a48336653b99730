// The live window: what a store that is recorded keeps in memory of its newest rows.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tapedeck {

struct WindowOptions {
  // Stored trades of one instrument, by their own time and by number; what is older is read from
  // the database. The time is at most 60 minutes.
  std::chrono::minutes trades_time{2};
  int64_t trades_rows = 1'000'000;
  // Of all instruments together: the longest windows are cut first.
  uint64_t bytes = uint64_t{128} << 20;
};

struct WindowStats {
  size_t instruments = 0;      // that have trades in the window
  int64_t trades = 0;          // stored ones
  int64_t pending_trades = 0;  // acknowledged, not yet in the database
  uint64_t bytes = 0;          // of both
  int64_t hits = 0;            // answers from memory alone
  int64_t misses = 0;          // answers that had to ask the database
};

}  // namespace tapedeck
