#include "tapedeck/market/side.hpp"

namespace tapedeck {

std::string_view to_text(AggressorSide side) {
  switch (side) {
    case AggressorSide::unknown: return "unknown";
    case AggressorSide::buy: return "buy";
    case AggressorSide::sell: return "sell";
  }
  return "unknown";
}

std::string_view to_text(Grain grain) {
  switch (grain) {
    case Grain::trade: return "trade";
    case Grain::aggregate: return "aggregate";
  }
  return "trade";
}

}  // namespace tapedeck
