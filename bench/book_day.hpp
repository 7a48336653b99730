// A day of one book as a recording of raw messages (Binance's USD-margined futures): 864,000
// messages, one each 100 ms, some 3 M level updates, a REST snapshot of 1,700 levels, 100,000
// trades, and a bookTicker whenever the best level is another. A random walk: deterministic, the
// same bytes on every machine.
#pragma once

#include <cstdint>
#include <filesystem>

namespace tapedeck::bench {

struct BookDay {
  std::filesystem::path capture;
  std::filesystem::path snapshots;  // CSV for the peer: the best 20 levels a side of each second
  int64_t updates = 0;
};

// Makes it below `folder` unless it is there already.
BookDay book_day(const std::filesystem::path& folder);

}  // namespace tapedeck::bench
