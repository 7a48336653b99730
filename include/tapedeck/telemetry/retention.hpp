// How long telemetry is kept, and what stays of it: metrics as rollups, errors as Parquet.
#pragma once

#include "tapedeck/market/log_record.hpp"
#include "tapedeck/store/store.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

namespace tapedeck {

// What is older is deleted; absent: everything is kept.
struct TelemetryRetention {
  // Only whole hours. Rolled up by minute and by hour first.
  std::optional<Timestamp> metrics_before = {};
  std::optional<Timestamp> rollups_before = {};
  // Those of `archived_logs` and worse are written to `log_archive` first, one Parquet file a call.
  std::optional<Timestamp> logs_before = {};
  LogLevel archived_logs = LogLevel::error;
  // Absent: archive/logs in the store. A store in memory has none: it keeps those logs.
  std::optional<std::filesystem::path> log_archive = {};
  std::optional<Timestamp> events_before = {};
  std::optional<Timestamp> performance_before = {};
};

// Metrics and logs 7 days, rollups 90, events and performance 365.
TelemetryRetention usual_retention(Timestamp now);

struct RetentionResult {
  int64_t buckets_rolled_up = 0;
  int64_t metrics_deleted = 0;
  int64_t rollups_deleted = 0;
  int64_t logs_archived = 0;
  int64_t logs_deleted = 0;
  int64_t events_deleted = 0;
  int64_t performance_deleted = 0;
  std::optional<std::filesystem::path> log_file = {};  // with the archived ones
};

// In one transaction, after the file was synced; a second call finds nothing to do. Killed between
// the two, it leaves logs that the next call writes into another file too. Error{timeout} when what
// was acknowledged does not get into the database; those of writing.
RetentionResult apply_retention(Store& store, const TelemetryRetention& retention);

// Deletes what is older from `metrics`, `application_logs`, `system_events`, `performance_history`
// or a view of them, without rolling up or archiving; gives how many. Error{invalid_argument} for
// another table, naming what deletes from it.
int64_t delete_old_records(Store& store, std::string_view table, Timestamp cutoff);

}  // namespace tapedeck
