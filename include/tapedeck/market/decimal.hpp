// Exact decimals. A price or quantity is an integer count of units of 10^exponent; text becomes
// such an integer and back without ever passing through a double.
#pragma once

#include <tl/expected.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace tapedeck {

__extension__ using int128 = __int128;
__extension__ using uint128 = unsigned __int128;

constexpr int kMinExponent = -12;  // the finest unit a store keeps: 10^-12

// Count of price units, 10^price_exp. Does not mix with Qty.
class Price {
 public:
  constexpr Price() = default;
  constexpr explicit Price(int64_t raw) : raw_{raw} {}
  constexpr int64_t raw() const { return raw_; }
  constexpr auto operator<=>(const Price&) const = default;

 private:
  int64_t raw_ = 0;
};

// Count of quantity units, 10^qty_exp. Does not mix with Price; sums of it are Volume.
class Qty {
 public:
  constexpr Qty() = default;
  constexpr explicit Qty(int64_t raw) : raw_{raw} {}
  constexpr int64_t raw() const { return raw_; }
  constexpr auto operator<=>(const Qty&) const = default;

 private:
  int64_t raw_ = 0;
};

using Volume = int128;  // a sum of Qty, in the same units
using Money = int128;   // a sum of price × quantity, in units of 10^(price_exp + qty_exp)

// The exponents of one batch of records; every Price and Qty in it counts these units.
struct Scale {
  int8_t price_exp = 0;  // −12…0
  int8_t qty_exp = 0;    // −12…0
  constexpr bool operator==(const Scale&) const = default;
};

// The finer of both, exponent by exponent.
constexpr Scale finest(Scale a, Scale b) {
  return {.price_exp = a.price_exp < b.price_exp ? a.price_exp : b.price_exp,
          .qty_exp = a.qty_exp < b.qty_exp ? a.qty_exp : b.qty_exp};
}

// Why a text is no decimal of ours.
enum class DecimalError {
  not_a_number,  // empty, letters, an exponent, two points
  too_precise,   // more significant digits behind the point than asked for (or than 12)
  out_of_range,  // does not fit 64 bits at its own digits
};
std::string_view to_text(DecimalError error);

// A value with the exponent its text needs: trailing zeros behind the point do not count.
struct Decimal {
  int128 units = 0;
  int exponent = 0;  // value = units × 10^exponent; exponent <= 0
};
// Equality and order are of values: 1.50 == 1.5.
std::strong_ordering compare(const Decimal& a, const Decimal& b);
inline bool operator==(const Decimal& a, const Decimal& b) {
  return compare(a, b) == 0;
}

// Exact, at the finer exponent of both. Error{out_of_range} when the units leave 128 bits.
Decimal sum(const Decimal& a, const Decimal& b);
Decimal difference(const Decimal& a, const Decimal& b);

// "61837.63000000" → {6183763, −2}. Accepts [+-]digits[.digits]; nothing else.
// At most 12 digits behind the point; units fit 127 bits.
tl::expected<Decimal, DecimalError> parse_decimal(std::string_view text);
// "61837.63" at exponent −3 → 61837630. Fails with too_precise rather than round.
tl::expected<int64_t, DecimalError> parse_units(std::string_view text, int exponent);

// units × 10^(from − to) for to <= from; nullopt-like failure when it does not fit 64 bits.
tl::expected<int64_t, DecimalError> rescale(int128 units, int from, int to);

// 10^n for 0 <= n <= 18.
int64_t power_of_ten(int n);

// Plain digits, no exponent, no trailing zeros: {6183763, −2} → "61837.63".
std::string to_text(const Decimal& value);
void append_decimal(std::string& out, int128 units, int exponent);

// For charts and statistics only.
double to_double(const Decimal& value);

// numerator / denominator × 10^digits, rounded half to even. denominator > 0.
int128 divide_half_even(int128 numerator, int128 denominator, int digits);

}  // namespace tapedeck
