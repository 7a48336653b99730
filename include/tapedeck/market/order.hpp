// Order: our instruction to a venue, and how far it got.
#pragma once

#include "tapedeck/base/uuid.hpp"
#include "tapedeck/market/amount.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

enum class OrderSide : uint8_t { buy = 1, sell = 2 };
enum class OrderType : uint8_t { market, limit, stop, stop_limit };
enum class TimeInForce : uint8_t { day, gtc, ioc, fok };
enum class OrderStatus : uint8_t { pending, submitted, partial, filled, cancelled, rejected };

// The enumerator's own name; parse_… takes it in either case, nullopt for another word.
std::string_view to_text(OrderSide side);
std::string_view to_text(OrderType type);
std::string_view to_text(TimeInForce time_in_force);
std::string_view to_text(OrderStatus status);
std::optional<OrderSide> parse_order_side(std::string_view word);
std::optional<OrderType> parse_order_type(std::string_view word);
std::optional<TimeInForce> parse_time_in_force(std::string_view word);
std::optional<OrderStatus> parse_order_status(std::string_view word);

// Nothing follows but fills that were on their way: filled, cancelled, rejected.
bool is_final(OrderStatus status);
// pending → submitted, cancelled, rejected; submitted → partial, filled, cancelled, rejected;
// partial → filled, cancelled. Staying is legal.
bool may_follow(OrderStatus before, OrderStatus after);

struct ForeignFees {
  std::string currency;
  Amount paid;
  bool operator==(const ForeignFees&) const = default;
};

struct Order {
  Uuid order_id;
  std::string client_order_id;                     // unique in the store
  std::optional<std::string> venue_order_id = {};  // as the venue numbers it
  InstrumentName instrument;
  std::optional<std::string> strategy_id = {};
  OrderSide side = OrderSide::buy;
  OrderType type = OrderType::limit;
  std::optional<TimeInForce> time_in_force = {};
  Amount quantity;                        // above 0
  std::optional<Amount> price = {};       // of a limit
  std::optional<Amount> stop_price = {};  // of a stop
  Amount filled_quantity;                 // of its fills, and so is what follows
  Amount filled_notional;
  Amount commission;                           // and fees, where they are in the price's currency
  std::vector<ForeignFees> foreign_fees = {};  // in others, by currency
  std::optional<Timestamp> last_fill_at = {};
  OrderStatus status = OrderStatus::pending;
  std::optional<std::string> status_message = {};
  Timestamp created_at;
  std::optional<Timestamp> submitted_at = {};
  std::optional<Timestamp> updated_at = {};
  std::optional<Timestamp> filled_at = {};
  Uuid correlation_id;
  std::optional<Uuid> parent_order_id = {};  // of a bracket's legs
  bool extended_hours = false;
  std::optional<std::string> metadata = {};  // a JSON object
  bool operator==(const Order&) const = default;
};

// Rounded half to even; nullopt while nothing is filled.
std::optional<Amount> average_fill_price(const Order& order);
Amount open_quantity(const Order& order);

}  // namespace tapedeck
