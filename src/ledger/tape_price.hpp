// What the tape says an instrument is worth.
#pragma once

#include "duck/database.hpp"
#include "tapedeck/market/amount.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/time.hpp"

#include <optional>

namespace tapedeck {

// The last of the range: the venue's mark price, else a trade, else the middle of a quote (half to
// even to 12 digits); nullopt where the store has none above 0.
std::optional<Amount> tape_price(duck::Connection& connection, InstrumentId instrument,
                                 const TimeRange& range);

}  // namespace tapedeck
