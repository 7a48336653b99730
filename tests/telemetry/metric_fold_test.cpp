#include "telemetry/metric_fold.hpp"

#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <array>

namespace tapedeck {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST_CASE("a quantile is the smallest value that so many do not exceed") {
  std::array values{5.0, 1.0, 4.0, 2.0, 3.0};
  CHECK(quantile(values, 0.5) == 3);
  CHECK(quantile(values, 0.2) == 1);
  CHECK(quantile(values, 0.21) == 2);
  CHECK(quantile(values, 0.99) == 5);
  std::array one{7.0};
  CHECK(quantile(one, 0.01) == 7);
}

TEST_CASE("buckets come and go in any order, before 1970 too") {
  MetricFold fold{test::interval("1m"), Aggregation::sum};
  fold.add(std::array{90 * kSecond, -1 * kSecond, 61 * kSecond}, std::array{1.0, 2.0, 4.0});
  fold.add(std::array{-60 * kSecond}, std::array{8.0});
  const auto rows = fold.finish();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].bucket == from_epoch_ns(-60 * kSecond));
  CHECK(rows[0].value == 10);
  CHECK(rows[1].bucket == from_epoch_ns(60 * kSecond));
  CHECK(rows[1].value == 5);
}

TEST_CASE("a sum does not lose small values beside large ones") {
  MetricFold fold{test::interval("1m"), Aggregation::sum};
  fold.add(std::array<int64_t, 4>{1, 2, 3, 4}, std::array{1.0, 1e100, 1.0, -1e100});
  CHECK(fold.finish()[0].value == 2);
}

TEST_CASE("a deviation needs two values; of equal times the last given is the last") {
  MetricFold deviation{test::interval("1m"), Aggregation::stddev};
  deviation.add(std::array<int64_t, 1>{1}, std::array{5.0});
  CHECK_FALSE(deviation.finish()[0].value);
  MetricFold last{test::interval("1m"), Aggregation::last};
  last.add(std::array<int64_t, 3>{5, 5, 4}, std::array{1.0, 2.0, 3.0});
  CHECK(last.finish()[0].value == 2);
}

}  // namespace
}  // namespace tapedeck
