#include "cli/decimals.hpp"

#include "tapedeck/base/error.hpp"

#include <doctest/doctest.h>

namespace tapedeck {

TEST_CASE("exact units never round") {
  CHECK(exact_units("--step", "10", -2) == 1000);
  CHECK(exact_units("--step", "0.010", -2) == 1);
  CHECK_THROWS_WITH_AS(exact_units("--step", "0.001", -2),
                       "--step '0.001' is finer than the instrument; the smallest is 0.01", Error);
  CHECK_THROWS_AS(exact_units("--step", "0", -2), Error);
  CHECK_THROWS_AS(exact_units("--step", "-1", -2), Error);
  CHECK_THROWS_AS(exact_units("--step", "1e3", -2), Error);
}

TEST_CASE("a threshold finer than the instrument is rounded up, so that it still holds") {
  CHECK(units_at_least("--min-quantity", "0.5", -2) == 50);
  CHECK(units_at_least("--min-quantity", "0.501", -2) == 51);
  CHECK(units_at_least("--min-quantity", "0.001", 0) == 1);
  CHECK(units_at_least("--min-quantity", "0", -2) == 0);
  CHECK_THROWS_AS(units_at_least("--min-quantity", "-1", -2), Error);
}

TEST_CASE("units beyond 128 bits are refused") {
  CHECK_THROWS_AS(exact_units("--notional", "9000000000000000000", -24), Error);
}

}  // namespace tapedeck
