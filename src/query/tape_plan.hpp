// TapePlan: which stretches of tape.trades answer a request, in time order: per UTC day one grain,
// and a sort only where loads overlap in time.
#pragma once

#include "store/tape_facts.hpp"
#include "store/trade_scan.hpp"
#include "tapedeck/query/tape.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace tapedeck {

// Where one grain counts.
struct GrainRange {
  Grain grain = Grain::trade;
  TimeRange range;
  // From here on no minutes are kept; see TapeFacts.
  std::optional<Timestamp> open_minute = {};
  // That minute, where it is in memory; with `behind` it is all that there is from its begin on.
  std::optional<Bar> open_bar = {};
  std::shared_ptr<const TradeBlock> behind = {};
};

struct TapePlan {
  Instrument instrument;
  std::vector<TapePiece> pieces;  // rising, not overlapping
  std::vector<Grain> grains;      // of the pieces
  // What the pieces lie in, rising by begin. Ranges of two grains overlap only where no day has
  // both.
  std::vector<GrainRange> grain_ranges;
  std::vector<CoverageRow> covered;  // folded coverage of the grains in use, day by day
  Coverage coverage;                 // of the request's range
};

// Of what is in the database.
TapePlan plan_stored_tape(const TapeFacts& facts, const TapeRequest& request);

// A begin for which [begin, newest] holds at least `rows` trades of the plan (or all there are).
Timestamp tail_begin(duck::Connection& reader, const TapePlan& plan, int64_t rows);

// Estimated.
int64_t rows_of(const TapePlan& plan);

// Cuts pieces into slices of about `rows` rows each.
std::vector<TapePiece> sliced(const std::vector<TapePiece>& pieces, int64_t rows);

// Cuts pieces so that `workers` have an even share each, in slices that are neither so small that a
// query's start counts (0.6 ms, as long as 60,000 rows take) nor so large that results pile up.
std::vector<TapePiece> sliced_for(const std::vector<TapePiece>& pieces, size_t workers);

}  // namespace tapedeck
