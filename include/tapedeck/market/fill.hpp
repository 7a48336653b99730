// Fill: our part in a trade.
#pragma once

#include "tapedeck/market/order.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace tapedeck {

enum class Liquidity : uint8_t { maker, taker };
std::string_view to_text(Liquidity liquidity);
std::optional<Liquidity> parse_liquidity(std::string_view word);

struct Fill {
  Uuid fill_id;
  Uuid order_id;
  InstrumentName instrument;
  std::optional<std::string> strategy_id = {};  // its order's
  OrderSide side = OrderSide::buy;
  Amount quantity;  // above 0
  Amount price;
  Timestamp executed_at;                      // at the venue
  std::optional<Timestamp> reported_at = {};  // when we heard of it
  Amount commission;                          // paid; below 0: received
  Amount fees;                                // of others, e.g. a regulator; in the same currency
  std::optional<std::string> fee_currency = {};  // absent: that of the price
  std::optional<std::string> currency = {};      // of the price
  std::optional<Liquidity> liquidity = {};
  std::optional<std::string> exchange_trade_id = {};  // the venue's
  Uuid correlation_id;
  bool operator==(const Fill&) const = default;
};

// The order in which fills make a position: by time, then by the venue's id, where digits count as
// numbers and none comes first. Equal ones go by their arrival.
std::weak_ordering compare_in_time(const Fill& a, const Fill& b);

// What it brings in (sell) or takes (buy) without its costs: price × quantity, rounded half to even
// to 12 digits.
Amount notional(const Fill& fill);
// Whether its fees are in the price's currency: it says so, or the symbol ends with their currency
// (BTCUSDT and USDT).
bool has_fees_in_price_currency(const Fill& fill);
// Commission and fees where they are in the price's currency, else 0.
Amount costs(const Fill& fill);
// Adds its commission and fees where they are in another currency.
void add_foreign_fees(std::vector<ForeignFees>& fees, const Fill& fill);
// What the balance in the price's currency changes by.
Amount cash_change(const Fill& fill);

}  // namespace tapedeck
