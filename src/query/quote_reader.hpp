// Stored quotes, and trades with both clocks, as rows in order.
#pragma once

#include "duck/database.hpp"
#include "tapedeck/query/quotes.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace tapedeck {

// So far before a range the quote that stands at its begin is looked for.
inline constexpr std::chrono::nanoseconds kLookBack = std::chrono::minutes{10};

// Quotes of the venue, in the order of the clock, of equal times in that of the venue's numbers.
class QuoteCursor {
 public:
  // The connection must outlive it, and runs nothing else meanwhile.
  QuoteCursor(duck::Connection& connection, InstrumentId instrument, TimeRange range,
              BookClock clock);
  // Null at the end. Borrowed until the next call.
  const Quote* next();

 private:
  void read_row();

  duck::Statement select_;
  duck::Result rows_;
  size_t row_ = 0;
  std::array<std::span<const int64_t>, 7> columns_;
  std::span<const int8_t> price_exp_;
  std::span<const int8_t> qty_exp_;
  const uint64_t* has_recv_ = nullptr;
  const uint64_t* has_sequence_ = nullptr;
  Quote quote_;
};

// True when there are quotes in the range, and the venue sent no time with any of them.
bool quotes_lack_event_times(duck::Connection& connection, InstrumentId instrument,
                             TimeRange range);

// Trades of the grain that counts, within a range of event times.
struct TimedTrades {
  Instrument instrument;
  TimeRange range = {};
  BookClock clock = BookClock::event;
};
// From the first to behind the last of them by the clock; empty without trades.
TimeRange times_of(duck::Connection& connection, const TimedTrades& trades);
// In the order of the clock. Error{unsupported} when it is ours and they have no receive times.
void read_timed_trades(duck::Connection& connection, const TimedTrades& trades,
                       const std::function<KeepGoing(QuotedTrade&)>& use);
Coverage trade_coverage(duck::Connection& connection, InstrumentId instrument, TimeRange range);

}  // namespace tapedeck
