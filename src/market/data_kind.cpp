#include "tapedeck/market/data_kind.hpp"

namespace tapedeck {

std::string_view to_text(DataKind kind) {
  switch (kind) {
    case DataKind::trades: return "trades";
    case DataKind::klines: return "klines";
    case DataKind::quotes: return "quotes";
    case DataKind::open_interest: return "open_interest";
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
