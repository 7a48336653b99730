// Writer: stores records. Each call is one transaction: all of it is on disk when it returns, or
// nothing was stored and it threw.
#pragma once

#include "tapedeck/market/data_kind.hpp"
#include "tapedeck/market/kline.hpp"
#include "tapedeck/market/quote.hpp"
#include "tapedeck/market/trade.hpp"
#include "tapedeck/store/store.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace tapedeck {

struct AppendResult {
  int64_t rows = 0;        // stored now
  int64_t duplicates = 0;  // were there already, equal
  int64_t conflicts = 0;   // the same id is stored with other content; the stored row stays
};

// Calls from several threads take turns. The Store must outlive the Writer.
class Writer {
 public:
  // Error{read_only} when the store was opened for reading.
  explicit Writer(Store& store);

  // Trades in any order. Refuses the whole batch with Error{invalid_argument} naming the row when a
  // price is not above 0 or a quantity below 0. Rows with a trade_id that is stored already are not
  // stored again. `source` goes into coverage.
  AppendResult append(InstrumentId instrument, const TradeBlock& trades, Grain grain = Grain::trade,
                      const std::string& source = "api");

  // By (instrument, interval, begin, source): the last value wins, within the call as well.
  // Returns the rows that are new or changed.
  int64_t upsert_klines(InstrumentId instrument, BarInterval interval,
                        std::span<const Kline> klines, const std::string& source = "venue");
  int64_t upsert_open_interest(InstrumentId instrument, std::span<const OpenInterest> rows);

  // Stored like open interest, but never replaced: several may have one time.
  int64_t append_quotes(InstrumentId instrument, std::span<const Quote> quotes);

  // Deletes rows of a kind before `cutoff` (klines: that begin before it), of one instrument or of
  // all; coverage keeps the range as `deleted`, and a file whose rows are all gone may be imported
  // again. Returns the rows deleted.
  int64_t delete_before(DataKind kind, Timestamp cutoff,
                        std::optional<InstrumentId> instrument = {});

 private:
  Store& store_;
};

// Rows stored of one instrument, in the grain that answers are given from.
int64_t count_trades(const Store& store, InstrumentId instrument);

}  // namespace tapedeck
