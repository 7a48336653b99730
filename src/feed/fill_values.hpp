// Numbers and times as people's tables have them: "$2,965.00", "0.5BTC", "03/06/2021".
#pragma once

#include "feed/fields.hpp"
#include "feed/fill_format.hpp"
#include "tapedeck/market/amount.hpp"

#include <string_view>

namespace tapedeck {

// A number with its sign, sign of a currency ($, €, £), and commas between thousands; exact.
Field<Amount> read_plain_amount(std::string_view name, std::string_view text);

// `2024-01-01 16:10:05.175`, with `Z`, `UTC` or an offset like `+01:00` behind it; or a day in the
// given order, `03/06/2021`, with a time of day or without one.
Field<Timestamp> read_day_time(std::string_view name, std::string_view text, DateOrder order);

// "0.5BTC" → "0.5" and "BTC". A unit that is the begin (`base`) or the end (`quote`) of the pair
// is taken for it, as 1INCH begins with a digit.
struct NumberWithUnit {
  std::string_view number;
  std::string_view unit;
};
NumberWithUnit split_unit(std::string_view text, std::string_view pair);

}  // namespace tapedeck
