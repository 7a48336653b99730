// Numbers of the wire: the fast reader agrees with parse_decimal(), exponents with the reader of
// files, and the digits that are kept print the text again.
#include "base/check.hpp"
#include "feed/fields.hpp"
#include "input.hpp"
#include "tapedeck/market/wire_number.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace tapedeck {
namespace {

bool fits(const Decimal& value) {
  return value.units <= std::numeric_limits<int64_t>::max() &&
         value.units >= std::numeric_limits<int64_t>::min();
}

void check_form(std::string_view text, const WireNumber& number) {
  TAPEDECK_CHECK(number.exponent <= 0 && number.exponent >= kMinExponent, "'{}': exponent {}", text,
                 number.exponent);
  TAPEDECK_CHECK(number.exponent == 0 || number.units % 10 != 0, "'{}': units {}e{}", text,
                 number.units, number.exponent);
  TAPEDECK_CHECK(number.digits >= -number.exponent, "'{}': {} digits, exponent {}", text,
                 number.digits, number.exponent);
}

// `-007.50` → `-7.50`, `-0.0` → `0.0`: what has a value only.
std::string without_decoration(std::string_view text, bool negative) {
  if (text.starts_with('-')) text.remove_prefix(1);
  while (text.size() > 1 && text[0] == '0' && text[1] != '.')
    text.remove_prefix(1);
  return (negative ? "-" : "") + std::string{text};
}

void check_print(std::string_view text, const WireNumber& number) {
  std::string printed = to_text(to_decimal(number));
  const size_t point = std::min(printed.find('.'), printed.size());
  if (number.digits > 0) {
    if (point == printed.size()) printed += '.';
    printed.append(number.digits - (printed.size() - point - 1), '0');
  }
  const std::string wanted = without_decoration(text, number.units < 0);
  TAPEDECK_CHECK(printed == wanted, "'{}' printed '{}'", text, printed);
}

void check_value(std::string_view text, const tl::expected<WireNumber, DecimalError>& number,
                 const tl::expected<Decimal, DecimalError>& value) {
  if (!value) {
    TAPEDECK_CHECK(!number && number.error() == value.error(), "'{}' accepted", text);
  } else if (!fits(*value)) {
    TAPEDECK_CHECK(!number && number.error() == DecimalError::out_of_range, "'{}' accepted", text);
  } else {
    TAPEDECK_CHECK(number && number->units == value->units && number->exponent == value->exponent,
                   "'{}' is not {}", text, to_text(*value));
  }
}

void check_units(const WireNumber& number, int exponent) {
  const auto units = units_at(number, exponent);
  if (exponent > number.exponent) {
    TAPEDECK_CHECK(!units && units.error() == DecimalError::too_precise, "{}e{} at {}",
                   number.units, number.exponent, exponent);
  } else {
    TAPEDECK_CHECK(units == rescale(number.units, number.exponent, exponent), "{}e{} at {}",
                   number.units, number.exponent, exponent);
  }
}

}  // namespace
}  // namespace tapedeck

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  FuzzInput input{data, size};
  const int exponent = -static_cast<int>(input.option() % 13);
  const std::string_view text = input.text();
  const auto number = parse_wire_number(text);
  if (number) {
    check_form(text, *number);
    check_units(*number, exponent);
  }
  if (text.find_first_of("eE") == std::string_view::npos) {
    if (!text.starts_with('+')) check_value(text, number, parse_decimal(text));
    if (number && number->digits < 255) check_print(text, *number);
    return 0;
  }
  // That reader takes longer exponents, `1e-0006`.
  std::string plain;
  if (number) check_value(text, number, parse_decimal(without_exponent(text, plain)));
  return 0;
}
