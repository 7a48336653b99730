#include "market/step_divider.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <random>
#include <vector>

namespace tapedeck {

TEST_CASE("multiplying by the reciprocal equals dividing, for every step and number") {
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  std::mt19937_64 random{1};
  std::vector<uint64_t> steps{1, 2, 3, 5, 7, 10, 64, 100, 641, 1'000'000'007, kMax / 2, kMax};
  for (int bits = 0; bits < 64; ++bits) {
    steps.push_back((random() >> bits) | 1);
    steps.push_back(uint64_t{1} << bits);
  }
  for (const uint64_t step : steps) {
    CAPTURE(step);
    const StepDivider divider{step};
    const uint64_t last_multiple = kMax / step * step;
    for (const uint64_t n : {uint64_t{0}, uint64_t{1}, step - 1, step, kMax, kMax - 1,
                             last_multiple, last_multiple - 1, random(), random() >> 20}) {
      CAPTURE(n);
      CHECK(divider.divide(n) == n / step);
    }
  }
}

}  // namespace tapedeck
