// Which grain counts on a UTC day where an instrument has both: `trade` where its coverage contains
// that of `aggregate`, else `aggregate`. The other is listed in tape.superseded for that day.
#pragma once

#include "duck/transaction.hpp"
#include "store/tape_facts.hpp"
#include "tapedeck/market/instrument.hpp"

#include <vector>

namespace tapedeck {

// The days on which one grain is set aside, rising; given both grains' folded coverage.
std::vector<SetAside> grains_set_aside(const std::vector<CoverageRow>& trades,
                                       const std::vector<CoverageRow>& aggregates);

// Recomputes the instrument's rows of tape.superseded inside the transaction.
void choose_grains(duck::Transaction& transaction, InstrumentId instrument);

}  // namespace tapedeck
