// Settings of a store: tapedeck.toml in its folder, then the environment, then StoreOptions.
//
//   [performance]                      environment
//   memory_limit_mb = 2048             TAPEDECK_MEMORY_LIMIT_MB, DATABASE_MEMORY_LIMIT_MB
//   num_threads = 1                    TAPEDECK_NUM_THREADS
//   temp_directory = "/fast/tmp"       TAPEDECK_TEMP_DIRECTORY
//   max_temp_directory_size = "50GB"   TAPEDECK_MAX_TEMP_DIRECTORY_SIZE
//   checkpoint_threshold = "128MB"     TAPEDECK_CHECKPOINT_THRESHOLD
//   enable_profiling = false           TAPEDECK_ENABLE_PROFILING
//   [observability]
//   enable_metrics = true              TAPEDECK_ENABLE_METRICS
//   enable_tracing = true              TAPEDECK_ENABLE_TRACING
//   slow_query_threshold_ms = 1000     TAPEDECK_SLOW_QUERY_THRESHOLD_MS; or "never"
//   [compat]
//   default_trades = "market"          TAPEDECK_DEFAULT_TRADES; or "fills"
#pragma once

#include "tapedeck/store/store.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace tapedeck {

struct StoreConfig {
  uint64_t memory_limit_bytes = 0;
  int threads = 1;
  std::string temp_directory;
  uint64_t max_temp_directory_bytes = 0;
  uint64_t checkpoint_threshold_bytes = 0;
  ObserveOptions observe = {};  // nothing of it is absent
  DefaultTrades default_trades = DefaultTrades::market;
};

// `folder` is empty for a store in memory. Throws Error{config} naming file, line and key for an
// unknown key (with a suggestion), a wrong type, or a value out of range.
StoreConfig load_config(const std::filesystem::path& folder, const StoreOptions& options);

// As DuckDB's open call takes them.
std::vector<std::pair<std::string, std::string>> to_duckdb_settings(const StoreConfig& config);

// "50GB", "128 MB", "1GiB", "4096" → bytes; units are powers of 1000, or 1024 with an i. Throws
// Error{config}.
uint64_t parse_size(std::string_view text);

}  // namespace tapedeck
