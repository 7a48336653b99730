// tape.mark_prices, tape.funding_rates, tape.liquidations and tape.depth_bands: staged and merged
// in SQL. Each row is stored once; several may have one time.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/derivatives.hpp"
#include "tapedeck/market/instrument.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace tapedeck {

// Return the rows stored. Throw Error{out_of_range} naming the row when a value does not fit
// DECIMAL(38,12) exactly.
int64_t insert_mark_prices(duck::Transaction& transaction, InstrumentId instrument,
                           std::span<const MarkPrice> rows);
int64_t insert_funding_rates(duck::Transaction& transaction, InstrumentId instrument,
                             std::span<const FundingRate> rows);
int64_t insert_liquidations(duck::Transaction& transaction, InstrumentId instrument,
                            std::span<const Liquidation> rows);
int64_t insert_depth_bands(duck::Transaction& transaction, InstrumentId instrument,
                           std::span<const DepthBand> rows);

}  // namespace tapedeck
