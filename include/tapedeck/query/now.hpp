// "Now": the newest rows of an instrument. What is acknowledged counts, whether or not the database
// has it yet; what the live window holds is answered from memory, the rest is read once and kept
// there while the store is written to by recordings alone.
#pragma once

#include "tapedeck/market/kline.hpp"
#include "tapedeck/market/quote.hpp"
#include "tapedeck/market/trade.hpp"
#include "tapedeck/store/store.hpp"

#include <cstdint>
#include <optional>

namespace tapedeck {

// The newest `rows` trades, oldest first, at the instrument's scale; fewer when there are not so
// many. `into` is emptied first and keeps its capacity. Ids are dropped when any row has none.
// Errors: as of read_trades().
void last_trades(const Store& store, InstrumentId instrument, int64_t rows, TradeBlock& into);

// By its own time; of equal times the one that came last. nullopt: none is stored.
std::optional<Quote> last_quote(const Store& store, InstrumentId instrument);
std::optional<OpenInterest> last_open_interest(const Store& store, InstrumentId instrument);

}  // namespace tapedeck
