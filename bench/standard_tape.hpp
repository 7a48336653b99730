// The standard tape: 10 M trades of 4 symbols (55/30/10/5 %) over 5 days, bursts within one
// millisecond, written as a venue's aggTrades archives: 20 zips with CHECKSUM, and the same as CSV
// for the peer. Deterministic: the same bytes on every machine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace tapedeck::bench {

struct StandardTape {
  std::filesystem::path archives;          // folder to import
  std::vector<std::filesystem::path> csv;  // the same rows, for the peer
  int64_t trades = 0;
};

// Makes it below `folder` unless it is there already. `trades` scales it: 10,000,000 is standard.
StandardTape standard_tape(const std::filesystem::path& folder, int64_t trades);

}  // namespace tapedeck::bench
