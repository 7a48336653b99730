#include "cli/decimals.hpp"

#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

namespace tapedeck {
namespace {

Decimal decimal_from(std::string_view option, std::string_view text) {
  const auto value = parse_decimal(text);
  if (value) return *value;
  throw Error{ErrorCode::invalid_argument,
              fmt::format("{} '{}' is no plain decimal: {}", option, text, to_text(value.error()))};
}

// Multiplies by 10^digits, for which 128 bits may not be enough.
int128 scaled(std::string_view option, int128 units, int digits) {
  for (; digits > 0; --digits) {
    if (__builtin_mul_overflow(units, int128{10}, &units)) {
      throw Error{ErrorCode::invalid_argument, fmt::format("{} is too large", option)};
    }
  }
  return units;
}

}  // namespace

int128 exact_units(std::string_view option, std::string_view text, int exponent) {
  const Decimal value = decimal_from(option, text);
  if (value.exponent < exponent) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("{} '{}' is finer than the instrument; the smallest is {}", option,
                            text, to_text(Decimal{1, exponent}))};
  }
  if (value.units <= 0) {
    throw Error{ErrorCode::invalid_argument, fmt::format("{} '{}' is not above 0", option, text)};
  }
  return scaled(option, value.units, value.exponent - exponent);
}

int128 units_at_least(std::string_view option, std::string_view text, int exponent) {
  const Decimal value = decimal_from(option, text);
  if (value.units < 0) {
    throw Error{ErrorCode::invalid_argument, fmt::format("{} '{}' is below 0", option, text)};
  }
  if (value.exponent >= exponent) return scaled(option, value.units, value.exponent - exponent);
  int128 units = value.units;
  for (int e = value.exponent; e < exponent; ++e)
    units = units / 10 + (units % 10 > 0 ? 1 : 0);
  return units;
}

}  // namespace tapedeck
