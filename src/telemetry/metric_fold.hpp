// MetricFold: values that come by and by, gathered into buckets.
#pragma once

#include "tapedeck/telemetry/metrics.hpp"

#include <map>
#include <span>
#include <vector>

namespace tapedeck {

class MetricFold {
 public:
  MetricFold(BarInterval interval, Aggregation aggregation)
      : interval_{interval}, aggregation_{aggregation} {}

  // In any order; of equal times the later call is the later value.
  void add(std::span<const int64_t> timestamps, std::span<const double> values);
  // By rising bucket.
  std::vector<AggregatedMetric> finish();

 private:
  struct Bucket {
    int64_t count = 0;
    double sum = 0;
    double lost = 0;  // of the sum, by rounding (Kahan, Neumaier)
    double min = 0;
    double max = 0;
    double mean = 0;  // and sum of squared distances from it (Welford)
    double squares = 0;
    int64_t first_at = 0;
    int64_t last_at = 0;
    double first = 0;
    double last = 0;
    std::vector<double> values = {};  // for quantiles
  };

  Bucket& bucket_of(int64_t timestamp);
  void add(Bucket& bucket, int64_t timestamp, double value) const;
  std::optional<double> value_of(Bucket& bucket) const;
  bool is_quantile() const { return aggregation_ >= Aggregation::p50; }

  // Constant after construction
  BarInterval interval_;
  Aggregation aggregation_;

  std::map<int64_t, Bucket> buckets_;  // by begin
  Bucket* current_ = nullptr;          // of [begin_, end_)
  int64_t begin_ = 0;
  int64_t end_ = 0;
};

// Nearest rank. `values` are not empty, and change places.
double quantile(std::span<double> values, double share);

}  // namespace tapedeck
