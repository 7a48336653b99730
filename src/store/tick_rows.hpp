// tape.ticks: staged and merged in SQL, each tick once.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/tick.hpp"
#include "tapedeck/store/writer.hpp"

#include <span>
#include <string>

namespace tapedeck {

// Ticks in any order. Numbers that are left out become gaps of coverage. Throws what
// Writer::append_ticks throws.
TickResult insert_ticks(duck::Transaction& transaction, InstrumentId instrument,
                        std::span<const Tick> ticks, const std::string& source);

}  // namespace tapedeck
