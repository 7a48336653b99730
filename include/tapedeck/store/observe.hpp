// How a store sees itself at work: counters of every query and write, spans, slow queries.
//
//   database.queries.total{operation}, .success{operation}, .errors{operation, error_type}
//   database.query.duration_ms{operation, status}     database.slow_queries.total{operation}
//   database.writes.total, database.write.duration_ms{status}
//   database.pool.readers.active, .available, .waiting; database.pool.writer.locked
//   database.size_mb, database.wal_mb
//   tapedeck.ingest.rows, .rejected, .batch_rows, .commit_ms, .queue_depth, .pending_rows
//   tapedeck.journal.lag_frames
//   database_metrics_inserted_total, database_batch_insert_duration_ms
#pragma once

#include "tapedeck/base/counters.hpp"
#include "tapedeck/base/span.hpp"
#include "tapedeck/market/time.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tapedeck {

class Store;

// Absent values come from the environment, the store's tapedeck.toml, or the default.
struct ObserveOptions {
  static constexpr std::chrono::milliseconds kNever = std::chrono::milliseconds::max();

  std::optional<bool> metrics = {};  // default true; false: nothing is counted
  std::optional<bool> tracing = {};  // default true; false: `spans` gets none
  // A query that takes longer is logged, counted and kept in slow_queries(); default 1 s.
  std::optional<std::chrono::milliseconds> slow_query = {};
  std::optional<bool> slow_query_plans = {};  // of those that are SQL, made afterwards; default off
  // Where spans of queries go (`database.query`); null: nowhere.
  std::shared_ptr<SpanExporter> spans = {};
};

struct SlowQuery {
  Timestamp at;
  std::string operation;  // "sql", "klines", …
  std::string statement;  // empty where it is not SQL
  std::chrono::nanoseconds duration{};
  std::string plan = {};
};

// Counters since the store was opened, gauges of this moment.
std::vector<CounterReading> readings(const Store& store);
// The same as text for Prometheus.
std::string prometheus_text(const Store& store);
// The last hundred, newest first.
std::vector<SlowQuery> slow_queries(const Store& store);

}  // namespace tapedeck
