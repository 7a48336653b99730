// Division by a step that is fixed for millions of rows.
#pragma once

#include "tapedeck/market/decimal.hpp"

#include <cstdint>

namespace tapedeck {

// n / step by a multiplication, exact for every 64-bit n (Granlund and Montgomery, "Division by
// invariant integers using multiplication", PLDI 1994, figure 4.1).
class StepDivider {
 public:
  // step >= 1.
  explicit StepDivider(uint64_t step) {
    int bits = 0;
    while (bits < 64 && (uint128{1} << bits) < step)
      ++bits;
    const uint128 excess = (uint128{1} << bits) - step;
    multiplier_ = static_cast<uint64_t>((excess << 64) / step + 1);
    first_shift_ = bits > 0 ? 1 : 0;
    second_shift_ = bits > 0 ? bits - 1 : 0;
  }

  uint64_t divide(uint64_t n) const {
    const auto high = static_cast<uint64_t>((uint128{multiplier_} * n) >> 64);
    return (high + ((n - high) >> first_shift_)) >> second_shift_;
  }

 private:
  // Constant after construction
  uint64_t multiplier_;
  int first_shift_;
  int second_shift_;
};

}  // namespace tapedeck
