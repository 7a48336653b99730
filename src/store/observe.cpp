#include "tapedeck/store/observe.hpp"

#include "store/core.hpp"
#include "store/live_tape.hpp"
#include "store/observed.hpp"
#include "tapedeck/base/prometheus.hpp"
#include "tapedeck/store/store.hpp"

namespace tapedeck {
namespace {

constexpr double kMegabyte = 1e6;

void set_gauges(const Store& store) {
  StoreCore& core = store.core();
  CounterRegistry& counters = core.observer().counters();
  const auto set = [&](const char* name, auto value) {
    counters.gauge(name).set(static_cast<double>(value));
  };
  const PoolStats pool = store.pool_stats();
  set("database.pool.readers.active", pool.in_use);
  set("database.pool.readers.available", pool.max_readers - pool.in_use);
  set("database.pool.readers.waiting", pool.waiting);
  set("database.pool.writer.locked", pool.writing ? 1 : 0);
  const StoreSizes sizes = core.sizes();
  set("database.size_mb", static_cast<double>(sizes.database_bytes) / kMegabyte);
  set("database.wal_mb", static_cast<double>(sizes.wal_bytes) / kMegabyte);
  if (core.mode() == OpenMode::read) return;
  const LiveStats live = core.live_tape().stats();
  set("tapedeck.ingest.queue_depth", live.queued_rows);
  set("tapedeck.ingest.pending_rows", live.pending_rows);
  const uint64_t applied = live.applied_sequence;
  set("tapedeck.journal.lag_frames",
      applied > 0 && live.sequence > applied ? live.sequence - applied : 0);
}

}  // namespace

std::vector<CounterReading> readings(const Store& store) {
  set_gauges(store);
  return store.core().observer().counters().readings();
}

std::string prometheus_text(const Store& store) {
  return to_prometheus(readings(store));
}

std::vector<SlowQuery> slow_queries(const Store& store) {
  return store.core().observer().slow_queries();
}

}  // namespace tapedeck
