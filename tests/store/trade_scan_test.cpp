#include "store/trade_scan.hpp"

#include "query/many_loads.hpp"
#include "query/tape_reading.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::LoadedTape;
using test::Loads;

TEST_CASE("a slice gives its rows, and false when it was stopped") {
  LoadedTape tape{Loads::one, {.rows = 5000}};
  const auto reader = tape.store().core().borrow_reader();
  const TapePlan plan = TapeReading{tape.store().core(), tape.request()}.plan();
  REQUIRE(plan.pieces.size() == 1);
  size_t rows = 0;
  const auto count = [&](const TradeView& view) {
    rows += view.rows();
    CHECK(view.trade_id.empty());
    return KeepGoing::go_on;
  };
  CHECK(scan_piece(*reader, plan.instrument, plan.pieces[0], WithIds::no, count));
  CHECK(rows == 5000);
  CHECK_FALSE(
      scan_piece(*reader, plan.instrument, plan.pieces[0], WithIds::yes, [](const TradeView& view) {
        CHECK(view.trade_id.size() == view.rows());
        return KeepGoing::stop;
      }));
}

}  // namespace
}  // namespace tapedeck
