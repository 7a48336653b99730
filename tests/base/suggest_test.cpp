#include "base/suggest.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace tapedeck;

TEST_CASE("a mistyped word finds its neighbour, a strange one finds none") {
  const std::vector<std::string> known{"import", "instruments", "klines", "BTCUSDT"};
  CHECK(nearest("imprt", known) == "import");
  CHECK(nearest("klinse", known) == "klines");
  CHECK(nearest("btcusdt", known) == "BTCUSDT");
  CHECK(nearest("BTCUSTD", known) == "BTCUSDT");
  CHECK_FALSE(nearest("footprint", known).has_value());
  CHECK_FALSE(nearest("x", std::vector<std::string>{}).has_value());
}
