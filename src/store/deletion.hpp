// Deletion of what is older than a time: rows, what coverage says of them, and the loads that they
// came with. Rows derived from trades are not touched here.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/data_kind.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>

namespace tapedeck {

// Returns the rows deleted. Afterwards coverage says `deleted` before `cutoff`; loads end to count
// the rows, and their files may come again unless rows without ids are left of them.
int64_t delete_rows_before(duck::Transaction& transaction, DataKind kind, InstrumentId instrument,
                           Timestamp cutoff);

}  // namespace tapedeck
