#include "tapedeck/query/trace.hpp"

#include "duck/row_reader.hpp"
#include "store/core.hpp"
#include "store/live_tape.hpp"
#include "store/observed.hpp"

#include <string_view>

namespace tapedeck {
namespace {

// Numbers as people write them: 100.500000000000 → 100.5.
constexpr std::string_view kTrace = R"sql(
WITH shown(rank, time, kind, subject, what) AS (
  SELECT 1, CASE kind WHEN 'create' THEN created_at WHEN 'fill' THEN last_fill_at
                      ELSE coalesce(updated_at, recorded_at) END,
         'order', venue || ':' || symbol,
         CASE kind WHEN 'create' THEN order_type || ' ' || side || ' ' || tape.to_plain(quantity)
                     || coalesce(' at ' || tape.to_plain(price), '')
                     || coalesce(', stop ' || tape.to_plain(stop_price), '')
                   WHEN 'amend' THEN 'amended: ' || tape.to_plain(quantity)
                     || coalesce(' at ' || tape.to_plain(price), '')
                   ELSE status || coalesce(', ' || status_message, '') END
           || CASE WHEN filled_quantity > 0
                THEN ', ' || tape.to_plain(filled_quantity) || ' filled at '
                     || tape.to_plain(average_fill_price) ELSE '' END
           || ' (' || client_order_id || ')'
  FROM ledger.order_entries WHERE correlation_id = $1
  UNION ALL
  SELECT 2, CASE kind WHEN 'fill' THEN executed_at ELSE recorded_at END, 'fill',
         venue || ':' || symbol,
         CASE kind WHEN 'fill' THEN '' WHEN 'amend' THEN 'amended: ' ELSE 'taken back: ' END
           || side || ' ' || tape.to_plain(quantity) || ' at ' || tape.to_plain(price)
           || coalesce(', ' || reason, '')
  FROM ledger.fill_entries WHERE correlation_id = $1
  UNION ALL
  SELECT 3, snapshot_time, 'position', venue || ':' || symbol,
         side || CASE WHEN quantity <> 0 THEN ' ' || tape.to_plain(abs(quantity)) || ' at '
                        || tape.to_plain(average_entry_price) ELSE '' END
           || ', realised ' || tape.to_plain(realised_pnl)
  FROM ledger.positions WHERE correlation_id = $1
  UNION ALL
  SELECT 4, t.ts_event, 'tick', v.venue || ':' || i.symbol,
         'bid ' || tape.to_plain(t.bid_price) || ', ask ' || tape.to_plain(t.ask_price)
  FROM tape.ticks t JOIN tape.instruments i USING (instrument_id)
  JOIN tape.venues v USING (venue_id) WHERE t.correlation_id = $1
  UNION ALL
  SELECT 5, m."timestamp", 'metric', s.metric_name || coalesce(' ' || s.symbol, ''),
         CAST(m.value AS VARCHAR)
  FROM telemetry.metrics m JOIN telemetry.series s USING (series_id) WHERE m.correlation_id = $1
  UNION ALL
  SELECT 6, "timestamp", 'log', service || coalesce('.' || component, ''), level || ': ' || message
  FROM telemetry.logs WHERE correlation_id = $1
  UNION ALL
  SELECT 7, "timestamp", 'event', coalesce(component, event_type, ''), severity || ': ' || message
  FROM telemetry.events WHERE correlation_id = $1)
SELECT time, kind, subject, what FROM shown ORDER BY time, rank)sql";

}  // namespace

std::vector<TraceEntry> trace(const Store& store, const Uuid& correlation_id) {
  return observed(store.core().observer(), "trace", {}, [&](Observation& observation) {
    observation.set_correlation_id(correlation_id);
    if (store.core().mode() != OpenMode::read) store.core().live_tape().flush();
    const auto reader = store.core().borrow_reader();
    duck::Result result = reader->prepare(std::string{kTrace}).bind(1, correlation_id).run();
    std::vector<TraceEntry> entries;
    duck::RowReader in{result};
    while (in.next()) {
      TraceEntry& entry = entries.emplace_back();
      entry.at = in.take_time();
      entry.kind = in.take_text();
      entry.subject = in.take_text();
      entry.what = in.take_text();
    }
    observation.add_rows(static_cast<int64_t>(entries.size()));
    return entries;
  });
}

}  // namespace tapedeck
