#include "duck/database.hpp"
#include "store/core.hpp"
#include "tapedeck/store/schema.hpp"
#include "tapedeck/store/store.hpp"

#include <system_error>

namespace tapedeck {
namespace {

// One line a dataset and instrument. Bounds of trades come from the loads, so nothing is scanned.
constexpr const char* kDatasets = R"sql(
SELECT v.venue || ':' || i.symbol, d.dataset, d.rows, d.first, d.last, d.loads FROM (
  SELECT instrument_id, dataset, sum(rows)::BIGINT AS rows, min(ts_begin) AS first,
         max(ts_end) AS last, count(*) AS loads
  FROM tape.loads WHERE dataset IN ('trades', 'aggregates') AND rows > 0 GROUP BY ALL
  UNION ALL
  SELECT g.*, (SELECT count(*) FROM tape.loads l WHERE l.instrument_id = g.instrument_id
               AND l.dataset = g.dataset AND l.rows > 0) FROM (
    SELECT instrument_id, 'klines:' || interval AS dataset, count(*), min("begin"), max("begin")
    FROM tape.bars GROUP BY instrument_id, interval
    UNION ALL
    SELECT instrument_id, 'quotes', count(*), min(ts_event), max(ts_event)
    FROM tape.quotes GROUP BY instrument_id
    UNION ALL
    SELECT instrument_id, 'open_interest', count(*), min(ts_event), max(ts_event)
    FROM tape.open_interest GROUP BY instrument_id
    UNION ALL
    SELECT instrument_id, 'ticks', count(*), min(ts_event), max(ts_event)
    FROM tape.ticks GROUP BY instrument_id
    UNION ALL
    SELECT instrument_id, 'mark_prices', count(*), min(ts_event), max(ts_event)
    FROM tape.mark_prices GROUP BY instrument_id
    UNION ALL
    SELECT instrument_id, 'funding_rates', count(*), min(ts_event), max(ts_event)
    FROM tape.funding_rates GROUP BY instrument_id
    UNION ALL
    SELECT instrument_id, 'liquidations', count(*), min(ts_event), max(ts_event)
    FROM tape.liquidations GROUP BY instrument_id
    UNION ALL
    SELECT instrument_id, 'depth_bands', count(*), min(ts_event), max(ts_event)
    FROM tape.depth_bands GROUP BY instrument_id
    UNION ALL
    SELECT s.instrument_id, 'book:' || s.channel, count(*), min(u.ts_event), max(u.ts_event)
    FROM tape.book_streams s JOIN tape.book_updates u USING (stream_id)
    GROUP BY s.instrument_id, s.channel) g) d
JOIN tape.instruments i USING (instrument_id) JOIN tape.venues v USING (venue_id) ORDER BY 1, 2)sql";

}  // namespace

StoreStats Store::stats() const {
  StoreStats stats{.path = path().empty() ? ":memory:" : path().string(),
                   .schema_version = tapedeck::schema_version(*this),
                   .duckdb_version = duck::Database::version(),
                   .datasets = {}};
  const auto reader = core_->borrow_reader();
  duck::Result size = reader->run(
      "SELECT block_size * used_blocks, block_size * free_blocks FROM pragma_database_size() WHERE "
      "database_name = current_database()");
  if (size.next_row()) {
    stats.database_bytes = static_cast<uint64_t>(size.int64(0));
    stats.free_bytes = static_cast<uint64_t>(size.int64(1));
  }
  std::error_code error;
  const auto wal = std::filesystem::file_size(core_->location().database.string() + ".wal", error);
  if (!error) stats.wal_bytes = wal;
  duck::Result trades = reader->run("SELECT count(*) FROM tape.trades");
  trades.next_row();
  stats.trades = trades.int64(0);
  duck::Result rows = reader->run(kDatasets);
  while (rows.next_row()) {
    stats.datasets.push_back({.instrument = rows.text(0),
                              .dataset = rows.text(1),
                              .rows = rows.int64(2),
                              .first = rows.timestamp(3),
                              .last = rows.timestamp(4),
                              .loads = rows.int64(5)});
  }
  return stats;
}

}  // namespace tapedeck
