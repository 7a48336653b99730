// tape.quotes: best bid and ask as integers of the row's exponents, staged and merged in SQL.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/quote.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace tapedeck {

// Stores quotes in any order, each (time, sequence, four values) once. Returns the rows stored.
// Throws Error{out_of_range} naming the quote when a value does not fit 64 bits at its own digits.
int64_t insert_quotes(duck::Transaction& transaction, InstrumentId instrument,
                      std::span<const Quote> quotes);

// No numbers tell whether quotes are missing between the first and the last: `unverifiable`.
void insert_quote_coverage(duck::Transaction& transaction, InstrumentId instrument,
                           std::span<const Quote> quotes, const std::string& source);

// The latest; of equal times the one that was stored last.
std::optional<Quote> newest_quote(duck::Connection& connection, InstrumentId instrument);

}  // namespace tapedeck
