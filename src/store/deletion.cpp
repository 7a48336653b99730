#include "store/deletion.hpp"

#include "store/coverage_rows.hpp"
#include "tapedeck/base/error.hpp"
#include "tapedeck/market/bar.hpp"
#include "tapedeck/market/side.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {
namespace {

// What was recorded before `cutoff` becomes `deleted`.
void mark_deleted(duck::Transaction& transaction, InstrumentId instrument, std::string_view dataset,
                  Timestamp cutoff) {
  duck::Connection& connection = transaction.connection();
  const std::vector<CoverageRow> rows = coverage_rows(connection, instrument, dataset);
  connection
      .prepare(
          "DELETE FROM tape.coverage WHERE instrument_id = ? AND dataset = ? AND \"begin\" < ?")
      .bind(1, static_cast<int64_t>(instrument))
      .bind(2, dataset)
      .bind(3, cutoff)
      .run();
  std::optional<CoverageRow> deleted;
  std::vector<CoverageRow> kept;
  for (const CoverageRow& row : rows) {
    if (row.range.begin >= cutoff) continue;
    const Timestamp end = std::min(row.range.end, cutoff);
    if (!deleted) {
      deleted = CoverageRow{.dataset = std::string{dataset},
                            .range = row.range,
                            .status = CoverageStatus::deleted,
                            .cause = "deleted",
                            .source = "delete"};
      deleted->range.end = end;
    }
    deleted->range.begin = std::min(deleted->range.begin, row.range.begin);
    deleted->range.end = std::max(deleted->range.end, end);
    if (row.range.end <= cutoff) continue;
    CoverageRow rest = row;
    rest.range.begin = cutoff;
    rest.id_begin.reset();
    kept.push_back(std::move(rest));
  }
  if (deleted) kept.push_back(*deleted);
  insert_coverage(transaction, instrument, kept);
}

// Their files may come again; not where rows without ids are left, which would be there twice.
void forget_files(duck::Transaction& transaction, InstrumentId instrument, std::string_view dataset,
                  Timestamp cutoff) {
  transaction.connection()
      .prepare(
          "UPDATE tape.loads SET rows = CASE WHEN ts_end < $3 THEN 0 ELSE rows END, sha256 = CASE "
          "WHEN ts_end >= $3 AND id_begin IS NULL AND dataset IN ('trades', 'aggregates') THEN "
          "sha256 END WHERE instrument_id = $1 AND dataset = $2 AND ts_begin < $3")
      .bind(1, static_cast<int64_t>(instrument))
      .bind(2, dataset)
      .bind(3, cutoff)
      .run();
}

// The scan of trades follows the loads, so these say exactly where rows still lie. Rows do not tell
// their load: one that overlaps another in time keeps at most what it had.
void shrink_loads(duck::Transaction& transaction, InstrumentId instrument, Grain grain,
                  Timestamp cutoff) {
  const std::string dataset = dataset_of(grain);
  transaction.connection()
      .prepare(
          "UPDATE tape.loads l SET rows = least(l.rows, kept.rows), ts_begin = "
          "kept.first FROM (SELECT o.load_id, count(*) AS rows, min(t.ts_event) AS first FROM "
          "tape.loads o JOIN tape.trades t ON t.ts_event <= o.ts_end WHERE o.instrument_id = "
          "$1 AND o.dataset = $2 AND o.rows > 0 AND o.ts_begin < $3 AND o.ts_end >= $3 AND "
          "t.instrument_id = $1 AND t.grain = $4 AND t.ts_event >= $3 GROUP BY o.load_id) kept "
          "WHERE l.load_id = kept.load_id")
      .bind(1, static_cast<int64_t>(instrument))
      .bind(2, std::string_view{dataset})
      .bind(3, cutoff)
      .bind(4, static_cast<int64_t>(grain))
      .run();
}

int64_t delete_from(duck::Transaction& transaction, const char* sql, InstrumentId instrument,
                    Timestamp cutoff) {
  return transaction.connection()
      .prepare(sql)
      .bind(1, static_cast<int64_t>(instrument))
      .bind(2, cutoff)
      .run()
      .rows_changed();
}

void delete_dataset(duck::Transaction& transaction, InstrumentId instrument,
                    std::string_view dataset, Timestamp cutoff) {
  mark_deleted(transaction, instrument, dataset, cutoff);
  forget_files(transaction, instrument, dataset, cutoff);
}

int64_t delete_trades(duck::Transaction& transaction, InstrumentId instrument, Timestamp cutoff) {
  const int64_t deleted =
      delete_from(transaction, "DELETE FROM tape.trades WHERE instrument_id = ? AND ts_event < ?",
                  instrument, cutoff);
  for (const Grain grain : {Grain::trade, Grain::aggregate}) {
    delete_dataset(transaction, instrument, dataset_of(grain), cutoff);
    shrink_loads(transaction, instrument, grain, cutoff);
  }
  return deleted;
}

// A kline goes whole, so its coverage does too.
int64_t delete_klines(duck::Transaction& transaction, InstrumentId instrument, Timestamp cutoff) {
  for (const auto& [dataset, rows] : coverage_by_dataset(transaction.connection(), instrument)) {
    constexpr std::string_view kPrefix = "klines:";
    if (!dataset.starts_with(kPrefix)) continue;
    const auto interval = BarInterval::parse(dataset.substr(kPrefix.size()));
    if (!interval) continue;
    const Timestamp begin = interval->begin_of(cutoff);
    delete_dataset(transaction, instrument, dataset,
                   begin == cutoff ? cutoff : interval->next(begin));
  }
  return delete_from(transaction, "DELETE FROM tape.bars WHERE instrument_id = ? AND \"begin\" < ?",
                     instrument, cutoff);
}

}  // namespace

int64_t delete_rows_before(duck::Transaction& transaction, DataKind kind, InstrumentId instrument,
                           Timestamp cutoff) {
  switch (kind) {
    case DataKind::trades: return delete_trades(transaction, instrument, cutoff);
    case DataKind::klines: return delete_klines(transaction, instrument, cutoff);
    case DataKind::quotes:
      delete_dataset(transaction, instrument, kQuotesDataset, cutoff);
      return delete_from(transaction,
                         "DELETE FROM tape.quotes WHERE instrument_id = ? AND ts_event < ?",
                         instrument, cutoff);
    case DataKind::open_interest:
      delete_dataset(transaction, instrument, kOpenInterestDataset, cutoff);
      return delete_from(transaction,
                         "DELETE FROM tape.open_interest WHERE instrument_id = ? AND ts_event < ?",
                         instrument, cutoff);
    case DataKind::ticks:
      delete_dataset(transaction, instrument, kTicksDataset, cutoff);
      return delete_from(transaction,
                         "DELETE FROM tape.ticks WHERE instrument_id = ? AND ts_event < ?",
                         instrument, cutoff);
    case DataKind::depth_snapshots:
    case DataKind::order_runs: break;
  }
  throw Error{ErrorCode::unsupported,
              fmt::format("rows of {} cannot be deleted: they are part of a book", to_text(kind))};
}

}  // namespace tapedeck
