#include "tapedeck/market/ledger_entry.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace tapedeck {
namespace {

Amount amount(std::string_view text) {
  return parse_amount(text).value();
}

Order order_of(std::string_view quantity) {
  Order order;
  order.order_id = named_uuid("order");
  order.client_order_id = "mine";
  order.instrument = {.venue = "alpaca", .symbol = "AAPL"};
  order.quantity = amount(quantity);
  order.price = amount("150");
  return order;
}

Fill fill_of(std::string_view quantity, std::string_view price, int64_t at = 1) {
  Fill fill;
  fill.instrument = {.venue = "alpaca", .symbol = "AAPL"};
  fill.quantity = amount(quantity);
  fill.price = amount(price);
  fill.executed_at = from_epoch_ns(at);
  return fill;
}

TEST_CASE("an order is partial, then filled, at the average of its fills") {  // OR-07
  Order order = order_of("100");
  apply(order, StatusChange{.status = OrderStatus::submitted, .at = from_epoch_ns(1)});
  CHECK(order.submitted_at == from_epoch_ns(1));
  apply(order, fill_of("40", "10", 2));
  CHECK(order.status == OrderStatus::partial);
  CHECK(average_fill_price(order) == amount("10"));
  CHECK_FALSE(order.filled_at);
  apply(order, fill_of("60", "11", 3));
  CHECK(order.status == OrderStatus::filled);
  CHECK(order.filled_quantity == amount("100"));
  CHECK(average_fill_price(order) == amount("10.6"));
  CHECK(order.filled_at == from_epoch_ns(3));
  const Order before = order;
  const StatusChange by_hand{.status = OrderStatus::filled, .at = from_epoch_ns(9)};
  CHECK_FALSE(refusal(order, by_hand));
  apply(order, by_hand);
  CHECK(order == before);
}

TEST_CASE("what an order cannot take is refused with its name and the reason") {
  Order order = order_of("100");
  apply(order, fill_of("40", "10"));
  const auto contains = [](const std::optional<std::string>& text, std::string_view word) {
    return text && text->find(word) != std::string::npos;
  };
  CHECK(contains(refusal(order, fill_of("60.000000000001", "10")), "more than the 60 that"));
  CHECK(contains(refusal(order, fill_of("61", "10")), "order 'mine'"));
  CHECK_FALSE(refusal(order, fill_of("60", "10")));
  Fill other = fill_of("1", "10");
  other.instrument.symbol = "MSFT";
  CHECK(contains(refusal(order, other), "alpaca:MSFT does not belong to order 'mine'"));
  other = fill_of("1", "10");
  other.side = OrderSide::sell;
  CHECK(contains(refusal(order, other), "a fill of sell alpaca:AAPL"));
  CHECK(contains(refusal(order, StatusChange{.status = OrderStatus::rejected}),
                 "is partial and cannot become rejected"));
  CHECK(contains(refusal(order, OrderAmendment{.quantity = amount("39")}), "40 of it are filled"));
  apply(order, fill_of("60", "10"));
  CHECK(contains(refusal(order, OrderAmendment{.price = amount("1")}), "is filled"));
}

TEST_CASE("a fill that was on its way when the order was cancelled counts") {
  Order order = order_of("100");
  apply(order, StatusChange{.status = OrderStatus::cancelled, .at = from_epoch_ns(1)});
  REQUIRE_FALSE(refusal(order, fill_of("30", "10")));
  apply(order, fill_of("30", "10"));
  CHECK(order.status == OrderStatus::cancelled);
  CHECK(order.filled_quantity == amount("30"));
}

TEST_CASE("an order shrunk to what is filled is filled") {
  Order order = order_of("100");
  apply(order, fill_of("30", "10"));
  apply(order, OrderAmendment{.at = from_epoch_ns(5), .quantity = amount("30")});
  CHECK(order.status == OrderStatus::filled);
  CHECK(order.filled_at == from_epoch_ns(5));
}

TEST_CASE("after a correction an order is as its fills are, in whatever order they come") {
  std::vector<Fill> fills;
  for (int64_t at = 1; at <= 6; ++at) {
    fills.push_back(fill_of("10", "10.5", at));
    fills.back().commission = amount("0.1");
    if (at > 3) fills.back().fee_currency = "BNB";
  }
  Order expected = order_of("60");
  for (const Fill& fill : fills)
    apply(expected, fill);
  CHECK(expected.status == OrderStatus::filled);
  CHECK(expected.commission == amount("0.3"));
  CHECK(expected.foreign_fees ==
        std::vector<ForeignFees>{{.currency = "BNB", .paid = amount("0.3")}});
  std::mt19937 random{3};
  for (int i = 0; i < 20; ++i) {
    std::ranges::shuffle(fills, random);
    Order order = expected;
    apply_all(order, fills);
    CHECK(order == expected);
  }
  apply_all(expected, std::span{fills}.first(2));
  CHECK(expected.status == OrderStatus::partial);
  CHECK_FALSE(expected.filled_at);
  apply_all(expected, {});
  CHECK(expected.status == OrderStatus::submitted);
  CHECK(expected.filled_notional == Amount{});
}

}  // namespace
}  // namespace tapedeck
