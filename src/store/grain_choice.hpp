// Which grain counts on a UTC day where an instrument has both: `trade` where its coverage contains
// that of `aggregate`, else `aggregate`. The other is listed in tape.superseded for that day.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/instrument.hpp"

namespace tapedeck {

// Recomputes the instrument's rows of tape.superseded inside the transaction.
void choose_grains(duck::Transaction& transaction, InstrumentId instrument);

}  // namespace tapedeck
