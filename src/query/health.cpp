#include "tapedeck/query/health.hpp"

#include "base/clock.hpp"
#include "store/core.hpp"
#include "store/live_tape.hpp"
#include "tapedeck/store/schema.hpp"

#include <fmt/format.h>

#include <system_error>

namespace tapedeck {
namespace {

std::string gigabytes(uint64_t bytes) {
  constexpr double kGigabyte = 1 << 30;
  return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / kGigabyte);
}

void check_database(const Store& store, const HealthLimits& limits, HealthReport& report) {
  const auto reader = store.core().borrow_reader();
  reader->run("SELECT 1");
  report.connection_ok = true;
  const int64_t began = steady_ns();
  duck::Result count = reader->run("SELECT count(*) FROM tape.trades");
  count.next_row();
  report.trade_count = count.int64(0);
  const std::chrono::nanoseconds took{steady_ns() - began};
  if (took > limits.longest_count) {
    report.warnings.push_back(fmt::format("counting {} trades took {:.1f} s; see docs/tuning.md",
                                          report.trade_count,
                                          std::chrono::duration<double>(took).count()));
  }
  report.schema_version = schema_version(store);
}

void check_sizes(const Store& store, const HealthLimits& limits, HealthReport& report) {
  const StoreStats stats = store.stats();
  report.database_bytes = stats.database_bytes;
  report.free_bytes = stats.free_bytes;
  report.wal_bytes = stats.wal_bytes;
  if (stats.database_bytes + stats.free_bytes > limits.largest_database_bytes) {
    report.warnings.push_back(fmt::format("the database has {}; delete or archive old days",
                                          gigabytes(stats.database_bytes + stats.free_bytes)));
  }
  if (stats.wal_bytes > limits.largest_wal_bytes) {
    report.warnings.push_back(fmt::format("{} wait in the WAL; a checkpoint has not run for long",
                                          gigabytes(stats.wal_bytes)));
  }
  if (store.core().location().in_memory()) return;
  std::error_code error;
  const auto space = std::filesystem::space(store.path(), error);
  if (error) return;
  report.disk_free_bytes = space.available;
  if (space.available < limits.least_disk_bytes) {
    report.warnings.push_back(
        fmt::format("{} are free on the disk of the store; writing stops when they are gone",
                    gigabytes(space.available)));
  }
}

void check_load(const Store& store, const HealthLimits& limits, HealthReport& report) {
  report.uptime = store.core().uptime();
  const PoolStats pool = store.pool_stats();
  report.readers_active = static_cast<int64_t>(pool.in_use);
  report.readers_waiting = static_cast<int64_t>(pool.waiting);
  if (pool.waiting > 0) {
    report.warnings.push_back(
        fmt::format("{} queries wait for a reader; {} are in use", pool.waiting, pool.in_use));
  }
  if (store.core().mode() == OpenMode::read) return;
  const LiveStats live = store.core().live_tape().stats();
  report.pending_rows = live.pending_rows;
  if (!live.stalled.empty()) {
    report.errors.push_back(
        fmt::format("what is acknowledged does not reach the database: {}", live.stalled));
  }
  if (live.pending_rows > limits.most_pending_rows) {
    report.warnings.push_back(
        fmt::format("{} rows are acknowledged and not in the database yet", live.pending_rows));
  }
}

}  // namespace

std::string_view to_text(HealthStatus status) {
  switch (status) {
    case HealthStatus::ok: return "ok";
    case HealthStatus::degraded: return "degraded";
    case HealthStatus::failed: return "failed";
  }
  return "failed";
}

HealthStatus status_of(const HealthReport& report) {
  if (!report.errors.empty()) return HealthStatus::failed;
  return report.warnings.empty() ? HealthStatus::ok : HealthStatus::degraded;
}

HealthReport check_health(const Store& store, const HealthLimits& limits) {
  HealthReport report;
  try {
    check_load(store, limits, report);
    check_database(store, limits, report);
    check_sizes(store, limits, report);
  } catch (const Error& error) {
    report.errors.emplace_back(error.what());
  }
  return report;
}

HealthReport check_health(const std::filesystem::path& path, const HealthLimits& limits) {
  try {
    const Store store{path};
    return check_health(store, limits);
  } catch (const Error& error) {
    HealthReport report;
    report.errors.emplace_back(error.what());
    return report;
  }
}

}  // namespace tapedeck
