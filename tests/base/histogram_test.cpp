#include "tapedeck/base/histogram.hpp"

#include "thrown.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <latch>
#include <limits>
#include <random>
#include <string>
#include <thread>

namespace tapedeck {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::array kQuantiles{0.0,  0.001, 0.01, 0.1,  0.25,  0.5,
                                0.75, 0.9,   0.95, 0.99, 0.999, 1.0};

double of_sorted(const std::vector<double>& sorted, double q) {
  const auto rank = static_cast<size_t>(std::ceil(q * static_cast<double>(sorted.size())));
  return sorted[rank == 0 ? 0 : rank - 1];
}

void check_quantiles(const std::function<double(std::mt19937_64&)>& next) {
  std::mt19937_64 random{7};
  Histogram histogram;
  std::vector<double> values;
  double sum = 0;
  for (int i = 0; i < 50'000; ++i) {
    values.push_back(next(random));
    histogram.observe(values.back());
    sum += values.back();
  }
  std::ranges::sort(values);
  const HistogramReading reading = histogram.reading();
  CHECK(reading.count == 50'000);
  CHECK(reading.sum == sum);
  CHECK(reading.min == values.front());
  CHECK(reading.max == values.back());
  CHECK(reading.quantile(0) == values.front());
  CHECK(reading.quantile(1) == values.back());
  for (const double q : kQuantiles) {
    CAPTURE(q);
    const double exact = of_sorted(values, q);
    const double said = reading.quantile(q).value();
    CHECK(std::abs(said - exact) <= 0.0625 * exact);
  }
}

TEST_CASE("quantiles are within 6.25 % of those of the sorted values") {
  SUBCASE("even over all powers of ten") {
    check_quantiles([](auto& random) {
      return std::pow(10.0, std::uniform_real_distribution{-6.0, 9.0}(random));
    });
  }
  SUBCASE("even") {
    check_quantiles([](auto& random) { return std::uniform_real_distribution{0.5, 1.5}(random); });
  }
  SUBCASE("with a long tail, as durations are") {
    check_quantiles([](auto& random) { return std::lognormal_distribution{1.0, 2.0}(random); });
  }
  SUBCASE("two heaps far apart") {
    check_quantiles(
        [](auto& random) { return std::bernoulli_distribution{0.02}(random) ? 4'000.0 : 0.004; });
  }
  SUBCASE("whole numbers") {
    check_quantiles([](auto& random) {
      return static_cast<double>(std::uniform_int_distribution{1, 300}(random));
    });
  }
}

TEST_CASE("of one value every quantile is that value") {
  for (const double value : {1e-9, 1e-6, 0.3, 1.0, 7.77, 1e9, 1e12, 0.0, -3.0}) {
    CAPTURE(value);
    Histogram histogram;
    histogram.observe(value);
    for (const double q : kQuantiles)
      CHECK(histogram.reading().quantile(q) == value);
    histogram.observe(value);
    histogram.observe(value);
    for (const double q : kQuantiles)
      CHECK(histogram.reading().quantile(q) == value);
  }
}

TEST_CASE("what is behind either end is answered with min and max") {
  Histogram histogram;
  for (const double value : {-5.0, 0.0, 1e-7, 1.0, 2e9, 3e9, 4e9})
    histogram.observe(value);
  const HistogramReading reading = histogram.reading();
  CHECK(reading.quantile(0.4) == -5.0);
  CHECK(reading.quantile(0.5) == doctest::Approx(1.0).epsilon(0.0625));
  CHECK(reading.quantile(0.8) == 4e9);
  CHECK(reading.count_at_most(1e-6) == 3);
  CHECK(reading.count_at_most(1e9) == 4);
  CHECK(reading.count_at_most(kInfinity) == 7);
}

TEST_CASE("an empty histogram has no quantile, and what is not finite is not counted") {
  Histogram histogram;
  for (const double value : {std::nan(""), kInfinity, -kInfinity}) {
    histogram.observe(value);
  }
  const HistogramReading reading = histogram.reading();
  CHECK(reading == HistogramReading{});
  CHECK_FALSE(reading.quantile(0.5).has_value());
  CHECK_FALSE(reading.min.has_value());
  for (const double q : {-0.1, 1.1, std::nan("")}) {
    test::check_refused(ErrorCode::invalid_argument, {"quantile"},
                        [&] { static_cast<void>(reading.quantile(q)); });
  }
}

// The doubles just below, at and above each bound, so that one bucket off shows.
TEST_CASE("counts are exact at 1, 2.5 and 5 times any power of ten, as their literals say") {
  for (int power = -6; power <= 8; ++power) {
    for (const char* digits : {"1", "2.5", "5"}) {
      const std::string literal = fmt::format("{}e{}", digits, power);
      CAPTURE(literal);
      const double bound = std::strtod(literal.c_str(), nullptr);
      Histogram histogram;
      histogram.observe(std::nextafter(bound, 0.0));
      CHECK(histogram.reading().count_at_most(bound) == 1);
      histogram.observe(bound);
      CHECK(histogram.reading().count_at_most(bound) == 2);
      histogram.observe(std::nextafter(bound, 1e300));
      CHECK(histogram.reading().count_at_most(bound) == 2);
      CHECK(histogram.reading().count_at_most(bound * 1.2) == 3);
    }
  }
}

TEST_CASE("every value lies in its bucket, and no bucket is wider than an eighth of its begin") {
  std::mt19937_64 random{11};
  for (int i = 0; i < 20'000; ++i) {
    const double value = std::pow(10.0, std::uniform_real_distribution{-6.0, 9.0}(random));
    Histogram histogram;
    histogram.observe(value);
    const HistogramReading reading = histogram.reading();
    const HistogramBucket& bucket = reading.buckets.at(0);
    const bool good = bucket.above < value && value <= bucket.at_most &&
                      bucket.at_most <= bucket.above * 1.125 * (1 + 1e-15) && bucket.count == 1;
    if (!good) FAIL_CHECK(value << " in " << bucket.above << "…" << bucket.at_most);
  }
}

TEST_SUITE("threads") {
  TEST_CASE("threads: no observation is lost, and no reading has counted what it has not summed") {
    constexpr int kThreads = 3;
    constexpr int64_t kEach = 20'000;
    Histogram histogram;
    std::latch together{kThreads};
    std::atomic<int> running{kThreads};
    int64_t wrong = 0;
    {
      std::vector<std::jthread> threads;
      for (int thread = 0; thread < kThreads; ++thread) {
        threads.emplace_back([&, thread] {
          together.arrive_and_wait();
          for (int64_t i = 1; i <= kEach; ++i) {
            histogram.observe(static_cast<double>(i * (thread + 1)));
          }
          --running;
        });
      }
      int64_t before = 0;
      while (running > 0) {
        const HistogramReading reading = histogram.reading();
        int64_t in_buckets = 0;
        for (const HistogramBucket& bucket : reading.buckets)
          in_buckets += bucket.count;
        const bool good = in_buckets == reading.count && reading.count >= before &&
                          reading.sum >= static_cast<double>(reading.count) &&
                          (reading.count == 0 || reading.min <= reading.quantile(0.5));
        wrong += good ? 0 : 1;
        before = reading.count;
      }
    }
    CHECK(wrong == 0);
    const HistogramReading reading = histogram.reading();
    CHECK(reading.count == kThreads * kEach);
    CHECK(reading.sum == static_cast<double>(6 * kEach * (kEach + 1) / 2));
    CHECK(reading.min == 1.0);
    CHECK(reading.max == static_cast<double>(kThreads * kEach));
  }
}

}  // namespace
}  // namespace tapedeck
