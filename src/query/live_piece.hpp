// What of the tape is acknowledged and not yet in the database, as the last piece of a plan.
#pragma once

#include "query/tape_plan.hpp"
#include "store/core.hpp"
#include "store/live_window.hpp"
#include "store/tape_facts.hpp"

#include <map>
#include <vector>

namespace tapedeck {

using PendingTape = std::map<Grain, std::vector<PendingTrades>>;

// Ask before the facts that a plan is made of: what is applied in between is in both, and told
// apart by its sequence; asked later it could be in neither.
PendingTape pending_tape(StoreCore& core, const TapeRequest& request);

// `reader` sees the moment that `facts` and `plan` are of.
void add_live_piece(duck::Connection& reader, const TapeFacts& facts, PendingTape pending,
                    const TapeRequest& request, TapePlan& plan);

// Of the stored trades of a grain.
TapeEnd end_of(const TapeFacts& facts, Grain grain);

}  // namespace tapedeck
