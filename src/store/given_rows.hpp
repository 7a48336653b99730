// Rows that a venue computed and we keep as given: klines and open interest. Few rows, so they are
// staged and merged in SQL.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/kline.hpp"
#include "tapedeck/store/coverage.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

// Stores what is new or differs; the last row of a key wins. Returns the rows stored. Throws
// Error{out_of_range} naming the row when a value does not fit DECIMAL(38,12) exactly.
int64_t upsert_given_klines(duck::Transaction& transaction, InstrumentId instrument,
                            BarInterval interval, std::span<const Kline> klines,
                            const std::string& source);
int64_t upsert_given_open_interest(duck::Transaction& transaction, InstrumentId instrument,
                                   std::span<const OpenInterest> rows);

// Which klines are stored: one entry an interval and source.
struct GivenSeries {
  BarInterval interval;
  std::string source;
  TimeRange range;  // [first begin, last begin + 1 ns)
};
std::vector<GivenSeries> given_series(duck::Connection& connection, InstrumentId instrument);
// Rising by begin.
std::vector<Kline> given_klines(duck::Connection& connection, InstrumentId instrument,
                                BarInterval interval, std::string_view source, TimeRange range);
// [first, last + 1 ns); nullopt when there is none.
std::optional<TimeRange> open_interest_range(duck::Connection& connection, InstrumentId instrument);
// Rising in time.
std::vector<OpenInterest> given_open_interest(duck::Connection& connection, InstrumentId instrument,
                                              TimeRange range);

// Stretches of klines that follow one another without a hole.
void insert_kline_coverage(duck::Transaction& transaction, InstrumentId instrument,
                           BarInterval interval, std::span<const Kline> klines,
                           const std::string& source);
void insert_open_interest_coverage(duck::Transaction& transaction, InstrumentId instrument,
                                   std::span<const OpenInterest> rows, const std::string& source);

}  // namespace tapedeck
