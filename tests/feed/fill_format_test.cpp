#include "feed/fill_format.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;

TEST_CASE("fields of fills and orders of dates have their words") {
  for (size_t at = 0; at < kFillFields; ++at) {
    const auto field = static_cast<FillField>(at);
    CAPTURE(to_text(field));
    CHECK(parse_fill_field(to_text(field)) == field);
  }
  CHECK(to_text(FillField::trade_id) == "trade_id");
  CHECK_FALSE(parse_fill_field("amount").has_value());
  CHECK(parse_date_order("day_first") == DateOrder::day_first);
  CHECK(to_text(DateOrder::month_first) == "month_first");
  CHECK_FALSE(parse_date_order("us").has_value());
}

TEST_CASE("Binance's export names its venue") {
  CHECK(binance_trade_history().venue == "binance");
  CHECK(binance_trade_history().units);
}
