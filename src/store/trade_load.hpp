// TradeLoad: the one way of trades into the store. One load is one file or batch, inside one
// transaction: rows, the load's row, coverage, minute bars, the instrument's scale, and which grain
// counts.
#pragma once

#include "duck/appender.hpp"
#include "store/core.hpp"
#include "store/live_minutes.hpp"
#include "store/loads.hpp"
#include "store/minute_bars.hpp"
#include "store/trade_batch.hpp"
#include "tapedeck/market/trade.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tapedeck {

// Of rows that are a part of a recording.
struct LiveLoad {
  LiveMinutes& minutes;
  TradeBlock& stored;  // those that the load stores are added to it
};

class TradeLoad {
 public:
  // `transaction` must outlive the load. With `live` the rows are a part of a recording: they
  // extend the load and the coverage before them, and the newest minute stays open.
  TradeLoad(StoreCore& core, duck::Transaction& transaction, Instrument instrument, Grain grain,
            LiveLoad* live = nullptr);
  ~TradeLoad();

  // Rows without an id are stored as they are; a row whose id is stored already is not stored
  // again. Ids of one load must not repeat.
  void add(const TradeView& trades);

  // Writes everything that belongs to the rows. Afterwards commit the transaction, then pass
  // instrument() to the catalogue.
  Load finish(const LoadFacts& facts);

  const Instrument& instrument() const { return instrument_; }
  const std::vector<TradeConflict>& conflicts() const { return conflicts_; }
  int64_t rows() const { return load_.rows; }

 private:
  // A run of ids without a hole, or rows without ids.
  struct Segment {
    std::optional<int64_t> id_begin;
    std::optional<int64_t> id_end;
    int64_t ts_begin = 0;
    int64_t ts_end = 0;
  };

  void append(const TradeView& trades);
  void note_segments(const TradeView& trades);
  void note_stored(const TradeView& trades);
  void add_overlapping(const TradeView& trades);
  bool overlaps_stored(const TradeView& trades) const;
  void insert_coverage_rows(const LoadFacts& facts);
  void store_load();
  std::vector<CoverageRow> coverage_rows_of(const LoadFacts& facts);

  // Constant after construction
  StoreCore& core_;
  duck::Transaction& transaction_;
  Grain grain_;
  LiveLoad* live_;
  std::vector<IdRange> stored_ids_;
  bool had_rows_;

  Instrument instrument_;
  duck::RowChunk chunk_;
  std::optional<duck::Appender> appender_;
  MinuteBars minutes_;
  std::vector<Segment> segments_;
  std::vector<TradeConflict> conflicts_;
  std::optional<Scale> finest_;
  bool one_scale_ = true;
  bool ids_valid_ = true;  // of the chunk's id column
  Load load_;
  int64_t last_ts_ = INT64_MIN;
  int64_t last_id_ = INT64_MIN;
};

}  // namespace tapedeck
