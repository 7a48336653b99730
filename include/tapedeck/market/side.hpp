// Which side crossed the spread. Binance's `is_buyer_maker = true` is a sell.
#pragma once

#include <cstdint>
#include <string_view>

namespace tapedeck {

enum class AggressorSide : uint8_t { unknown = 0, buy = 1, sell = 2 };

// "buy", "sell", "unknown".
std::string_view to_text(AggressorSide side);

// A venue's single prints and its aggregates (Binance aggTrades) are two grains of one tape; no
// answer mixes them within one instrument and UTC day.
enum class Grain : uint8_t { trade = 0, aggregate = 1 };

// "trade", "aggregate".
std::string_view to_text(Grain grain);

}  // namespace tapedeck
