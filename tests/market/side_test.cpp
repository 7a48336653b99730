#include "tapedeck/market/side.hpp"

#include <doctest/doctest.h>

namespace tapedeck {

TEST_CASE("sides and grains are spelled as in files and tables") {
  CHECK(to_text(AggressorSide::buy) == "buy");
  CHECK(to_text(AggressorSide::sell) == "sell");
  CHECK(to_text(AggressorSide::unknown) == "unknown");
  CHECK(to_text(Grain::trade) == "trade");
  CHECK(to_text(Grain::aggregate) == "aggregate");
}

}  // namespace tapedeck
