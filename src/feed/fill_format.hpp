// FillFormat: what the lines of a CSV file of fills are, and which of its columns holds what.
#pragma once

#include "tapedeck/market/order.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

enum class FillField : uint8_t {
  time,
  symbol,
  side,
  quantity,
  price,
  commission,
  fees,
  fee_currency,
  currency,
  liquidity,
  trade_id,
  order_id,
  strategy,
};
inline constexpr size_t kFillFields = static_cast<size_t>(FillField::strategy) + 1;

std::string_view to_text(FillField field);
std::optional<FillField> parse_fill_field(std::string_view word);

enum class DateOrder : uint8_t { year_first, month_first, day_first };
std::string_view to_text(DateOrder order);
std::optional<DateOrder> parse_date_order(std::string_view word);

// The header is the first line that has the columns; what stands before it is passed over. A column
// is found by the name that `fields` gives, else by the field's own, in any case.
struct FillFormat {
  std::map<FillField, std::vector<std::string>> fields = {};  // of several the one with a value
  std::vector<std::string> columns = {};  // of a file without a header, in order
  std::optional<char> delimiter = {};     // else , ; tab or |, as the header has

  // The file's word → side; rows with another word are no fills. Empty: buy and sell, as usual.
  std::map<std::string, OrderSide> sides = {};
  bool signed_quantity = false;  // there is no side: what is below 0 was sold
  bool negative_costs = false;   // commission and fees that were paid are below 0
  bool units = false;            // numbers end with their currency: 0.5BTC
  DateOrder dates = DateOrder::year_first;

  // What the rows do not tell
  std::optional<std::string> venue = {};
  std::map<FillField, std::string> constants = {};  // symbol, currency, fee_currency, strategy
};

// Binance's export of trade history: Date(UTC),Pair,Side,Price,Executed,Amount,Fee.
FillFormat binance_trade_history();

}  // namespace tapedeck
