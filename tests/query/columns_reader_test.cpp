#include "query/columns_reader.hpp"

#include "query/many_loads.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::LoadedTape;
using test::Loads;

TapeReading reading_of(LoadedTape& tape, TimeRange range = {}) {
  return {tape.store().core(), tape.request(range)};
}

TEST_CASE("a plan is read into one block, whatever the block held before") {
  for (const Loads loads : test::all_loads()) {
    LoadedTape tape{loads, {.rows = 1000}};
    const TapeReading reading = reading_of(tape);
    TradeBlock block = test::run_of(1, 5000, 0);
    ColumnsReader{reading, block}.read();
    CHECK((block.trade_id == tape.trades().trade_id));
    CHECK((block.price == tape.trades().price));
  }
}

TEST_CASE("a plan without pieces leaves an empty block") {
  LoadedTape tape{Loads::one, {.rows = 10}};
  const TapeReading reading = reading_of(tape, test::range_ms(0, 1));
  TradeBlock block = test::run_of(1, 50, 0);
  ColumnsReader{reading, block}.read();
  CHECK(block.rows() == 0);
}

}  // namespace
}  // namespace tapedeck
