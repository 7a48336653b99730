#include "store/open_bars.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

const OpenBars::Key kTrades{InstrumentId{1}, Grain::trade};

OpenBar bar_of(int64_t trades) {
  OpenBar open;
  open.bar.trades = trades;
  return open;
}

TEST_CASE("a state holds from its frame to the next state's") {
  OpenBars bars;
  bars.put(kTrades, 5, bar_of(50));
  bars.put(kTrades, 8, std::nullopt);
  bars.put(kTrades, 9, bar_of(90));
  CHECK_FALSE(bars.find(kTrades, 4).has_value());
  CHECK(bars.find(kTrades, 5)->bar.trades == 50);
  CHECK(bars.find(kTrades, 7)->bar.trades == 50);
  CHECK_FALSE(bars.find(kTrades, 8).has_value());
  CHECK(bars.find(kTrades, 1'000)->bar.trades == 90);
  CHECK_FALSE(bars.find({InstrumentId{2}, Grain::trade}, 9).has_value());
  bars.clear();
  CHECK_FALSE(bars.find(kTrades, 9).has_value());
}

TEST_CASE("only the last states are kept") {
  OpenBars bars;
  for (uint64_t sequence = 1; sequence <= 100; ++sequence)
    bars.put(kTrades, sequence, bar_of(static_cast<int64_t>(sequence)));
  CHECK(bars.find(kTrades, 100)->bar.trades == 100);
  CHECK(bars.find(kTrades, 98)->bar.trades == 98);
  CHECK_FALSE(bars.find(kTrades, 90).has_value());
}

}  // namespace
}  // namespace tapedeck
