// Two ways to the same klines: folded from trades, or joined from the minutes kept beside them.
#pragma once

#include "query/tape_reading.hpp"
#include "tapedeck/base/keep_going.hpp"
#include "tapedeck/market/bar.hpp"

#include <functional>

namespace tapedeck {

using UseBar = std::function<KeepGoing(const Bar&)>;

// The plan's range must hold whole bars. Bars come in order, on the calling thread.
void fold_klines(const TapeReading& reading, BarInterval interval, const UseBar& use);
void join_minutes(const TapeReading& reading, BarInterval interval, const UseBar& use);

// Bars of this interval are whole minutes.
bool made_of_minutes(BarInterval interval);

}  // namespace tapedeck
