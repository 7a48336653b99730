#include "market/bar_rows.hpp"

#include "tapedeck/base/error.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

namespace tapedeck {

TEST_CASE("the rows of a bar end where the next bar begins") {
  const TimeRange bar{.begin = from_epoch_ns(100), .end = from_epoch_ns(200)};
  const std::vector<int64_t> times{100, 100, 150, 199, 200, 300};
  CHECK(end_of_bar(times, 0, bar) == 4);
  CHECK(end_of_bar(times, 3, bar) == 4);
  CHECK(end_of_bar(times, 4, bar) == 4);
  CHECK(end_of_bar(times, 6, bar) == 6);
}

TEST_CASE("a row earlier than the open bar is refused") {
  const TimeRange bar{.begin = from_epoch_ns(100), .end = from_epoch_ns(200)};
  const std::vector<int64_t> times{150, 99};
  CHECK_THROWS_AS(end_of_bar(times, 0, bar), Error);
}

TEST_CASE("the last bar of 64-bit nanoseconds holds the last instant") {
  const auto day = BarInterval::parse("1d");
  REQUIRE(day.has_value());
  const std::vector<int64_t> times{std::numeric_limits<int64_t>::max()};
  const TimeRange bar = bar_range(*day, Timestamp::max());
  CHECK(bar.end == Timestamp::max());
  CHECK(end_of_bar(times, 0, bar) == 1);
}

}  // namespace tapedeck
