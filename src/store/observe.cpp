#include "tapedeck/store/observe.hpp"

#include "base/clock.hpp"
#include "store/core.hpp"
#include "store/live_tape.hpp"
#include "store/observed.hpp"
#include "tapedeck/base/prometheus.hpp"
#include "tapedeck/store/store.hpp"

#include <filesystem>
#include <system_error>

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

void StoreCore::count_write(int64_t began_ns, const char* status) {
  CounterRegistry& counters = observer_.counters();
  counters.counter("database.writes.total").add();
  counters.histogram("database.write.duration_ms", {{"status", status}})
      .observe(static_cast<double>(steady_ns() - began_ns) / 1e6);
}

StoreSizes StoreCore::sizes() const {
  if (location_.in_memory()) return {};
  std::error_code none;
  const auto size_of = [&](const std::filesystem::path& path) {
    const auto bytes = std::filesystem::file_size(path, none);
    return none ? 0 : bytes;
  };
  return {.database_bytes = size_of(location_.database), .wal_bytes = size_of(wal_path())};
}

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
