#include "base/clock.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;

TEST_CASE("the wall clock counts nanoseconds since 1970") {
  CHECK(now_epoch_ns() > 1'700'000'000'000'000'000);  // later than 2023
}

TEST_CASE("the steady clock never goes back") {
  const int64_t before = steady_ns();
  CHECK(steady_ns() >= before);
}
