// WireNumber: a price or quantity as a venue's message spells it, read without a double. The value
// has no trailing zeros; how many digits the text had behind its point is kept beside it, because
// checksums of books are over the text.
#pragma once

#include "tapedeck/market/decimal.hpp"

#include <tl/expected.hpp>

#include <cstdint>
#include <string_view>

namespace tapedeck {

struct WireNumber {
  int64_t units = 0;
  int8_t exponent = 0;  // −12…0; value = units × 10^exponent, no zero last behind the point
  uint8_t digits = 0;   // behind the point of the text: 3 of "1.500"
  constexpr bool operator==(const WireNumber&) const = default;
};

// Accepts `[-]digits[.digits]` and an exponent behind it, `1e-06`, as JSON may have it. The errors
// are those of parse_decimal(); nothing is rounded.
tl::expected<WireNumber, DecimalError> parse_wire_number(std::string_view text);

inline Decimal to_decimal(const WireNumber& number) {
  return {.units = number.units, .exponent = number.exponent};
}

// The number in units of 10^exponent: too_precise when it has more digits, out_of_range when it
// does not fit.
tl::expected<int64_t, DecimalError> units_at(const WireNumber& number, int exponent);

}  // namespace tapedeck
