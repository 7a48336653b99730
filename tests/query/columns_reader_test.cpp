#include "query/columns_reader.hpp"

#include "query/many_loads.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::LoadedTape;
using test::Loads;

TapePlan planned(LoadedTape& tape, TimeRange range = {}) {
  return plan_tape(tape.store().core(), tape.request(range));
}

TEST_CASE("a plan is read into one block, whatever the block held before") {
  for (const Loads loads : test::all_loads()) {
    LoadedTape tape{loads, {.rows = 1000}};
    const TapePlan plan = planned(tape);
    TradeBlock block = test::run_of(1, 5000, 0);
    ColumnsReader{tape.store().core(), plan, block}.read();
    CHECK((block.trade_id == tape.trades().trade_id));
    CHECK((block.price == tape.trades().price));
  }
}

TEST_CASE("a plan without pieces leaves an empty block") {
  LoadedTape tape{Loads::one, {.rows = 10}};
  const TapePlan plan = planned(tape, test::range_ms(0, 1));
  TradeBlock block = test::run_of(1, 50, 0);
  ColumnsReader{tape.store().core(), plan, block}.read();
  CHECK(block.rows() == 0);
}

}  // namespace
}  // namespace tapedeck
