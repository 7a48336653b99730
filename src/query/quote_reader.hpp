// Stored quotes, and trades with both clocks, as rows in order.
#pragma once

#include "duck/database.hpp"
#include "tapedeck/query/quotes.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace tapedeck {

// So far before a range the quote that stands at its begin is looked for.
inline constexpr std::chrono::nanoseconds kLookBack = std::chrono::minutes{10};

// In the order of the clock, of equal times in that of the venue's numbers. Returns the rows.
int64_t read_quotes(duck::Connection& connection, InstrumentId instrument, TimeRange range,
                    BookClock clock, const std::function<KeepGoing(const Quote&)>& use);

// True when there are quotes in the range, and the venue sent no time with any of them.
bool quotes_lack_event_times(duck::Connection& connection, InstrumentId instrument,
                             TimeRange range);

// Of the grain that counts, in the order of the clock. Error{unsupported} when it is ours and they
// have no receive times.
std::vector<QuotedTrade> read_timed_trades(duck::Connection& connection,
                                           const Instrument& instrument, TimeRange range,
                                           BookClock clock);
Coverage trade_coverage(duck::Connection& connection, InstrumentId instrument, TimeRange range);

}  // namespace tapedeck
