#include "telemetry/metric_fold.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tapedeck {
namespace {

// A sum of doubles that keeps what each addition loses (Neumaier 1974).
void add_exactly(double& sum, double& lost, double value) {
  const double before = sum;
  sum += value;
  lost += std::abs(before) >= std::abs(value) ? (before - sum) + value : (value - sum) + before;
}

}  // namespace

double quantile(std::span<double> values, double share) {
  const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(values.size())));
  const auto place = values.begin() + static_cast<ptrdiff_t>(std::max<size_t>(rank, 1) - 1);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

void MetricFold::add(std::span<const int64_t> timestamps, std::span<const double> values) {
  for (size_t row = 0; row < values.size(); ++row)
    add(bucket_of(timestamps[row]), timestamps[row], values[row]);
}

MetricFold::Bucket& MetricFold::bucket_of(int64_t timestamp) {
  if (current_ != nullptr && timestamp >= begin_ && timestamp < end_) return *current_;
  const Timestamp begin = interval_.begin_of(from_epoch_ns(timestamp));
  begin_ = to_epoch_ns(begin);
  end_ = to_epoch_ns(interval_.next(begin));
  current_ = &buckets_[begin_];
  return *current_;
}

void MetricFold::add(Bucket& bucket, int64_t timestamp, double value) const {
  const bool is_new = bucket.count++ == 0;
  switch (aggregation_) {
    case Aggregation::average:
    case Aggregation::sum: add_exactly(bucket.sum, bucket.lost, value); break;
    case Aggregation::min: bucket.min = is_new ? value : std::min(bucket.min, value); break;
    case Aggregation::max: bucket.max = is_new ? value : std::max(bucket.max, value); break;
    case Aggregation::count: break;
    case Aggregation::first:
      if (is_new || timestamp < bucket.first_at) {
        bucket.first_at = timestamp;
        bucket.first = value;
      }
      break;
    case Aggregation::last:
      if (is_new || timestamp >= bucket.last_at) {
        bucket.last_at = timestamp;
        bucket.last = value;
      }
      break;
    case Aggregation::stddev: {
      const double distance = value - bucket.mean;
      bucket.mean += distance / static_cast<double>(bucket.count);
      bucket.squares += distance * (value - bucket.mean);
      break;
    }
    default: bucket.values.push_back(value);
  }
}

std::optional<double> MetricFold::value_of(Bucket& bucket) const {
  const auto count = static_cast<double>(bucket.count);
  switch (aggregation_) {
    case Aggregation::average: return (bucket.sum + bucket.lost) / count;
    case Aggregation::sum: return bucket.sum + bucket.lost;
    case Aggregation::min: return bucket.min;
    case Aggregation::max: return bucket.max;
    case Aggregation::count: return count;
    case Aggregation::first: return bucket.first;
    case Aggregation::last: return bucket.last;
    case Aggregation::stddev:
      if (bucket.count < 2) return std::nullopt;
      return std::sqrt(bucket.squares / (count - 1));
    case Aggregation::p50: return quantile(bucket.values, 0.50);
    case Aggregation::p95: return quantile(bucket.values, 0.95);
    case Aggregation::p99: return quantile(bucket.values, 0.99);
  }
  return std::nullopt;
}

std::vector<AggregatedMetric> MetricFold::finish() {
  std::vector<AggregatedMetric> rows;
  for (auto& [begin, bucket] : buckets_) {
    rows.push_back(
        {.bucket = from_epoch_ns(begin), .value = value_of(bucket), .count = bucket.count});
  }
  return rows;
}

}  // namespace tapedeck
