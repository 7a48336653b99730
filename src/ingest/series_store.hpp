// Stores the series of rows of one file inside one transaction.
#pragma once

#include "feed/table_decoder.hpp"
#include "store/trade_load.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tapedeck {

struct SeriesTotals {
  int64_t rows = 0;
  int64_t duplicates = 0;
  int64_t conflicts = 0;
  std::vector<TradeConflict> kept_conflicts;
  std::string dataset;                  // "trades" or "klines:1m"; of several the first
  std::vector<Instrument> instruments;  // for the catalogue to remember after the commit
};

class SeriesStore {
 public:
  // Core and transaction must outlive it. `facts` goes into every load.
  SeriesStore(StoreCore& core, duck::Transaction& transaction, LoadFacts facts, bool new_venue);
  ~SeriesStore();

  // Rows in any order; ids may repeat. Throws Error{invalid_argument} for an unknown venue, and
  // what TradeLoad and upsert_given_klines throw.
  void add(const TableSeries& series);
  // Finds or makes it; valid as long as the SeriesStore.
  Instrument& instrument(const InstrumentName& name);
  // `rejects` are of the whole file and stand with its last load.
  SeriesTotals finish(int64_t rejects);

 private:
  struct OpenTrades;

  void add_trades(Instrument& instrument, const TableSeries& series, const TradeBlock& block);
  void add_given(const Instrument& instrument, const TableSeries& series);
  Load& given_load(const Instrument& instrument, const std::string& dataset);
  void note_unverifiable(const Instrument& instrument, const std::string& dataset,
                         const TableSeries& series);
  void store_books();
  void add_to_load(const Instrument& instrument, const std::string& dataset,
                   const TableSeries& series, int64_t stored);
  void close(int64_t rejects);

  // Constant after construction
  StoreCore& core_;
  duck::Transaction& transaction_;
  LoadFacts facts_;
  bool new_venue_;

  std::map<InstrumentName, Instrument> instruments_;
  std::unique_ptr<OpenTrades> trades_;  // at most one of both is open
  std::optional<Load> given_;
  // From the first to the last row of the file that no number verifies, whatever lies between.
  std::map<std::pair<InstrumentId, std::string>, TimeRange> unverifiable_;
  // Of a book it matters what stood before: rows wait for the whole file.
  std::map<InstrumentName, std::vector<DepthLevel>> levels_;
  std::map<InstrumentName, std::vector<LevelRun>> runs_;
  SeriesTotals totals_;
};

}  // namespace tapedeck
