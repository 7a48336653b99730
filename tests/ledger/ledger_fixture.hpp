// Orders and fills written out by hand.
#pragma once

#include "tapedeck/ledger/ledger.hpp"
#include "tapedeck/ledger/reading.hpp"
#include "trade_rows.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tapedeck::test {

inline Amount amount(std::string_view text) {
  return parse_amount(text).value();
}

inline const InstrumentName kApple{.venue = "alpaca", .symbol = "AAPL"};

inline NewOrder order_of(OrderSide side, std::string_view quantity,
                         std::optional<std::string> client_order_id = {}) {
  return {.instrument = kApple,
          .side = side,
          .quantity = amount(quantity),
          .client_order_id = std::move(client_order_id)};
}

inline NewFill fill_of(const Order& order, std::string_view quantity, std::string_view price,
                       int64_t ms, std::optional<std::string> trade_id = {}) {
  return {.order_id = order.order_id,
          .quantity = amount(quantity),
          .price = amount(price),
          .executed_at = at_ms(ms),
          .exchange_trade_id = std::move(trade_id)};
}

// An order of exactly this fill.
inline Fill fill_whole(Ledger& ledger, OrderSide side, std::string_view quantity,
                       std::string_view price, int64_t ms) {
  const Order order = ledger.create_order(order_of(side, quantity));
  return ledger.record_fill(fill_of(order, quantity, price, ms));
}

inline PositionSnapshot only_position(const Store& store) {
  const std::vector<PositionSnapshot> all = positions(store, {.flat_too = true});
  REQUIRE(all.size() == 1);
  return all.front();
}

}  // namespace tapedeck::test
