// Rows that a venue computed and we keep as given: klines and open interest. Few rows, so they are
// staged and merged in SQL.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/kline.hpp"
#include "tapedeck/store/coverage.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace tapedeck {

// Stores what is new or differs; the last row of a key wins. Returns the rows stored. Throws
// Error{out_of_range} naming the row when a value does not fit DECIMAL(38,12) exactly.
int64_t upsert_given_klines(duck::Transaction& transaction, InstrumentId instrument,
                            BarInterval interval, std::span<const Kline> klines,
                            const std::string& source);
int64_t upsert_given_open_interest(duck::Transaction& transaction, InstrumentId instrument,
                                   std::span<const OpenInterest> rows);

// Stretches of klines that follow one another without a hole.
void insert_kline_coverage(duck::Transaction& transaction, InstrumentId instrument,
                           BarInterval interval, std::span<const Kline> klines,
                           const std::string& source);
void insert_open_interest_coverage(duck::Transaction& transaction, InstrumentId instrument,
                                   std::span<const OpenInterest> rows, const std::string& source);

// What was recorded before `cutoff` becomes `deleted`.
void mark_deleted_before(duck::Transaction& transaction, InstrumentId instrument,
                         std::string_view dataset, Timestamp cutoff);

}  // namespace tapedeck
