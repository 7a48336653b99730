#include "store/minute_bars.hpp"

#include "duck/appender.hpp"
#include "store/staged_keys.hpp"
#include "store/trade_scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace tapedeck {
namespace {

// The columns of tape.bars_1m, in order.
enum Column : size_t {
  kInstrument,
  kGrain,
  kBegin,
  kOpen,
  kHigh,
  kLow,
  kClose,
  kVolume,
  kBuyVolume,
  kSellVolume,
  kNotional,
  kTrades,
  kPriceExp,
  kQtyExp,
  kIdBegin,
  kIdEnd,
  kRowsHash,
  kRevision
};

class BarRows {
 public:
  BarRows(duck::Transaction& transaction, InstrumentId instrument, Grain grain)
      : instrument_{instrument},
        grain_{grain},
        appender_{transaction, "tape", "bars_1m"},
        chunk_{DUCKDB_TYPE_INTEGER, DUCKDB_TYPE_UTINYINT, DUCKDB_TYPE_TIMESTAMP_NS,
               DUCKDB_TYPE_BIGINT,  DUCKDB_TYPE_BIGINT,   DUCKDB_TYPE_BIGINT,
               DUCKDB_TYPE_BIGINT,  DUCKDB_TYPE_HUGEINT,  DUCKDB_TYPE_HUGEINT,
               DUCKDB_TYPE_HUGEINT, DUCKDB_TYPE_HUGEINT,  DUCKDB_TYPE_BIGINT,
               DUCKDB_TYPE_TINYINT, DUCKDB_TYPE_TINYINT,  DUCKDB_TYPE_BIGINT,
               DUCKDB_TYPE_BIGINT,  DUCKDB_TYPE_UBIGINT,  DUCKDB_TYPE_INTEGER} {}

  void add(const MinuteBar& minute, Scale scale, int32_t revision) {
    const Bar& bar = minute.bar;
    set<int32_t>(kInstrument, static_cast<int32_t>(instrument_));
    set<uint8_t>(kGrain, static_cast<uint8_t>(grain_));
    set(kBegin, to_epoch_ns(bar.begin));
    set(kOpen, bar.open.raw());
    set(kHigh, bar.high.raw());
    set(kLow, bar.low.raw());
    set(kClose, bar.close.raw());
    set_wide(kVolume, bar.volume);
    set_wide(kBuyVolume, bar.buy_volume);
    set_wide(kSellVolume, bar.sell_volume);
    set_wide(kNotional, bar.notional);
    set(kTrades, bar.trades);
    set(kPriceExp, scale.price_exp);
    set(kQtyExp, scale.qty_exp);
    set_id(kIdBegin, minute.id_begin);
    set_id(kIdEnd, minute.id_end);
    set(kRowsHash, minute.rows_hash);
    set(kRevision, revision);
    if (++row_ == duck::RowChunk::kRows) flush();
  }

  void close() {
    if (row_ > 0) flush();
    appender_.close();
  }

 private:
  template <typename T>
  void set(Column column, T value) {
    chunk_.column<T>(column)[row_] = value;
  }
  void set_wide(Column column, int128 value) {
    set(column, duckdb_hugeint{.lower = static_cast<uint64_t>(value),
                               .upper = static_cast<int64_t>(value >> 64)});
  }
  void set_id(Column column, const std::optional<int64_t>& id) {
    if (id) {
      set(column, *id);
    } else {
      chunk_.set_null(column, row_);
    }
  }
  void flush() {
    chunk_.set_rows(row_);
    appender_.append(chunk_);
    chunk_.reset();
    row_ = 0;
  }

  // Constant after construction
  InstrumentId instrument_;
  Grain grain_;
  duck::Appender appender_;
  duck::RowChunk chunk_;
  size_t row_ = 0;
};

std::vector<MinuteBar> fold_stored(duck::Connection& connection, const Instrument& instrument,
                                   Grain grain, TimeRange range) {
  MinuteFold fold;
  const TapePiece piece{.range = range, .grain = grain, .ordered = false};
  scan_piece(connection, instrument, piece, WithIds::yes, [&](const TradeView& trades) {
    fold.add(trades);
    return KeepGoing::go_on;
  });
  return fold.finish();
}

std::map<Timestamp, int32_t> revisions(duck::Connection& connection, InstrumentId instrument,
                                       Grain grain, TimeRange range) {
  duck::Result rows = connection
                          .prepare(
                              "SELECT \"begin\", revision FROM tape.bars_1m WHERE instrument_id = "
                              "CAST(? AS INTEGER) AND grain = CAST(? AS UTINYINT) AND \"begin\" >= "
                              "? AND \"begin\" < ?")
                          .bind(1, static_cast<int64_t>(instrument))
                          .bind(2, static_cast<int64_t>(grain))
                          .bind(3, range.begin)
                          .bind(4, range.end)
                          .run();
  std::map<Timestamp, int32_t> result;
  while (rows.next_row())
    result[rows.timestamp(0)] = static_cast<int32_t>(rows.int64(1));
  return result;
}

void delete_bars(duck::Connection& connection, InstrumentId instrument, Grain grain,
                 TimeRange range) {
  connection
      .prepare(
          "DELETE FROM tape.bars_1m WHERE instrument_id = CAST(? AS INTEGER) AND grain = CAST(? "
          "AS UTINYINT) AND \"begin\" >= ? AND \"begin\" < ?")
      .bind(1, static_cast<int64_t>(instrument))
      .bind(2, static_cast<int64_t>(grain))
      .bind(3, range.begin)
      .bind(4, range.end)
      .run();
}

void delete_staged_bars(duck::Connection& connection, InstrumentId instrument, Grain grain,
                        const std::string& table) {
  connection
      .prepare(
          fmt::format("DELETE FROM tape.bars_1m WHERE instrument_id = CAST(? AS INTEGER) AND grain "
                      "= CAST(? AS UTINYINT) AND epoch_ns(\"begin\") IN (SELECT key FROM {})",
                      table))
      .bind(1, static_cast<int64_t>(instrument))
      .bind(2, static_cast<int64_t>(grain))
      .run();
}

// One revision after the one that was known.
void insert_bars(duck::Transaction& transaction, const Instrument& instrument, Grain grain,
                 const std::vector<MinuteBar>& minutes, std::map<Timestamp, int32_t>& known) {
  BarRows rows{transaction, instrument.id, grain};
  for (const MinuteBar& minute : minutes)
    rows.add(minute, instrument.scale, known[minute.bar.begin] + 1);
  rows.close();
}

}  // namespace

BarInterval one_minute() {
  static const BarInterval minute = *BarInterval::parse("1m");
  return minute;
}

bool rises(const TradeView& trades) {
  return std::ranges::is_sorted(trades.ts_event) &&
         (!trades.has_ids || std::ranges::is_sorted(trades.trade_id));
}

void MinuteBars::add(const TradeView& trades) {
  if (trades.rows() == 0) return;
  if (!rises(trades)) {
    end_run();
    for (const int64_t ts : trades.ts_event)
      again_.insert(one_minute().begin_of(from_epoch_ns(ts)));
    return;
  }
  const int64_t first_id = trades.has_ids ? trades.trade_id.front() : INT64_MIN;
  const bool goes_on = trades.ts_event.front() > last_ts_ ||
                       (trades.ts_event.front() == last_ts_ && first_id >= last_id_);
  if (!goes_on || trades.scale != scale_) end_run();
  scale_ = trades.scale;
  fold_.add(trades);
  last_ts_ = trades.ts_event.back();
  last_id_ = trades.has_ids ? trades.trade_id.back() : INT64_MIN;
}

void MinuteBars::end_run() {
  for (const MinuteBar& minute : fold_.finish())
    closed_.push_back({minute, scale_});
  last_ts_ = INT64_MIN;
  last_id_ = INT64_MIN;
}

void MinuteBars::write(duck::Transaction& transaction, const Instrument& instrument, Grain grain) {
  end_run();
  write_minutes(transaction, instrument, grain, closed_, again_);
}

void write_minutes(duck::Transaction& transaction, const Instrument& instrument, Grain grain,
                   const std::vector<FoldedMinute>& folded, std::set<Timestamp> again) {
  std::set<Timestamp> met;
  for (const FoldedMinute& one : folded) {
    const Timestamp begin = one.minute.bar.begin;
    if (!met.insert(begin).second) again.insert(begin);
  }
  met.insert(again.begin(), again.end());
  if (met.empty()) return;
  const TimeRange range{.begin = *met.begin(), .end = one_minute().next(*met.rbegin())};
  for (const auto& [begin, revision] :
       revisions(transaction.connection(), instrument.id, grain, range)) {
    if (met.contains(begin)) again.insert(begin);
  }
  BarRows rows{transaction, instrument.id, grain};
  for (const FoldedMinute& one : folded) {
    if (!again.contains(one.minute.bar.begin)) rows.add(one.minute, one.scale, 1);
  }
  rows.close();
  rebuild_minute_bars(transaction, instrument, grain, again);
}

void rebuild_minute_bars(duck::Transaction& transaction, const Instrument& instrument, Grain grain,
                         const std::set<Timestamp>& begins) {
  if (begins.empty()) return;
  const TimeRange range{.begin = *begins.begin(), .end = one_minute().next(*begins.rbegin())};
  const auto minutes = static_cast<size_t>((range.end - range.begin) / std::chrono::minutes{1});
  if (begins.size() == minutes) return rebuild_minute_bars(transaction, instrument, grain, range);
  // Late trades are scattered: one scan for all their minutes, not one for each.
  const std::string table = "minutes_again";
  std::vector<int64_t> keys;
  for (const Timestamp begin : begins)
    keys.push_back(to_epoch_ns(begin));
  const StagedKeys staged{transaction, table, keys};
  duck::Connection& connection = transaction.connection();
  MinuteFold fold;
  const TapePiece piece{.range = range, .grain = grain, .ordered = false};
  scan_minutes(connection, instrument, piece, table, [&](const TradeView& trades) {
    fold.add(trades);
    return KeepGoing::go_on;
  });
  std::map<Timestamp, int32_t> known = revisions(connection, instrument.id, grain, range);
  delete_staged_bars(connection, instrument.id, grain, table);
  insert_bars(transaction, instrument, grain, fold.finish(), known);
}

void rebuild_minute_bars(duck::Transaction& transaction, const Instrument& instrument, Grain grain,
                         TimeRange range) {
  duck::Connection& connection = transaction.connection();
  std::map<Timestamp, int32_t> known = revisions(connection, instrument.id, grain, range);
  const std::vector<MinuteBar> minutes = fold_stored(connection, instrument, grain, range);
  if (!known.empty()) delete_bars(connection, instrument.id, grain, range);
  insert_bars(transaction, instrument, grain, minutes, known);
}

void delete_minute_bars_before(duck::Transaction& transaction, const Instrument& instrument,
                               Grain grain, Timestamp cutoff) {
  const Timestamp minute = one_minute().begin_of(cutoff);
  delete_bars(transaction.connection(), instrument.id, grain,
              {.begin = TimeRange{}.begin, .end = minute});
  if (minute == cutoff) return;
  rebuild_minute_bars(transaction, instrument, grain,
                      TimeRange{.begin = minute, .end = one_minute().next(cutoff)});
}

}  // namespace tapedeck
