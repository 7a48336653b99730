#include "tapedeck/market/amount.hpp"

#include "base/check.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

namespace tapedeck {
namespace {

constexpr int128 power(int n) {
  int128 result = 1;
  for (int i = 0; i < n; ++i)
    result *= 10;
  return result;
}

constexpr int128 kLimit = power(38);  // of units: DECIMAL(38,12) has 38 digits
constexpr int128 kOne = power(-Amount::kExponent);

[[noreturn]] void fail_range() {
  throw Error{ErrorCode::out_of_range,
              "an amount of the ledger reaches 10^26, and DECIMAL(38,12) ends before it"};
}

uint128 unsigned_magnitude(int128 value) {
  return value < 0 ? uint128{0} - static_cast<uint128>(value) : static_cast<uint128>(value);
}

struct Wide {
  uint128 high = 0;
  uint128 low = 0;
};

Wide product(uint128 a, uint128 b) {
  constexpr uint128 kMask = ~uint64_t{0};
  const uint128 low = (a & kMask) * (b & kMask);
  const uint128 left = (a >> 64) * (b & kMask);
  const uint128 right = (a & kMask) * (b >> 64);
  const uint128 middle = (low >> 64) + (left & kMask) + (right & kMask);
  return {.high = (a >> 64) * (b >> 64) + (left >> 64) + (right >> 64) + (middle >> 64),
          .low = (middle << 64) | (low & kMask)};
}

// dividend / divisor half to even; the quotient must fit, so dividend.high < divisor < 2^127.
uint128 divide_wide(Wide dividend, uint128 divisor) {
  uint128 remainder = dividend.high;
  uint128 result = 0;
  for (int bit = 127; bit >= 0; --bit) {
    remainder = (remainder << 1) | ((dividend.low >> bit) & 1U);
    result <<= 1;
    if (remainder >= divisor) {
      remainder -= divisor;
      result |= 1U;
    }
  }
  const uint128 twice = remainder << 1;
  if (twice > divisor || (twice == divisor && (result & 1U) != 0)) ++result;
  return result;
}

uint128 divide_narrow(uint128 dividend, uint128 divisor) {
  const uint128 result = dividend / divisor;
  const uint128 twice = (dividend % divisor) << 1;
  return twice > divisor || (twice == divisor && (result & 1U) != 0) ? result + 1 : result;
}

// a × b / c, half to even.
Amount scaled(int128 a, int128 b, int128 c) {
  TAPEDECK_CHECK(c != 0, "a division of amounts by 0");
  const bool negative = ((a < 0) != (b < 0)) != (c < 0);
  const Wide dividend = product(unsigned_magnitude(a), unsigned_magnitude(b));
  const uint128 divisor = unsigned_magnitude(c);
  if (dividend.high >= divisor) fail_range();
  const uint128 result =
      dividend.high == 0 ? divide_narrow(dividend.low, divisor) : divide_wide(dividend, divisor);
  if (result >= static_cast<uint128>(kLimit)) fail_range();
  const auto units = static_cast<int128>(result);
  return Amount::of_units(negative ? -units : units);
}

}  // namespace

bool Amount::fits(int128 units) {
  return units < kLimit && units > -kLimit;
}

Amount Amount::of_units(int128 units) {
  if (!fits(units)) fail_range();
  return Amount{units};
}

Amount Amount::whole(int64_t count) {
  return Amount{count * kOne};
}

Amount Amount::of(const Decimal& value) {
  TAPEDECK_CHECK(value.exponent <= 0 && value.exponent >= kExponent, "exponent {}", value.exponent);
  int128 units = value.units;
  for (int exponent = value.exponent; exponent > kExponent; --exponent) {
    if (__builtin_mul_overflow(units, int128{10}, &units)) fail_range();
  }
  return of_units(units);
}

// The sum of two amounts is below 2 × 10^38, and 128 bits hold it only up to 1.7 × 10^38.
Amount operator+(Amount a, Amount b) {
  int128 units = 0;
  if (__builtin_add_overflow(a.units(), b.units(), &units)) fail_range();
  return Amount::of_units(units);
}

Amount operator-(Amount a, Amount b) {
  return a + -b;
}

Amount& operator+=(Amount& sum, Amount value) {
  return sum = sum + value;
}

Amount magnitude(Amount value) {
  return value < Amount{} ? -value : value;
}

Amount notional(Amount price, Amount quantity) {
  return scaled(price.units(), quantity.units(), kOne);
}

Amount portion(Amount whole, Amount part, Amount of) {
  return scaled(whole.units(), part.units(), of.units());
}

Amount quotient(Amount dividend, Amount divisor) {
  return scaled(dividend.units(), kOne, divisor.units());
}

std::string to_text(Amount value) {
  return to_text(value.decimal());
}

double to_double(Amount value) {
  return to_double(value.decimal());
}

tl::expected<Amount, DecimalError> parse_amount(std::string_view text) {
  const auto decimal = parse_decimal(text);
  if (!decimal) return tl::make_unexpected(decimal.error());
  int128 units = decimal->units;
  for (int exponent = decimal->exponent; exponent > Amount::kExponent; --exponent) {
    if (__builtin_mul_overflow(units, int128{10}, &units)) {
      return tl::make_unexpected(DecimalError::out_of_range);
    }
  }
  if (!Amount::fits(units)) return tl::make_unexpected(DecimalError::out_of_range);
  return Amount::of_units(units);
}

}  // namespace tapedeck
