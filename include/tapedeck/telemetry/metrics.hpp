// Metrics as they are asked for: values, the newest of each series, and aggregates by interval.
#pragma once

#include "tapedeck/market/bar.hpp"
#include "tapedeck/market/metric.hpp"
#include "tapedeck/store/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

constexpr int64_t kMetricLimit = 1'000;  // rows of an answer, unless another is asked for

// Of every series that has the name, the symbol where it is given, and these labels among its own.
struct MetricFilter {
  std::string name;
  std::optional<std::string> symbol = {};
  MetricLabels labels = {};
  TimeRange range = {};
};

// Newest first. Everything acknowledged before the call is in the answer, and so it is with the
// others.
std::vector<MetricRecord> metrics(const Store& store, const MetricFilter& filter,
                                  int64_t limit = kMetricLimit);

// The newest value of each series, from memory; of a name, or of all.
std::vector<MetricRecord> current_metrics(const Store& store,
                                          const std::optional<std::string>& name = {});

enum class Aggregation : uint8_t {
  average,
  sum,
  min,
  max,
  count,
  first,
  last,
  stddev,  // of a sample: n − 1
  p50,     // nearest rank: the smallest value that so much of all does not exceed
  p95,
  p99
};
// "avg", "sum", "min", "max", "count", "first", "last", "stddev", "p50", "p95", "p99".
std::string_view to_text(Aggregation aggregation);
std::optional<Aggregation> parse_aggregation(std::string_view word);

struct AggregatedMetric {
  Timestamp bucket;             // where it begins
  std::optional<double> value;  // absent: a stddev of one value
  int64_t count = 0;
  bool operator==(const AggregatedMetric&) const = default;
};

// Values of all series of the filter together, by rising bucket; buckets without any are left out.
// Buckets begin in the range.
std::vector<AggregatedMetric> aggregated_metrics(const Store& store, const MetricFilter& filter,
                                                 BarInterval interval, Aggregation aggregation);

}  // namespace tapedeck
