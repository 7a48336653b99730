// Amount: prices, quantities and money of the ledger, an exact count of 10^-12, as DECIMAL(38,12)
// keeps it. Sums are exact; products and quotients are rounded half to even at the last digit.
#pragma once

#include "tapedeck/market/decimal.hpp"

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace tapedeck {

class Amount {
 public:
  static constexpr int kExponent = kMinExponent;

  constexpr Amount() = default;
  // Below 10^26, either way.
  static bool fits(int128 units);
  // Error{out_of_range} where they do not fit.
  static Amount of_units(int128 units);
  // Exact; Error{out_of_range} like of_units().
  static Amount of(const Decimal& value);

  static Amount whole(int64_t count);

  constexpr int128 units() const { return units_; }
  constexpr Decimal decimal() const { return {.units = units_, .exponent = kExponent}; }
  constexpr auto operator<=>(const Amount&) const = default;

 private:
  constexpr explicit Amount(int128 units) : units_{units} {}
  int128 units_ = 0;

  friend constexpr Amount operator-(Amount value) { return Amount{-value.units_}; }
};

// Error{out_of_range} where the result is no Amount.
Amount operator+(Amount a, Amount b);
Amount operator-(Amount a, Amount b);
Amount& operator+=(Amount& sum, Amount value);

Amount magnitude(Amount value);

// price × quantity.
Amount notional(Amount price, Amount quantity);
// whole × part / of. `of` is not 0.
Amount portion(Amount whole, Amount part, Amount of);
// dividend / divisor. `divisor` is not 0.
Amount quotient(Amount dividend, Amount divisor);

// "61837.63".
std::string to_text(Amount value);
double to_double(Amount value);  // for charts and statistics only
// Like parse_decimal(); out_of_range from 10^26 on.
tl::expected<Amount, DecimalError> parse_amount(std::string_view text);

}  // namespace tapedeck
