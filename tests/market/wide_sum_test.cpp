#include "market/wide_sum.hpp"

#include <doctest/doctest.h>

namespace tapedeck {

TEST_CASE("a sum that would leave 128 bits throws and stays as it was") {
  constexpr auto kMax = static_cast<int128>(~uint128{0} >> 1);
  int128 sum = kMax - 1;
  add_exact(sum, 1);
  CHECK(sum == kMax);
  CHECK_THROWS_AS(add_exact(sum, 1), Error);
  CHECK(sum == kMax);
  sum = -kMax;
  add_exact(sum, -1);
  CHECK_THROWS_AS(add_exact(sum, -1), Error);
}

}  // namespace tapedeck
