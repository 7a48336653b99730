// Health: whether a store can be used, and what will soon be a problem.
#pragma once

#include "tapedeck/store/store.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

enum class HealthStatus : uint8_t { ok, degraded, failed };
std::string_view to_text(HealthStatus status);

struct HealthLimits {
  std::chrono::nanoseconds longest_count = std::chrono::seconds{5};  // of all trades
  uint64_t largest_database_bytes = uint64_t{50} << 30;
  uint64_t largest_wal_bytes = uint64_t{1} << 30;
  uint64_t least_disk_bytes = uint64_t{2} << 30;  // free, where the store lies
  int64_t most_pending_rows = 500'000;            // acknowledged, and not in the database yet
};

struct HealthReport {
  bool connection_ok = false;
  int64_t trade_count = 0;
  int schema_version = 0;
  uint64_t database_bytes = 0;
  uint64_t free_bytes = 0;  // inside the database file
  uint64_t wal_bytes = 0;
  uint64_t disk_free_bytes = 0;
  int64_t readers_active = 0;
  int64_t readers_waiting = 0;
  int64_t pending_rows = 0;
  std::chrono::nanoseconds uptime{};       // since this Store was opened
  std::vector<std::string> warnings = {};  // it works
  std::vector<std::string> errors = {};    // it does not
};
// failed with errors, degraded with warnings.
HealthStatus status_of(const HealthReport& report);

HealthReport check_health(const Store& store, const HealthLimits& limits = {});
// Of a store that is not open: a missing or damaged one is an error of the report, and nothing is
// thrown.
HealthReport check_health(const std::filesystem::path& path, const HealthLimits& limits = {});

}  // namespace tapedeck
