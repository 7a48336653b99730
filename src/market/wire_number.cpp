#include "tapedeck/market/wire_number.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace tapedeck {
namespace {

constexpr int kMostDigits = 18;  // that fit 64 bits, whatever they are
constexpr int kMostExponent = 40;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

tl::expected<WireNumber, DecimalError> from_decimal(const Decimal& value, size_t digits) {
  if (value.units > std::numeric_limits<int64_t>::max() ||
      value.units < std::numeric_limits<int64_t>::min()) {
    return tl::make_unexpected(DecimalError::out_of_range);
  }
  return WireNumber{.units = static_cast<int64_t>(value.units),
                    .exponent = static_cast<int8_t>(value.exponent),
                    .digits = static_cast<uint8_t>(std::min<size_t>(digits, 255))};
}

// Long numbers, signs and letters: rare, so through the parser that knows all of them.
tl::expected<WireNumber, DecimalError> parse_plain(std::string_view text) {
  if (text.starts_with('+')) return tl::make_unexpected(DecimalError::not_a_number);
  const auto value = parse_decimal(text);
  if (!value) return tl::make_unexpected(value.error());
  const size_t point = text.find('.');
  return from_decimal(*value, point == std::string_view::npos ? 0 : text.size() - point - 1);
}

// `12.5e-07`: the point moves.
tl::expected<WireNumber, DecimalError> parse_scientific(std::string_view text, size_t e) {
  std::string_view power_text = text.substr(e + 1);
  const bool negative = power_text.starts_with('-');
  if (negative || power_text.starts_with('+')) power_text.remove_prefix(1);
  if (power_text.empty() || power_text.size() > 3 || !std::ranges::all_of(power_text, is_digit)) {
    return tl::make_unexpected(DecimalError::not_a_number);
  }
  int power = 0;
  for (const char c : power_text)
    power = power * 10 + (c - '0');
  if (power > kMostExponent) return tl::make_unexpected(DecimalError::out_of_range);
  if (negative) power = -power;
  std::string_view mantissa = text.substr(0, e);
  const size_t point = std::min(mantissa.find('.'), mantissa.size());
  std::string_view whole = mantissa.substr(0, point);
  const std::string_view fraction =
      point < mantissa.size() ? mantissa.substr(point + 1) : std::string_view{};
  std::string plain;
  if (whole.starts_with('-')) {
    plain = '-';
    whole.remove_prefix(1);
  }
  if (whole.empty() || (point < mantissa.size() && fraction.empty())) {
    return tl::make_unexpected(DecimalError::not_a_number);
  }
  std::string digits{whole};
  digits += fraction;
  // A second point would go where the first one moves to.
  if (!std::ranges::all_of(digits, is_digit)) {
    return tl::make_unexpected(DecimalError::not_a_number);
  }
  const auto at = static_cast<long>(whole.size()) + power;
  if (at <= 0) {
    plain += "0." + std::string(static_cast<size_t>(-at), '0') + digits;
  } else if (at >= static_cast<long>(digits.size())) {
    plain += digits + std::string(static_cast<size_t>(at) - digits.size(), '0');
  } else {
    plain +=
        digits.substr(0, static_cast<size_t>(at)) + '.' + digits.substr(static_cast<size_t>(at));
  }
  return parse_plain(plain);
}

}  // namespace

tl::expected<WireNumber, DecimalError> parse_wire_number(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const char* const begin = at;
  uint64_t units = 0;
  while (at != end && is_digit(*at))
    units = units * 10 + static_cast<uint64_t>(*at++ - '0');
  const auto whole = at - begin;
  ptrdiff_t fraction = 0;  // digits behind the point without its last zeros
  ptrdiff_t digits = 0;
  if (at != end && *at == '.') {
    const char* const point = at++;
    while (at != end && is_digit(*at))
      ++at;
    digits = at - point - 1;
    fraction = digits;
    while (fraction > 0 && point[fraction] == '0')
      --fraction;
    for (ptrdiff_t i = 1; i <= fraction; ++i)
      units = units * 10 + static_cast<uint64_t>(point[i] - '0');
  }
  const bool plain = at == end && whole > 0 && (digits > 0 || end == begin + whole) &&
                     whole + fraction <= kMostDigits && fraction <= -kMinExponent;
  if (plain) {
    return WireNumber{.units = static_cast<int64_t>(units),
                      .exponent = static_cast<int8_t>(-fraction),
                      .digits = static_cast<uint8_t>(std::min<ptrdiff_t>(digits, 255))};
  }
  const size_t e = text.find_first_of("eE");
  return e == std::string_view::npos ? parse_plain(text) : parse_scientific(text, e);
}

tl::expected<int64_t, DecimalError> units_at(const WireNumber& number, int exponent) {
  if (exponent > number.exponent) return tl::make_unexpected(DecimalError::too_precise);
  if (exponent == number.exponent) return number.units;
  return rescale(number.units, number.exponent, exponent);
}

}  // namespace tapedeck
