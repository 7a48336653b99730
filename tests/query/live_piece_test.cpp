#include "query/live_piece.hpp"

#include "query/tape_reading.hpp"
#include "temp_store.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::block_of;
using test::run_of;
using enum AggressorSide;

PendingTrades frame(uint64_t sequence, TradeBlock trades) {
  return {sequence, std::make_shared<const FrameContent>(
                        TradeRows{.source = "websocket", .trades = std::move(trades)})};
}

TapePlan plan_tape(StoreCore& core, const TapeRequest& request) {
  return TapeReading{core, request}.plan();
}

TapePlan plan_stored_tape(StoreCore& core, const TapeRequest& request) {
  return TapeReading{core, request, {.with_pending = false}}.plan();
}

TEST_CASE("behind the end come rows that are newer, in order, each id once") {
  const std::vector frames{frame(1, run_of(5, 3, 50)), frame(2, run_of(7, 3, 52)),
                           frame(3, run_of(1, 2, 10))};
  const TapeTail tail =
      tail_behind(frames, {.ts = to_epoch_ns(test::at_ms(20)), .largest_id = 4}, {});
  CHECK((tail.trades.trade_id == std::vector<int64_t>{5, 6, 7, 8, 9}));
  CHECK_FALSE(tail.touches);
}

TEST_CASE("rows at the time of the newest stored one are told") {
  const std::vector frames{frame(1, run_of(5, 3, 50))};
  CHECK(tail_behind(frames, {.ts = to_epoch_ns(test::at_ms(50)), .largest_id = 4}, {}).touches);
  const TapeTail known =
      tail_behind(frames, {.ts = to_epoch_ns(test::at_ms(50)), .largest_id = 5}, {});
  CHECK_FALSE(known.touches);
  CHECK(known.trades.rows() == 2);
}

TEST_CASE("a frame of another kind or of a finer scale ends what is behind") {
  const std::vector mixed{frame(1, run_of(5, 1, 50)), frame(2, block_of({{60, 1}}))};
  CHECK(tail_behind(mixed, {}, {}).trades.rows() == 1);
  CHECK_FALSE(tail_behind(mixed, {}, {}).whole);
  const std::vector fine{frame(1, block_of({{60, 1, 1, buy, 1}}, {-2, 0}))};
  CHECK(tail_behind(fine, {}, {-1, 0}).trades.rows() == 0);
  CHECK_FALSE(tail_behind(fine, {}, {-1, 0}).whole);
  const TapeTail coarse = tail_behind(fine, {}, {-3, 0});
  CHECK(coarse.trades.price.front() == 10);
}

TEST_CASE("a plan has what is pending as its last piece; one of stored rows has not") {
  test::TempStore store;
  const Instrument btc = test::new_instrument(*store);
  Writer writer{*store};
  writer.append_live(btc.id, run_of(1, 10, 0));
  writer.flush();
  StoreCore& core = store->core();
  // As between an acknowledgement and its commit.
  const auto content = frame(1'000'000, run_of(11, 5, 70'000)).content;
  core.window().add_acknowledged(1'000'000, btc.id, content);
  const TapePlan plan = plan_tape(core, {.instrument = btc});
  REQUIRE(plan.pieces.size() == 2);
  CHECK(plan.pieces[1].held->rows() == 5);
  CHECK(plan.grain_ranges.back().open_minute == test::at_ms(0));
  CHECK(plan.coverage.complete());
  CHECK(plan_stored_tape(core, {.instrument = btc}).pieces.size() == 1);
  CHECK(plan_tape(core, {.instrument = btc, .range = test::range_ms(0, 10)}).pieces.size() == 1);
  core.window().remove_acknowledged(1'000'000, btc.id);
  CHECK(plan_tape(core, {.instrument = btc}).pieces.size() == 1);
}

TEST_CASE("of an instrument with both grains nothing pending is shown, unless one is asked for") {
  test::TempStore store;
  const Instrument btc = test::new_instrument(*store);
  Writer writer{*store};
  writer.append(btc.id, run_of(1, 10, 0));
  writer.append(btc.id, run_of(1, 5, 0), Grain::aggregate);
  StoreCore& core = store->core();
  core.window().add_acknowledged(1'000'000, btc.id,
                                 frame(1'000'000, run_of(11, 5, 70'000)).content);
  CHECK(rows_of(plan_tape(core, {.instrument = btc})) ==
        rows_of(plan_stored_tape(core, {.instrument = btc})));
  CHECK(plan_tape(core, {.instrument = btc, .grain = Grain::trade}).pieces.back().held);
}

}  // namespace
}  // namespace tapedeck
