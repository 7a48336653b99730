// Two ways to the same klines: folded from trades, or joined from the minutes kept beside them.
#pragma once

#include "query/tape_plan.hpp"
#include "tapedeck/base/keep_going.hpp"
#include "tapedeck/market/bar.hpp"

#include <functional>

namespace tapedeck {

using UseBar = std::function<KeepGoing(const Bar&)>;

// The plan's range must hold whole bars. Bars come in order, on the calling thread.
void fold_klines(StoreCore& core, const TapePlan& plan, BarInterval interval, const UseBar& use);
void join_minutes(StoreCore& core, const TapePlan& plan, BarInterval interval, const UseBar& use);

// Bars of this interval are whole minutes.
bool made_of_minutes(BarInterval interval);

}  // namespace tapedeck
