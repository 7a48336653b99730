// Sums of 128 bits that refuse to wrap.
#pragma once

#include "tapedeck/base/error.hpp"
#include "tapedeck/market/decimal.hpp"

namespace tapedeck {

// Throws Error{out_of_range}, `sum` untouched, when it would leave 128 bits.
inline void add_exact(int128& sum, int128 value) {
  int128 result = 0;
  if (__builtin_add_overflow(sum, value, &result)) [[unlikely]] {
    throw Error{ErrorCode::out_of_range, "a sum of volume or money does not fit 128 bits"};
  }
  sum = result;
}

}  // namespace tapedeck
