#include "market/random_trades.hpp"
#include "tapedeck/base/error.hpp"
#include "tapedeck/market/footprint.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <vector>

namespace tapedeck {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

// Wide enough for any price, whichever step.
int128 floored(int128 price, int128 step) {
  return (price / step - (price % step < 0 ? 1 : 0)) * step;
}

int64_t level_price(const Trade& trade, PriceStep step) {
  const int64_t price = trade.price.raw();
  if (step.rule == StepRule::side && trade.side == AggressorSide::buy) {
    return static_cast<int64_t>(-floored(-int128{price}, step.units));
  }
  return static_cast<int64_t>(floored(price, step.units));
}

std::vector<Level> levels_by_definition(const TradeView& trades, PriceStep step) {
  std::map<int64_t, Level> levels;
  for (size_t row = 0; row < trades.rows(); ++row) {
    const Trade trade = trades[row];
    const int64_t price = level_price(trade, step);
    Level& level = levels[price];
    level.price = Price{price};
    switch (trade.side) {
      case AggressorSide::buy:
        level.buy_quantity += trade.quantity.raw();
        ++level.buy_count;
        break;
      case AggressorSide::sell:
        level.sell_quantity += trade.quantity.raw();
        ++level.sell_count;
        break;
      case AggressorSide::unknown:
        level.unknown_quantity += trade.quantity.raw();
        ++level.unknown_count;
        break;
    }
  }
  std::vector<Level> rising;
  for (const auto& [price, level] : levels)
    rising.push_back(level);
  return rising;
}

std::vector<Level> taken(LevelAccumulator& levels, const TradeView& trades) {
  levels.add(trades, 0, trades.rows());
  std::vector<Level> out;
  levels.take(out);
  return out;
}

std::vector<PriceStep> steps() {
  std::vector<PriceStep> all;
  for (const int64_t units : {int64_t{1}, int64_t{2}, int64_t{3}, int64_t{10}, int64_t{64},
                              int64_t{1000}, int64_t{1} << 40, (int64_t{1} << 55) + 1}) {
    for (const StepRule rule : {StepRule::floor, StepRule::side}) {
      all.push_back({.units = units, .rule = rule});
    }
  }
  return all;
}

void push(TradeBlock& block, int64_t price, int64_t quantity, AggressorSide side) {
  block.push_back({.ts_event = from_epoch_ns(0),
                   .price = Price{price},
                   .quantity = Qty{quantity},
                   .side = side});
}

}  // namespace

TEST_CASE("levels are what their definition says, at every step and rule") {
  const std::vector<test::RandomTape> tapes{
      {.rows = 5000},
      {.rows = 5000, .low = -700, .high = 900},
      {.rows = 3, .low = 1, .high = 1'000'000},
      {.rows = 3000, .low = -3'000'000, .high = 3'000'000},           // wider than the window
      {.rows = 500, .low = kMin / 2, .high = kMax / 2},               // hashed
      {.rows = 5000, .low = 100, .high = 300, .max_quantity = kMax},  // beyond 64 bits
      {.rows = 3000, .low = -3'000'000, .high = 3'000'000, .max_quantity = kMax},
  };
  for (const PriceStep step : steps()) {
    CAPTURE(step.units);
    CAPTURE(to_text(step.rule));
    LevelAccumulator levels{step};  // one for all tapes: what is left behind would show
    for (size_t tape = 0; tape < tapes.size(); ++tape) {
      CAPTURE(tape);
      const TradeBlock block = test::random_trades(static_cast<unsigned>(tape), tapes[tape]);
      CHECK(taken(levels, block.view()) == levels_by_definition(block.view(), step));
    }
  }
}

TEST_CASE("a bad print far off does not disturb the levels around the price") {
  TradeBlock block = test::random_trades(1, {.rows = 6000});
  for (const size_t row : {size_t{0}, size_t{1}, size_t{2500}, size_t{5999}}) {
    block.price[row] = row % 2 == 0 ? kMax - 1 : kMin + 1;
  }
  for (const int64_t units : {1, 2}) {
    const PriceStep step{.units = units};
    LevelAccumulator levels{step};
    CHECK(taken(levels, block.view()) == levels_by_definition(block.view(), step));
    const TradeBlock calm = test::random_trades(2);
    CHECK(taken(levels, calm.view()) == levels_by_definition(calm.view(), step));
  }
}

TEST_CASE("a price that wanders over millions of levels keeps every one") {
  TradeBlock block;
  for (int64_t row = 0; row < 20'000; ++row) {
    push(block, row * 150, row, row % 3 == 0 ? AggressorSide::buy : AggressorSide::sell);
  }
  for (int64_t row = 0; row < 30'000; ++row)
    push(block, row * -97, row, AggressorSide::unknown);
  LevelAccumulator levels{PriceStep{}};
  CHECK(taken(levels, block.view()) == levels_by_definition(block.view(), PriceStep{}));
}

TEST_CASE("a cell is exact where its sum passes 64 bits, before and behind that point") {
  TradeBlock block;
  for (int row = 0; row < 5; ++row)
    push(block, 100, kMax, AggressorSide::buy);
  push(block, 100, 1, AggressorSide::sell);
  push(block, 101, 2, AggressorSide::unknown);
  LevelAccumulator levels{PriceStep{}};
  for (size_t row = 0; row < block.rows(); ++row)
    levels.add(block.view(), row, row + 1);
  std::vector<Level> out;
  levels.take(out);
  REQUIRE(out.size() == 2);
  CHECK(out[0].buy_quantity == int128{kMax} * 5);
  CHECK(out[0].sell_quantity == 1);
  CHECK(out[0].buy_count == 5);
  CHECK(out[0].quantity() == int128{kMax} * 5 + 1);
  CHECK(out[1].unknown_quantity == 2);
  CHECK(out[1].trades() == 1);
}

TEST_CASE("many moderate quantities pass 64 bits exactly as well") {
  constexpr int64_t kQuantity = (int64_t{1} << 52) + 1;
  TradeBlock block;
  for (int row = 0; row < 6000; ++row)
    push(block, row % 5, kQuantity, AggressorSide::sell);
  LevelAccumulator levels{PriceStep{}};
  const std::vector<Level> out = taken(levels, block.view());
  REQUIRE(out.size() == 5);
  for (const Level& level : out)
    CHECK(level.sell_quantity == int128{kQuantity} * 1200);
}

TEST_CASE("rows outside of the asked ones do not count, and levels are appended") {
  const TradeBlock block = test::random_trades(4, {.rows = 3000});
  LevelAccumulator levels{PriceStep{.units = 10}};
  levels.add(block.view(), 100, 2900);
  std::vector<Level> out(1);
  levels.take(out);
  const auto expected = levels_by_definition(block.view().part(100, 2900), {.units = 10});
  CHECK(out.front() == Level{});
  CHECK(std::vector<Level>(out.begin() + 1, out.end()) == expected);
}

TEST_CASE("an accumulator that moved goes on where it was") {
  const TradeBlock block = test::random_trades(5);
  LevelAccumulator levels{PriceStep{}};
  levels.add(block.view(), 0, 1000);
  LevelAccumulator moved{std::move(levels)};
  moved.add(block.view(), 1000, block.rows());
  levels = std::move(moved);
  std::vector<Level> out;
  levels.take(out);
  CHECK(out == levels_by_definition(block.view(), PriceStep{}));
}

TEST_CASE("a step below 1 and a level beyond 64 bits are refused") {
  CHECK_THROWS_AS(LevelAccumulator{PriceStep{.units = 0}}, Error);
  CHECK_THROWS_AS(LevelAccumulator{PriceStep{.units = -10}}, Error);
  TradeBlock lowest;
  push(lowest, kMin, 1, AggressorSide::sell);
  LevelAccumulator floor{PriceStep{.units = 10}};
  CHECK_THROWS_AS(floor.add(lowest.view(), 0, 1), Error);
  TradeBlock highest;
  push(highest, kMax, 1, AggressorSide::buy);
  LevelAccumulator side{PriceStep{.units = 10, .rule = StepRule::side}};
  CHECK_THROWS_AS(side.add(highest.view(), 0, 1), Error);
  LevelAccumulator every{PriceStep{}};
  lowest.price.push_back(kMax);
  lowest.ts_event.push_back(0);
  lowest.quantity.push_back(1);
  lowest.side.push_back(AggressorSide::buy);
  CHECK(taken(every, lowest.view()) == levels_by_definition(lowest.view(), PriceStep{}));
}

}  // namespace tapedeck
