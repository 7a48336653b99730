// Histogram: how often values of which size were observed. It counts in buckets and keeps no value,
// so that an observation costs nanoseconds and any quantile is known within 6.25 %.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace tapedeck {

// How many of the values were above `above` and at most `at_most`.
struct HistogramBucket {
  double above;
  double at_most;
  int64_t count;

  friend bool operator==(const HistogramBucket&, const HistogramBucket&) = default;
};

// What a Histogram had observed at one moment.
struct HistogramReading {
  int64_t count = 0;
  double sum = 0;
  std::optional<double> min;  // absent while nothing was observed
  std::optional<double> max;
  std::vector<HistogramBucket> buckets;  // those that are not empty, rising

  // The value at rank ⌈q × count⌉ of all sorted, within 6.25 % if it lies in (1e-6, 1e9]; the first
  // and the last rank exactly; behind either end min or max. nullopt while count is 0.
  // Throws invalid_argument unless 0 ≤ q ≤ 1.
  std::optional<double> quantile(double q) const;

  // How many values were at most `bound`. Exact where `bound` is an end of a bucket, as 1, 2.5 and
  // 5 times any power of ten from 1e-6 to 1e9 are; else the bucket around it is left out.
  int64_t count_at_most(double bound) const;

  friend bool operator==(const HistogramReading&, const HistogramReading&) = default;
};

// Any thread may call anything at any time; nothing waits.
class Histogram {
 public:
  // What is not finite is not counted.
  void observe(double value) noexcept;

  // While others observe, sum, min and max may be ahead of count by what they are just adding; the
  // buckets always add up to count.
  HistogramReading reading() const;

 private:
  // Each power of ten is cut into 10 + 12 + 10 buckets, as wide as 0.1, 0.25 and 0.5 of it, from 1,
  // 2 and 5 of it on: none is wider than 12.5 % of where it begins, and decimal bounds are ends.
  // 15 powers, and one bucket behind either end.
  static constexpr size_t kBuckets = 15 * 32 + 2;

  std::array<std::atomic<int64_t>, kBuckets> counts_{};
  alignas(64) std::atomic<double> sum_{
      0};  // 64 bytes: a cache line, so that buckets do not share it
  std::atomic<double> min_{std::numeric_limits<double>::infinity()};
  std::atomic<double> max_{-std::numeric_limits<double>::infinity()};
};

}  // namespace tapedeck
