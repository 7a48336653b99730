// The fields of tables of market data, and the names that columns of other programs have for them.
#pragma once

#include "tapedeck/feed/table_format.hpp"

#include <array>
#include <bitset>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

enum class TableField : uint8_t {
  instrument,
  venue,
  symbol,
  time,
  trade_id,
  price,
  quantity,
  price_exp,
  qty_exp,
  side,
  is_buyer_maker,
  grain,
  interval,
  source,
  open,
  high,
  low,
  close,
  volume,
  quote_volume,
  buy_volume,
  buy_quote_volume,
  trades,
  bid_price,
  bid_quantity,
  ask_price,
  ask_quantity,
  open_interest,
  open_interest_value,
  top_trader_account_ratio,
  top_trader_position_ratio,
  account_ratio,
  taker_volume_ratio,
  last_price,
  last_quantity,
  sequence,
  conditions,
  tape,
  correlation_id,
  ts_recv,
  until_time,
  is_bid,
};
inline constexpr size_t kTableFields = static_cast<size_t>(TableField::is_bid) + 1;

std::string_view to_text(TableField field);

// Where each field of a file is found.
class TableColumns {
 public:
  // Throws Error{bad_input} for columns that are missing, unknown or twice, Error{invalid_argument}
  // for a format that names what is not there.
  TableColumns(const TableFormat& format, const std::vector<std::string>& columns);

  size_t size() const { return fields_.size(); }
  bool has(TableField field) const { return find(field).has_value(); }
  std::optional<size_t> find(TableField field) const { return places_[static_cast<size_t>(field)]; }
  // What a column is read for; nullopt when it is passed over.
  std::optional<TableField> field_of(size_t column) const { return fields_[column]; }

 private:
  void take_named(const TableFormat& format, const std::vector<std::string>& columns);
  void take_usual(const TableFormat& format, const std::vector<std::string>& columns);
  std::optional<size_t> find_free(std::string_view name, std::string_view field,
                                  const std::vector<std::string>& columns) const;
  void check_needed(const TableFormat& format, const std::vector<std::string>& columns) const;
  void check_extra(const TableFormat& format, const std::vector<std::string>& columns) const;
  void put(TableField field, size_t column);

  std::array<std::optional<size_t>, kTableFields> places_;
  std::bitset<kTableFields> without_;              // the format says that no column holds them
  std::vector<std::optional<TableField>> fields_;  // by column
};

}  // namespace tapedeck
