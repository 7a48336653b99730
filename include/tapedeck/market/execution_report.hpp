// ExecutionReport: the venue's message about an order, from which a fill is decoded.
#pragma once

#include "tapedeck/market/fill.hpp"
#include "tapedeck/market/order.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace tapedeck {

// What the quantity of a reported fill counts.
enum class FillScope : uint8_t {
  one,     // this fill
  so_far,  // the order's fills up to this one; the price is this one's
  all,     // the order's fills; the price is their average
};

struct ReportedFill {
  FillScope scope = FillScope::one;
  Amount quantity;  // above 0
  Amount price;     // above 0
  Amount commission = {};
  Amount fees = {};
  std::optional<std::string> fee_currency = {};
  std::optional<std::string> currency = {};  // of the price
  std::optional<Liquidity> liquidity = {};
  std::optional<std::string> exchange_trade_id = {};
  bool operator==(const ReportedFill&) const = default;
};

struct ExecutionReport {
  Timestamp at = {};  // at the venue
  InstrumentName instrument = {};
  OrderSide side = OrderSide::buy;
  std::optional<std::string> venue_order_id = {};
  std::optional<std::string> client_order_id = {};
  std::optional<std::string> strategy_id = {};

  // The order's terms; without a quantity they are not known.
  std::optional<Amount> quantity = {};
  std::optional<Amount> price = {};
  std::optional<Amount> stop_price = {};
  OrderType type = OrderType::market;
  std::optional<std::string> venue_type = {};  // the venue's word where `type` says less
  std::optional<TimeInForce> time_in_force = {};
  std::optional<Timestamp> created_at = {};
  bool extended_hours = false;
  bool amended = false;  // the terms are new ones

  // pending, submitted, cancelled or rejected: partial and filled follow from fills.
  OrderStatus status = OrderStatus::submitted;
  std::optional<std::string> message = {};
  std::optional<ReportedFill> fill = {};
  bool operator==(const ExecutionReport&) const = default;
};

}  // namespace tapedeck
