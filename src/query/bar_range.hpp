// Which trades and which coverage a bar needs.
#pragma once

#include "tapedeck/market/bar.hpp"
#include "tapedeck/store/coverage.hpp"

#include <vector>

namespace tapedeck {

// The range of all trades of the bars that begin in `range`.
TimeRange whole_bars(TimeRange range, BarInterval interval);

// Answers "is this stretch recorded without a hole" for many bars.
class Completeness {
 public:
  explicit Completeness(const std::vector<CoverageRow>& folded_rows);
  bool of(TimeRange range) const;

 private:
  std::vector<TimeRange> covered_;
};

}  // namespace tapedeck
