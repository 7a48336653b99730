#include "base/mutex.hpp"
#include "market/words.hpp"
#include "tapedeck/telemetry/repositories.hpp"
#include "telemetry/log_views.hpp"
#include "telemetry/metric_fold.hpp"
#include "telemetry/record_checks.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <string_view>

namespace tapedeck {
namespace {

bool is_meant(const MetricRecord& record, const MetricFilter& filter) {
  if (record.series.name != filter.name || !filter.range.contains(record.timestamp)) return false;
  if (filter.symbol && record.series.symbol != filter.symbol) return false;
  return std::ranges::all_of(filter.labels, [&](const auto& label) {
    const auto own = record.series.labels.find(label.first);
    return own != record.series.labels.end() && own->second == label.second;
  });
}

class MemoryMetrics final : public MetricsRepository {
 public:
  explicit MemoryMetrics(EqualMetrics duplicates) : duplicates_{duplicates} {}

  void insert_metrics(const std::vector<MetricRecord>& records) override {
    for (const MetricRecord& record : records)
      check(record);
    const MutexLock lock{mutex_};
    for (const MetricRecord& record : records)
      insert(record);
  }
  std::vector<MetricRecord> find(const MetricFilter& filter, int64_t limit) const override {
    const MutexLock lock{mutex_};
    std::vector<MetricRecord> found;
    for (auto at = records_.rbegin(); at != records_.rend(); ++at) {
      if (is_meant(*at, filter)) found.push_back(*at);
    }
    std::ranges::stable_sort(found, std::greater{}, &MetricRecord::timestamp);
    if (found.size() > static_cast<size_t>(limit)) found.resize(static_cast<size_t>(limit));
    return found;
  }
  std::vector<MetricRecord> find_current(const std::optional<std::string>& name) const override {
    const MutexLock lock{mutex_};
    std::vector<MetricRecord> found;
    for (const auto& entry : newest_) {
      if (!name || entry.first.name == *name) found.push_back(entry.second);
    }
    return found;
  }
  std::vector<AggregatedMetric> aggregate(const MetricFilter& filter, BarInterval interval,
                                          Aggregation aggregation) const override {
    const MutexLock lock{mutex_};
    MetricFold fold{interval, aggregation};
    for (const MetricRecord& record : records_) {
      if (!is_meant(record, filter)) continue;
      const int64_t timestamp = to_epoch_ns(record.timestamp);
      fold.add(std::span<const int64_t>{&timestamp, 1}, std::span<const double>{&record.value, 1});
    }
    return fold.finish();
  }

 private:
  void insert(const MetricRecord& record) REQUIRES(mutex_) {
    const auto is_equal = [&](const MetricRecord& one) {
      return one.series == record.series && one.timestamp == record.timestamp;
    };
    if (duplicates_ == EqualMetrics::last_wins) std::erase_if(records_, is_equal);
    if (duplicates_ == EqualMetrics::reject && std::ranges::any_of(records_, is_equal)) return;
    const auto [newest, is_new] = newest_.try_emplace(record.series, record);
    if (newest->second.timestamp <= record.timestamp) newest->second = record;
    records_.push_back(record);
  }

  // Constant after construction
  EqualMetrics duplicates_;

  mutable Mutex mutex_;
  std::vector<MetricRecord> records_ GUARDED_BY(mutex_);
  std::map<MetricSeries, MetricRecord> newest_ GUARDED_BY(mutex_);
};

bool has_text(std::string_view message, const std::optional<std::string>& text) {
  if (!text) return true;
  const auto found =
      std::search(message.begin(), message.end(), text->begin(), text->end(),
                  [](char a, char b) { return to_lower_ascii(a) == to_lower_ascii(b); });
  return text->empty() || found != message.end();
}

template <typename Filter>
bool shares(const Filter& filter, const std::optional<std::string>& component,
            const std::optional<Uuid>& correlation_id) {
  return (!filter.component || component == filter.component) &&
         (!filter.correlation_id || correlation_id == filter.correlation_id);
}

template <typename Entry, typename Is>
std::vector<Entry> newest_first(const std::vector<Entry>& entries, int64_t limit, const Is& is) {
  std::vector<Entry> found;
  for (auto at = entries.rbegin(); at != entries.rend(); ++at) {
    if (is(*at)) found.push_back(*at);
  }
  std::ranges::stable_sort(found, std::greater{}, &Entry::timestamp);
  if (found.size() > static_cast<size_t>(limit)) found.resize(static_cast<size_t>(limit));
  return found;
}

class MemoryLogs final : public LogRepository {
 public:
  void insert(const std::vector<LogRecord>& records) override {
    for (const LogRecord& record : records)
      check(record);
    const MutexLock lock{mutex_};
    records_.insert(records_.end(), records.begin(), records.end());
  }
  std::vector<LogRecord> find(const LogFilter& filter) const override {
    const MutexLock lock{mutex_};
    return newest_first(records_, filter.limit, [&](const LogRecord& record) {
      return record.level >= filter.at_least.value_or(LogLevel::debug) &&
             (!filter.service || record.service == *filter.service) &&
             shares(filter, record.component, record.correlation_id) &&
             has_text(record.message, filter.text) && filter.range.contains(record.timestamp);
    });
  }
  std::vector<LogRecord> find_all(const QueryFilter& filter) const override {
    std::vector<LogRow> rows;
    {
      const MutexLock lock{mutex_};
      for (const LogRecord& record : records_)
        rows.push_back({.log_id = static_cast<int64_t>(rows.size()) + 1, .record = record});
    }
    std::vector<LogRecord> found;
    for (LogRow& row : log_view().select(rows, filter))
      found.push_back(std::move(row.record));
    return found;
  }

 private:
  mutable Mutex mutex_;
  std::vector<LogRecord> records_ GUARDED_BY(mutex_);
};

class MemoryEvents final : public EventRepository {
 public:
  void insert(const SystemEvent& event) override {
    check(event);
    const MutexLock lock{mutex_};
    events_.push_back(event);
  }
  std::vector<SystemEvent> find(const EventFilter& filter) const override {
    const MutexLock lock{mutex_};
    return newest_first(events_, filter.limit, [&](const SystemEvent& event) {
      return event.severity >= filter.at_least.value_or(LogLevel::debug) &&
             (!filter.type || event.type == filter.type) &&
             shares(filter, event.component, event.correlation_id) &&
             has_text(event.message, filter.text) && filter.range.contains(event.timestamp);
    });
  }
  std::vector<SystemEvent> find_all(const QueryFilter& filter) const override {
    std::vector<EventRow> rows;
    {
      const MutexLock lock{mutex_};
      for (const SystemEvent& event : events_)
        rows.push_back({.event_id = static_cast<int64_t>(rows.size()) + 1, .event = event});
    }
    std::vector<SystemEvent> found;
    for (EventRow& row : event_view().select(rows, filter))
      found.push_back(std::move(row.event));
    return found;
  }

 private:
  mutable Mutex mutex_;
  std::vector<SystemEvent> events_ GUARDED_BY(mutex_);
};

}  // namespace

TelemetryRepositories memory_telemetry_repositories(const TelemetryOptions& options) {
  return {.metrics = std::make_unique<MemoryMetrics>(options.duplicates),
          .logs = std::make_unique<MemoryLogs>(),
          .events = std::make_unique<MemoryEvents>()};
}

}  // namespace tapedeck
