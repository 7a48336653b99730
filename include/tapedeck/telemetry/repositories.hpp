// Repositories of telemetry: metrics, logs and events behind interfaces that business code is
// given, over a store or in memory. What is inserted is stored when the call returns. Lines have no
// identity, so they are appended and asked for, never changed.
#pragma once

#include "tapedeck/store/repository.hpp"
#include "tapedeck/telemetry/logs.hpp"
#include "tapedeck/telemetry/metrics.hpp"
#include "tapedeck/telemetry/telemetry.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tapedeck {

// Several threads may call each; the errors are those of Telemetry.
class MetricsRepository {
 public:
  virtual ~MetricsRepository() = default;
  void insert_metric(const MetricRecord& record) { insert_metrics({record}); }
  // All, or none and it throws.
  virtual void insert_metrics(const std::vector<MetricRecord>& records) = 0;
  // As metrics(), current_metrics() and aggregated_metrics() of a store.
  virtual std::vector<MetricRecord> find(const MetricFilter& filter, int64_t limit) const = 0;
  virtual std::vector<MetricRecord> find_current(const std::optional<std::string>& name) const = 0;
  virtual std::vector<AggregatedMetric> aggregate(const MetricFilter& filter, BarInterval interval,
                                                  Aggregation aggregation) const = 0;
};

// Columns for find_all() are those of the view main.application_logs that hold one value, and
// order_id, symbol, user_id, session_id, fields, exception_type, exception_message, stack_trace,
// source_file, source_line and source_function in the place of its structs; times have nanoseconds.
class LogRepository {
 public:
  virtual ~LogRepository() = default;
  void insert(const LogRecord& record) { insert(std::vector{record}); }
  virtual void insert(const std::vector<LogRecord>& records) = 0;
  // As logs() of a store; in memory only letters of ASCII are found in either case.
  virtual std::vector<LogRecord> find(const LogFilter& filter) const = 0;
  virtual std::vector<LogRecord> find_all(const QueryFilter& filter) const = 0;
};

// Columns for find_all() are those of the view main.system_events; times have nanoseconds.
class EventRepository {
 public:
  virtual ~EventRepository() = default;
  virtual void insert(const SystemEvent& event) = 0;
  // As events() of a store; in memory only letters of ASCII are found in either case.
  virtual std::vector<SystemEvent> find(const EventFilter& filter) const = 0;
  virtual std::vector<SystemEvent> find_all(const QueryFilter& filter) const = 0;
};

struct TelemetryRepositories {
  std::unique_ptr<MetricsRepository> metrics;
  std::unique_ptr<LogRepository> logs;
  std::unique_ptr<EventRepository> events;
};
// `store` must outlive them. Error{read_only} when it was opened for reading.
TelemetryRepositories telemetry_repositories(Store& store, const TelemetryOptions& options = {});
// Without a store, and without a limit of series.
TelemetryRepositories memory_telemetry_repositories(const TelemetryOptions& options = {});

}  // namespace tapedeck
