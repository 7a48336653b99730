// tape.ticks: staged and merged in SQL, each tick once.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/tick.hpp"
#include "tapedeck/store/coverage.hpp"
#include "tapedeck/store/writer.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tapedeck {

// Error{invalid_argument} naming the tick and the rule.
void check_tick(const Tick& tick);

// A tick that has a number.
struct NumberedTick {
  Timestamp at;
  int64_t sequence = 0;
};
// Numbers that were left out, from the tick in front of them to the one behind: `last` is the
// newest that was stored before. A number that does not rise begins a new count: a feed that was
// started again.
std::vector<CoverageRow> coverage_of(std::span<const Tick> ticks, std::optional<NumberedTick> last,
                                     const std::string& source);

// Ticks in any order. Numbers that are left out become gaps of coverage. Throws what
// Writer::append_ticks throws.
TickResult insert_ticks(duck::Transaction& transaction, InstrumentId instrument,
                        std::span<const Tick> ticks, const std::string& source);

}  // namespace tapedeck
