// Prices, quantities and amounts of options, read in an instrument's units without rounding.
#pragma once

#include "tapedeck/market/decimal.hpp"

#include <string_view>

namespace tapedeck {

// Both throw Error{invalid_argument} naming the option.

// `text` in units of 10^exponent, above 0. Text with more digits is refused, naming the smallest.
int128 exact_units(std::string_view option, std::string_view text, int exponent);

// The fewest units of 10^exponent that are not below `text`, which is not negative.
int128 units_at_least(std::string_view option, std::string_view text, int exponent);

}  // namespace tapedeck
