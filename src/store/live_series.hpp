// LiveSeries: the series of metrics that a store knows, and the newest value of each in memory.
#pragma once

#include "base/mutex.hpp"
#include "tapedeck/market/metric.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tapedeck {

class StoreCore;

// More would make every question slow: what changes with each value belongs into a correlation_id
// or a log.
constexpr size_t kMostSeries = 100'000;
constexpr size_t kMostSeriesOfName = 10'000;

class LiveSeries {
 public:
  explicit LiveSeries(StoreCore& core) : core_{core} {}

  // Error{invalid_argument} naming the metric and its labels when one of them is one too many.
  void admit(const std::vector<MetricSeries>& series);
  // Acknowledged values.
  void note(const std::vector<MetricRecord>& records, EqualMetrics duplicates);
  // Older values were deleted.
  void forget_before(Timestamp end);
  // The newest of each series with this name, or of every one.
  std::vector<MetricRecord> newest(const std::optional<std::string>& name);

 private:
  void load_series() REQUIRES(mutex_);
  void load_newest() REQUIRES(mutex_);
  std::string widest_label(const std::string& name) const REQUIRES(mutex_);

  // Constant after construction
  StoreCore& core_;

  Mutex mutex_;
  bool series_loaded_ GUARDED_BY(mutex_) = false;
  bool newest_loaded_ GUARDED_BY(mutex_) = false;
  std::map<MetricSeries, std::optional<MetricRecord>> newest_ GUARDED_BY(mutex_);
  // Whose newest gives way to a stored one of its time, which is not known yet.
  std::set<MetricSeries> yielding_ GUARDED_BY(mutex_);
  std::map<std::string, size_t> of_name_ GUARDED_BY(mutex_);
};

}  // namespace tapedeck
