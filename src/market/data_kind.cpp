#include "tapedeck/market/data_kind.hpp"

namespace tapedeck {

std::string_view to_text(DataKind kind) {
  switch (kind) {
    case DataKind::trades: return "trades";
    case DataKind::klines: return "klines";
    case DataKind::quotes: return "quotes";
    case DataKind::open_interest: return "open_interest";
    case DataKind::ticks: return "ticks";
    case DataKind::depth_snapshots: return "depth_snapshots";
    case DataKind::order_runs: return "order_runs";
  }
  return "trades";
}

std::optional<DataKind> parse_data_kind(std::string_view word) {
  for (const DataKind kind : kDataKinds) {
    if (word == to_text(kind)) return kind;
  }
  return std::nullopt;
}

}  // namespace tapedeck
