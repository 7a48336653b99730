#include "query/tape_plan.hpp"

#include "query/many_loads.hpp"
#include "query/tape_reading.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace tapedeck {
namespace {

using test::block_of;
using test::new_instrument;
using test::range_ms;
using enum AggressorSide;

constexpr int64_t kDay = 86'400'000;

std::string pieces_line(const std::vector<TapePiece>& pieces) {
  std::string line;
  for (const TapePiece& piece : pieces) {
    line += fmt::format("[{}, {}]{}{} ", to_epoch_ns(piece.range.begin) / 1'000'000,
                        (to_epoch_ns(piece.range.end) - 1) / 1'000'000,
                        piece.ordered ? "" : " unordered",
                        piece.grain == Grain::aggregate ? " aggregate" : "");
  }
  return line;
}

TapePlan plan_of(Store& store, const TapeRequest& request) {
  return TapeReading{store.core(), request}.plan();
}

TEST_CASE("loads that rise in time are one ordered piece, others are sorted where they must be") {
  const struct {
    const char* what;
    std::vector<TradeBlock> loads;
    const char* pieces;
  } cases[]{
      {"none", {}, ""},
      {"one", {block_of({{10}, {20}})}, "[10, 20] "},
      {"rising", {block_of({{10}, {20}}), block_of({{30}, {40}})}, "[10, 40] "},
      {"touching",
       {block_of({{10}, {20}}), block_of({{20}, {40}})},
       "[10, 19] [20, 20] unordered [20, 40] "},
      {"overlapping",
       {block_of({{10}, {30}}), block_of({{20}, {40}})},
       "[10, 19] [20, 30] unordered [30, 40] "},
      {"the later first", {block_of({{30}, {40}}), block_of({{10}, {20}})}, "[10, 20] [30, 40] "}};
  for (const auto& one : cases) {
    CAPTURE(one.what);
    Store store{":memory:"};
    const Instrument btc = new_instrument(store);
    Writer writer{store};
    for (const TradeBlock& block : one.loads)
      writer.append(btc.id, block);
    const TapePlan plan = plan_of(store, {.instrument = btc});
    CHECK(pieces_line(plan.pieces) == one.pieces);
    for (size_t i = 1; i < plan.pieces.size(); ++i) {
      CHECK(plan.pieces[i - 1].range.end <= plan.pieces[i].range.begin);
    }
  }
}

TEST_CASE("pieces are cut to the asked range") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, block_of({{10}, {20}, {30}}));
  CHECK(pieces_line(plan_of(store, {.instrument = btc, .range = range_ms(15, 25)}).pieces) ==
        "[15, 24] ");
  CHECK(plan_of(store, {.instrument = btc, .range = range_ms(31, 99)}).pieces.empty());
  CHECK(plan_of(store, {.instrument = btc, .range = range_ms(0, 10)}).pieces.empty());
}

TEST_CASE("each day is read in one grain, and the other's gaps do not count") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, block_of({{10, 1, 1, buy, 1}, {kDay + 10, 1, 1, buy, 2}}),
                Grain::aggregate);
  writer.append(btc.id, block_of({{10, 1, 1, buy, 1}, {20, 1, 1, buy, 2}, {30, 1, 1, buy, 9}}));
  const TapePlan plan = plan_of(store, {.instrument = btc});
  CHECK((plan.grains.size() == 1));
  CHECK(plan.grains[0] == Grain::aggregate);
  CHECK(plan.coverage.complete());
  const TapePlan forced = plan_of(store, {.instrument = btc, .grain = Grain::trade});
  CHECK(pieces_line(forced.pieces) == "[10, 30] ");
  CHECK(test::coverage_line(forced.coverage.gaps) == "[20, 30) gap 3-8");
}

TEST_CASE("slices tile their pieces") {
  const std::vector<TapePiece> pieces{
      {.range = range_ms(0, 1000), .rows = 450},
      {.range = range_ms(1000, 1003), .ordered = false, .rows = 5},
      {.range = {test::at_ms(2000), test::at_ms(2000) + std::chrono::nanoseconds{3}},
       .rows = 1000}};
  const std::vector<TapePiece> slices = sliced(pieces, 100);
  CHECK(slices.size() >= 7);
  size_t index = 0;
  for (const TapePiece& piece : pieces) {
    Timestamp begin = piece.range.begin;
    for (; index < slices.size() && slices[index].range.begin < piece.range.end; ++index) {
      CHECK(slices[index].range.begin == begin);
      CHECK(slices[index].ordered == piece.ordered);
      begin = slices[index].range.end;
    }
    CHECK(begin == piece.range.end);
  }
  CHECK(index == slices.size());
}

}  // namespace
}  // namespace tapedeck
