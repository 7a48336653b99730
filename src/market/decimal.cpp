#include "tapedeck/market/decimal.hpp"

#include "base/check.hpp"
#include "market/wide_sum.hpp"
#include "tapedeck/base/error.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace tapedeck {
namespace {

constexpr int kMaxFraction = -kMinExponent;
constexpr uint128 kInt128Max = ~uint128{0} >> 1;

constexpr auto kPowers = [] {
  std::array<int64_t, 19> powers{};
  int64_t power = 1;
  for (size_t n = 0; n < powers.size(); ++n) {
    powers[n] = power;
    if (n + 1 < powers.size()) power *= 10;
  }
  return powers;
}();

// A text as it reads: magnitude × 10^−fraction, the last digit behind the point never 0.
struct Reading {
  bool negative = false;
  uint128 magnitude = 0;
  int fraction = 0;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// magnitude × 10^digits + digit, false when it leaves 127 bits. digits <= 18.
bool append_digits(uint128& magnitude, int digits, char digit) {
  const auto power = static_cast<uint128>(kPowers[static_cast<size_t>(digits)]);
  return !__builtin_mul_overflow(magnitude, power, &magnitude) &&
         !__builtin_add_overflow(magnitude, static_cast<uint128>(digit - '0'), &magnitude) &&
         magnitude <= kInt128Max;
}

// Reads `[+-]digits[.digits]`; reads on behind an overflow, because letters are the worse fault.
tl::expected<Reading, DecimalError> read(std::string_view text) {
  Reading reading;
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at != end && (*at == '-' || *at == '+')) reading.negative = *at++ == '-';
  bool fits = true;
  bool precise = true;
  const char* const whole = at;
  for (; at != end && is_digit(*at); ++at) {
    fits = fits && append_digits(reading.magnitude, 1, *at);
  }
  if (at == whole) return tl::make_unexpected(DecimalError::not_a_number);
  if (at != end && *at == '.') {
    const char* const point = at++;
    for (; at != end && is_digit(*at); ++at) {
      if (*at == '0') continue;  // counts only when another digit follows
      if (at - point > kMaxFraction) {
        precise = false;
        continue;
      }
      const int fraction = static_cast<int>(at - point);
      fits = fits && append_digits(reading.magnitude, fraction - reading.fraction, *at);
      reading.fraction = fraction;
    }
    if (at == point + 1) return tl::make_unexpected(DecimalError::not_a_number);
  }
  if (at != end) return tl::make_unexpected(DecimalError::not_a_number);
  if (!precise) return tl::make_unexpected(DecimalError::too_precise);
  if (!fits) return tl::make_unexpected(DecimalError::out_of_range);
  return reading;
}

int128 signed_units(const Reading& reading) {
  const auto units = static_cast<int128>(reading.magnitude);
  return reading.negative ? -units : units;
}

uint128 magnitude_of(int128 units) {
  return units < 0 ? 0 - static_cast<uint128>(units) : static_cast<uint128>(units);
}

std::strong_ordering order(int128 a, int128 b) {
  if (a == b) return std::strong_ordering::equal;
  return a < b ? std::strong_ordering::less : std::strong_ordering::greater;
}

// units × 10^digits against `other`; what leaves 128 bits is beyond any other on its side.
std::strong_ordering compare_scaled(int128 units, int digits, int128 other) {
  if (units == 0) return order(0, other);
  for (int128 scaled = units; digits > 0; --digits) {
    if (__builtin_mul_overflow(scaled, int128{10}, &scaled)) return order(units, 0);
    units = scaled;
  }
  return order(units, other);
}

int128 units_at(const Decimal& value, int exponent) {
  int128 units = value.units;
  for (int e = value.exponent; e > exponent; --e) {
    if (__builtin_mul_overflow(units, int128{10}, &units)) {
      throw Error{ErrorCode::out_of_range, "a sum of decimals does not fit 128 bits"};
    }
  }
  return units;
}

// Writes the digits of `value` so that they end at `end`; the first one is returned.
char* write_digits(char* end, uint128 value) {
  constexpr uint64_t kTenTo18 = 1'000'000'000'000'000'000;
  while (value > std::numeric_limits<uint64_t>::max()) {
    auto low = static_cast<uint64_t>(value % kTenTo18);
    value /= kTenTo18;
    for (int digit = 0; digit < 18; ++digit, low /= 10) {
      *--end = static_cast<char>('0' + low % 10);
    }
  }
  auto rest = static_cast<uint64_t>(value);
  do {
    *--end = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  return end;
}

// Next decimal digit of remainder/denominator by ten additions: remainder × 10 could leave 128
// bits, twice a value below 2^127 cannot.
unsigned next_digit(uint128& remainder, uint128 denominator) {
  unsigned digit = 0;
  uint128 sum = 0;
  for (int times = 0; times < 10; ++times) {
    sum += remainder;
    if (sum >= denominator) {
      sum -= denominator;
      ++digit;
    }
  }
  remainder = sum;
  return digit;
}

}  // namespace

std::string_view to_text(DecimalError error) {
  switch (error) {
    case DecimalError::not_a_number: return "not_a_number";
    case DecimalError::too_precise: return "too_precise";
    case DecimalError::out_of_range: return "out_of_range";
  }
  return "not_a_number";
}

std::strong_ordering compare(const Decimal& a, const Decimal& b) {
  if (a.exponent >= b.exponent) return compare_scaled(a.units, a.exponent - b.exponent, b.units);
  return 0 <=> compare_scaled(b.units, b.exponent - a.exponent, a.units);
}

Decimal sum(const Decimal& a, const Decimal& b) {
  const int exponent = std::min(a.exponent, b.exponent);
  int128 units = units_at(a, exponent);
  add_exact(units, units_at(b, exponent));
  return {.units = units, .exponent = exponent};
}

Decimal difference(const Decimal& a, const Decimal& b) {
  return sum(a, {.units = -b.units, .exponent = b.exponent});
}

tl::expected<Decimal, DecimalError> parse_decimal(std::string_view text) {
  const auto reading = read(text);
  if (!reading) return tl::make_unexpected(reading.error());
  return Decimal{.units = signed_units(*reading), .exponent = -reading->fraction};
}

tl::expected<int64_t, DecimalError> parse_units(std::string_view text, int exponent) {
  TAPEDECK_CHECK(exponent <= 0 && exponent >= kMinExponent, "exponent {}", exponent);
  const auto reading = read(text);
  if (!reading) return tl::make_unexpected(reading.error());
  if (reading->fraction > -exponent) return tl::make_unexpected(DecimalError::too_precise);
  return rescale(signed_units(*reading), -reading->fraction, exponent);
}

tl::expected<int64_t, DecimalError> rescale(int128 units, int from, int to) {
  TAPEDECK_CHECK(to <= from, "rescale from exponent {} to the coarser {}", from, to);
  if (units == 0) return 0;
  int64_t scaled = 0;
  if (from - to > 18 || __builtin_mul_overflow(units, power_of_ten(from - to), &scaled)) {
    return tl::make_unexpected(DecimalError::out_of_range);
  }
  return scaled;
}

int64_t power_of_ten(int n) {
  TAPEDECK_CHECK(n >= 0 && n <= 18, "10^{}", n);
  return kPowers[static_cast<size_t>(n)];
}

std::string to_text(const Decimal& value) {
  std::string out;
  append_decimal(out, value.units, value.exponent);
  return out;
}

void append_decimal(std::string& out, int128 units, int exponent) {
  TAPEDECK_CHECK(exponent <= 0, "exponent {}", exponent);
  std::array<char, 40> buffer{};  // 2^128 has 39 digits
  char* end = buffer.data() + buffer.size();
  char* const begin = write_digits(end, magnitude_of(units));
  auto fraction = static_cast<ptrdiff_t>(-exponent);
  for (; fraction > 0 && end > begin && end[-1] == '0'; --fraction)
    --end;
  if (end == begin) {
    out += '0';
    return;
  }
  if (units < 0) out += '-';
  const auto whole = end - begin - fraction;
  if (fraction == 0) {
    out.append(begin, end);
  } else if (whole > 0) {
    out.append(begin, begin + whole);
    out += '.';
    out.append(begin + whole, end);
  } else {
    out += "0.";
    out.append(static_cast<size_t>(-whole), '0');
    out.append(begin, end);
  }
}

double to_double(const Decimal& value) {
  // Both operands are exact up to 2^53 and 10^22, so one division rounds once.
  return static_cast<double>(value.units) / std::pow(10.0, -value.exponent);
}

int128 divide_half_even(int128 numerator, int128 denominator, int digits) {
  TAPEDECK_CHECK(denominator > 0 && digits >= 0, "digits {}", digits);
  const bool negative = numerator < 0;
  const auto divisor = static_cast<uint128>(denominator);
  uint128 quotient = magnitude_of(numerator) / divisor;
  uint128 remainder = magnitude_of(numerator) % divisor;
  bool fits = true;
  for (int digit = 0; digit < digits; ++digit) {
    fits = fits && !__builtin_mul_overflow(quotient, uint128{10}, &quotient) &&
           !__builtin_add_overflow(quotient, uint128{next_digit(remainder, divisor)}, &quotient);
  }
  const uint128 missing = divisor - remainder;
  if (remainder > missing || (remainder == missing && (quotient & 1) != 0)) ++quotient;
  if (!fits || quotient > kInt128Max + (negative ? 1 : 0)) {
    throw Error{ErrorCode::out_of_range, "a quotient does not fit 128 bits"};
  }
  return static_cast<int128>(negative ? 0 - quotient : quotient);
}

}  // namespace tapedeck
