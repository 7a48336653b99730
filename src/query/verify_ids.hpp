// Which trade ids are stored, as runs: what is missing and what is there twice.
#pragma once

#include "store/loads.hpp"
#include "tapedeck/market/trade.hpp"

#include <cstdint>
#include <vector>

namespace tapedeck {

// Ids without a hole, in the order in which they are read.
struct IdRun {
  int64_t begin = 0;
  int64_t end = 0;  // inclusive
  Timestamp first;  // time of `begin`
  Timestamp last;   // time of `end`
};

// Sixteen million ids in order are one run; each that is out of order costs a run.
class IdRuns {
 public:
  // Rows with ids.
  void add(const TradeView& trades);
  void add(const IdRuns& later);

  // Rising by begin; they overlap where an id is stored more than once.
  std::vector<IdRun> rising() const;

 private:
  void add(const IdRun& run);
  std::vector<IdRun> runs_;
};

// The functions below take runs that rise by begin.

// Ids that an earlier run has as well.
std::vector<IdRun> doubled_ids(const std::vector<IdRun>& runs);
// The parts of `expected` (rising, not touching) that no run has. Times are those of the nearest
// stored ids below and above.
std::vector<IdRun> missing_ids(const std::vector<IdRun>& runs,
                               const std::vector<IdRange>& expected);
// The parts of the runs outside `known` (rising, not touching).
std::vector<IdRun> unknown_ids(const std::vector<IdRun>& runs, const std::vector<IdRange>& known);

}  // namespace tapedeck
