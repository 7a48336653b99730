// Decimals: what is parsed prints and parses as the same value with the same digits; parsing at an
// exponent agrees with parsing and rescaling; the fast reader agrees with the careful one.
#include "base/check.hpp"
#include "feed/fast_trade.hpp"
#include "input.hpp"
#include "tapedeck/market/decimal.hpp"

#include <string>

namespace tapedeck {
namespace {

void check_print(const Decimal& value) {
  const std::string printed = to_text(value);
  const auto again = parse_decimal(printed);
  TAPEDECK_CHECK(again.has_value(), "{}", printed);
  TAPEDECK_CHECK(again->units == value.units && again->exponent == value.exponent, "{}", printed);
  TAPEDECK_CHECK(to_text(*again) == printed, "{}", printed);
  TAPEDECK_CHECK(compare(value, *again) == std::strong_ordering::equal, "{}", printed);
}

void check_units(std::string_view text, const tl::expected<Decimal, DecimalError>& value,
                 int exponent) {
  const auto units = parse_units(text, exponent);
  if (!value) {
    TAPEDECK_CHECK(!units && units.error() == value.error(), "'{}' at {}", text, exponent);
  } else if (value->exponent < exponent) {
    TAPEDECK_CHECK(!units && units.error() == DecimalError::too_precise, "'{}' at {}", text,
                   exponent);
  } else {
    const auto rescaled = rescale(value->units, value->exponent, exponent);
    TAPEDECK_CHECK(units == rescaled, "'{}' at {}", text, exponent);
  }
}

void check_fast(std::string_view text, size_t fraction) {
  if (text.empty()) return;
  const std::string readable = std::string{text} + std::string(fast::kReadableBytes, '0');
  fast::Reader reader;
  const uint64_t units = reader.units(readable.data(), text.size(), fast::Fraction{fraction});
  if (!reader.well_formed()) return;
  const auto careful = parse_units(text, -static_cast<int>(fraction));
  TAPEDECK_CHECK(careful && static_cast<uint64_t>(*careful) == units, "'{}' at -{}: {}", text,
                 fraction, units);
}

}  // namespace
}  // namespace tapedeck

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  FuzzInput input{data, size};
  const unsigned option = input.option();
  const auto value = parse_decimal(input.text());
  if (value) {
    TAPEDECK_CHECK(value->exponent <= 0 && value->exponent >= kMinExponent, "{}", value->exponent);
    check_print(*value);
  }
  check_units(input.text(), value, -static_cast<int>(option % 13));
  check_fast(input.text(), option % 9);
  return 0;
}
