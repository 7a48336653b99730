#include "tapedeck/market/order.hpp"

#include <doctest/doctest.h>

#include <array>

namespace tapedeck {
namespace {

using enum OrderStatus;
constexpr std::array kStatuses{pending, submitted, partial, filled, cancelled, rejected};

TEST_CASE("an order moves only forward, and nothing follows its end") {
  // Rows: before; columns: after.
  constexpr std::array<std::array<bool, 6>, 6> kLegal{{
      // pending submitted partial filled cancelled rejected
      {true, true, false, false, true, true},
      {false, true, true, true, true, true},
      {false, false, true, true, true, false},
      {false, false, false, true, false, false},
      {false, false, false, false, true, false},
      {false, false, false, false, false, true},
  }};
  for (size_t before = 0; before < kStatuses.size(); ++before) {
    for (size_t after = 0; after < kStatuses.size(); ++after) {
      CAPTURE(to_text(kStatuses[before]));
      CAPTURE(to_text(kStatuses[after]));
      CHECK(may_follow(kStatuses[before], kStatuses[after]) == kLegal[before][after]);
    }
  }
  CHECK(is_final(filled));
  CHECK(is_final(cancelled));
  CHECK(is_final(rejected));
  CHECK_FALSE(is_final(partial));
}

TEST_CASE("words of orders are read in either case and written in lower") {
  for (const OrderStatus status : kStatuses)
    CHECK(parse_order_status(to_text(status)) == status);
  CHECK(parse_order_status("FILLED") == filled);
  CHECK(parse_order_side("BUY") == OrderSide::buy);
  CHECK(parse_order_type("Stop_Limit") == OrderType::stop_limit);
  CHECK(parse_time_in_force("GTC") == TimeInForce::gtc);
  CHECK_FALSE(parse_order_side("hold"));
  CHECK_FALSE(parse_order_type(""));
  CHECK_FALSE(parse_order_status("fill"));
}

TEST_CASE("the average price of an order is that of all its fills") {
  Order order;
  order.quantity = parse_amount("100").value();
  CHECK_FALSE(average_fill_price(order));
  order.filled_quantity = order.quantity;
  order.filled_notional = parse_amount("1060").value();  // 40 @ 10, 60 @ 11
  CHECK(average_fill_price(order) == parse_amount("10.6").value());
  CHECK(open_quantity(order) == Amount{});
}

}  // namespace
}  // namespace tapedeck
