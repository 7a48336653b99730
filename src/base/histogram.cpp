#include "tapedeck/base/histogram.hpp"

#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace tapedeck {
namespace {

constexpr int kFirstPower = -6;
constexpr int kPowers = 15;
constexpr size_t kEndsInPower = 32;
constexpr size_t kEnds = kPowers * kEndsInPower + 1;

constexpr double power_of_ten(int exponent) {
  double power = 1;
  for (int i = 0; i < exponent; ++i)
    power *= 10;
  return power;
}

// Ends of buckets, rising from 1e-6 to 1e9. `hundredths` and the power of ten are whole, and one
// division or multiplication rounds once: each end is the same double as its decimal literal.
constexpr std::array<double, kEnds> bucket_ends() {
  std::array<double, kEnds> ends{};
  size_t at = 0;
  for (int power = kFirstPower; power < kFirstPower + kPowers; ++power) {
    int hundredths = 100;
    for (size_t i = 0; i < kEndsInPower; ++i) {
      const int exponent = power - 2;
      ends[at++] =
          exponent < 0 ? hundredths / power_of_ten(-exponent) : hundredths * power_of_ten(exponent);
      hundredths += hundredths < 200 ? 10 : hundredths < 500 ? 25 : 50;
    }
  }
  ends[at] = power_of_ten(kFirstPower + kPowers);
  return ends;
}

constexpr std::array<double, kEnds> kBucketEnds = bucket_ends();

// Sign, exponent and the first three binary places: a stripe of doubles that are alike in them is
// at most 12.5 % wide, so it holds three ends at most.
constexpr uint64_t stripe_of(double value) {
  return std::bit_cast<uint64_t>(value) >> 49;
}

constexpr uint64_t kFirstStripe = stripe_of(kBucketEnds.front());
constexpr size_t kStripes = stripe_of(kBucketEnds.back()) - kFirstStripe + 1;

// For each stripe the first end that is not below all of it.
constexpr std::array<uint16_t, kStripes> first_ends() {
  std::array<uint16_t, kStripes> first{};
  uint16_t end = 0;
  for (size_t i = 0; i < kStripes; ++i) {
    const auto begin = std::bit_cast<double>((kFirstStripe + i) << 49);
    while (kBucketEnds[end] < begin)
      ++end;
    first[i] = end;
  }
  return first;
}

constexpr std::array<uint16_t, kStripes> kFirstEnds = first_ends();

// The bucket of the values above end i − 1 and at most end i is i.
size_t bucket_of(double value) {
  if (value <= kBucketEnds.front()) return 0;
  if (value > kBucketEnds.back()) return kEnds;
  size_t end = kFirstEnds[stripe_of(value) - kFirstStripe];
  while (value > kBucketEnds[end])
    ++end;
  return end;
}

void lower_to(std::atomic<double>& least, double value) {
  double before = least.load(std::memory_order_relaxed);
  while (value < before && !least.compare_exchange_weak(before, value, std::memory_order_relaxed)) {
  }
}

void raise_to(std::atomic<double>& most, double value) {
  double before = most.load(std::memory_order_relaxed);
  while (value > before && !most.compare_exchange_weak(before, value, std::memory_order_relaxed)) {
  }
}

}  // namespace

std::optional<double> HistogramReading::quantile(double q) const {
  if (!(q >= 0 && q <= 1)) {
    throw Error{ErrorCode::invalid_argument, fmt::format("quantile {} is not in 0…1", q)};
  }
  if (count == 0) return std::nullopt;
  const auto rank =
      std::max(int64_t{1}, static_cast<int64_t>(std::ceil(q * static_cast<double>(count))));
  if (rank == 1) return min;
  int64_t passed = 0;
  for (const HistogramBucket& bucket : buckets) {
    passed += bucket.count;
    if (passed < rank) continue;
    if (rank == count || std::isinf(bucket.at_most)) return max;
    if (std::isinf(bucket.above)) return min;
    return std::clamp((bucket.above + bucket.at_most) / 2, *min, *max);
  }
  return max;
}

int64_t HistogramReading::count_at_most(double bound) const {
  int64_t passed = 0;
  for (const HistogramBucket& bucket : buckets) {
    if (bucket.at_most <= bound) passed += bucket.count;
  }
  return passed;
}

void Histogram::observe(double value) noexcept {
  if (!std::isfinite(value)) return;
  lower_to(min_, value);
  raise_to(max_, value);
  sum_.fetch_add(value, std::memory_order_relaxed);
  // Last, and seen first by reading(): what is counted is in the sum, too.
  counts_[bucket_of(value)].fetch_add(1, std::memory_order_release);
}

HistogramReading Histogram::reading() const {
  static_assert(kBuckets == kEnds + 1);
  HistogramReading reading;
  for (size_t i = 0; i < kBuckets; ++i) {
    const int64_t count = counts_[i].load(std::memory_order_acquire);
    if (count == 0) continue;
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    reading.count += count;
    reading.buckets.push_back({.above = i == 0 ? -kInfinity : kBucketEnds[i - 1],
                               .at_most = i == kEnds ? kInfinity : kBucketEnds[i],
                               .count = count});
  }
  if (reading.count == 0) return reading;
  reading.sum = sum_.load(std::memory_order_relaxed);
  reading.min = min_.load(std::memory_order_relaxed);
  reading.max = max_.load(std::memory_order_relaxed);
  return reading;
}

}  // namespace tapedeck
