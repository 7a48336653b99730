// Books that somebody else kept as rows: whole snapshots, a row a level, or resting orders, a row a
// run. Each becomes a book stream of its own kind.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/depth_snapshot.hpp"
#include "tapedeck/market/instrument.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

inline constexpr std::string_view kSnapshotsChannel = "snapshots";
inline constexpr std::string_view kRunsChannel = "order_runs";

// Rows in any order. What lies within a stretch that is stored is left out; between stretches, a
// book begins anew. Returns the rows that are stored.
int64_t insert_depth_levels(duck::Transaction& transaction, InstrumentId instrument,
                            std::vector<DepthLevel> levels, const std::string& source);
// The same; of runs at one place that overlap, the later one counts from its begin on.
int64_t insert_level_runs(duck::Transaction& transaction, InstrumentId instrument,
                          std::vector<LevelRun> runs, const std::string& source);

}  // namespace tapedeck
