// tape.coverage as rows.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/store/coverage.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

// As stored, not folded.
std::vector<CoverageRow> coverage_rows(duck::Connection& connection, InstrumentId instrument,
                                       std::string_view dataset);
std::map<std::string, std::vector<CoverageRow>> coverage_by_dataset(duck::Connection& connection,
                                                                    InstrumentId instrument);
void insert_coverage(duck::Transaction& transaction, InstrumentId instrument,
                     std::span<const CoverageRow> rows);
// Makes a stored row of the same source reach to the end of `row`, which continues it: by its ids,
// or, where it has none and the recording goes on, in time. False when there is none.
bool extend_coverage(duck::Transaction& transaction, InstrumentId instrument,
                     const CoverageRow& row, bool goes_on);
inline void insert_coverage(duck::Transaction& transaction, InstrumentId instrument,
                            const CoverageRow& row) {
  insert_coverage(transaction, instrument, std::span{&row, 1});
}

}  // namespace tapedeck
