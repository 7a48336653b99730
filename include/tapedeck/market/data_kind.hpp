// DataKind: the kinds of market data that a store has a table for.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tapedeck {

// Numbers are part of the journal's format and never change.
enum class DataKind : uint8_t {
  trades,
  klines,
  quotes,
  open_interest,
  ticks,
  depth_snapshots,
  order_runs
};
inline constexpr std::array kDataKinds{
    DataKind::trades, DataKind::klines,          DataKind::quotes,    DataKind::open_interest,
    DataKind::ticks,  DataKind::depth_snapshots, DataKind::order_runs};

std::string_view to_text(DataKind kind);  // "trades", "klines", "quotes", "open_interest", …
std::optional<DataKind> parse_data_kind(std::string_view word);

}  // namespace tapedeck
