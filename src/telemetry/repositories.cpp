#include "tapedeck/telemetry/repositories.hpp"

#include "store/core.hpp"
#include "store/ledger_ids.hpp"
#include "store/live_tape.hpp"
#include "store/log_rows.hpp"
#include "telemetry/log_views.hpp"

#include <string_view>

namespace tapedeck {
namespace {

class StoredMetrics final : public MetricsRepository {
 public:
  StoredMetrics(Store& store, const TelemetryOptions& options)
      : store_{store}, telemetry_{store, options} {}

  void insert_metrics(const std::vector<MetricRecord>& records) override {
    telemetry_.insert_metrics(records).get();
  }
  std::vector<MetricRecord> find(const MetricFilter& filter, int64_t limit) const override {
    return metrics(store_, filter, limit);
  }
  std::vector<MetricRecord> find_current(const std::optional<std::string>& name) const override {
    return current_metrics(store_, name);
  }
  std::vector<AggregatedMetric> aggregate(const MetricFilter& filter, BarInterval interval,
                                          Aggregation aggregation) const override {
    return aggregated_metrics(store_, filter, interval, aggregation);
  }

 private:
  Store& store_;
  Telemetry telemetry_;
};

// Rows of `table` that the filter means; `read` is as read_logs().
template <typename Read>
auto chosen_rows(const Store& store, std::string_view table, const ViewShape& shape,
                 const QueryFilter& filter, const Read& read) {
  const QueryFilter asked = checked(filter, shape);
  store.core().live_tape().flush();
  const auto reader = store.core().borrow_reader();
  const duck::Snapshot snapshot{*reader};
  const std::vector<std::string> keys = keys_of(*reader, table, shape, asked);
  const std::string list = joined(keys);
  using Rows = decltype(read(*reader, std::string_view{}, BindLogs{}));
  if (keys.empty()) return Rows{};
  return read(*reader, in_order_of_keys(shape.key(), "BIGINT"),
              [&](duck::Statement& statement) { statement.bind(1, std::string_view{list}); });
}

class StoredLogs final : public LogRepository {
 public:
  StoredLogs(Store& store, const TelemetryOptions& options)
      : store_{store}, telemetry_{store, options} {}

  void insert(const std::vector<LogRecord>& records) override { telemetry_.log(records).get(); }
  std::vector<LogRecord> find(const LogFilter& filter) const override {
    return logs(store_, filter);
  }
  std::vector<LogRecord> find_all(const QueryFilter& filter) const override {
    return chosen_rows(store_, "telemetry.logs", log_view().shape(), filter, read_logs);
  }

 private:
  Store& store_;
  Telemetry telemetry_;
};

class StoredEvents final : public EventRepository {
 public:
  StoredEvents(Store& store, const TelemetryOptions& options)
      : store_{store}, telemetry_{store, options} {}

  void insert(const SystemEvent& event) override { telemetry_.log_event(event).get(); }
  std::vector<SystemEvent> find(const EventFilter& filter) const override {
    return events(store_, filter);
  }
  std::vector<SystemEvent> find_all(const QueryFilter& filter) const override {
    return chosen_rows(store_, "telemetry.events", event_view().shape(), filter, read_events);
  }

 private:
  Store& store_;
  Telemetry telemetry_;
};

}  // namespace

TelemetryRepositories telemetry_repositories(Store& store, const TelemetryOptions& options) {
  return {.metrics = std::make_unique<StoredMetrics>(store, options),
          .logs = std::make_unique<StoredLogs>(store, options),
          .events = std::make_unique<StoredEvents>(store, options)};
}

}  // namespace tapedeck
