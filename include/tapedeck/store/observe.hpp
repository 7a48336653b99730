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

struct ObserveOptions {
  // A query that takes longer is logged, counted and kept in slow_queries(); nullopt: none is.
  std::optional<std::chrono::milliseconds> slow_query = std::chrono::seconds{1};
  bool slow_query_plans = false;  // with the plan of those that are SQL; it is made afterwards
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
