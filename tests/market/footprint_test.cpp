#include "tapedeck/market/footprint.hpp"

#include "market/random_trades.hpp"
#include "tapedeck/base/error.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace tapedeck {
namespace {

BarInterval interval(std::string_view word) {
  const auto parsed = BarInterval::parse(word);
  REQUIRE(parsed.has_value());
  return *parsed;
}

Timestamp at_ms(int64_t ms) {
  return from_epoch_ns(ms * 1'000'000);
}

// The trades of the worked oracles OR-01 to OR-04.
TradeBlock worked_trades() {
  struct Row {
    int64_t ms;
    int64_t price;
    int64_t quantity;
    AggressorSide side;
  };
  TradeBlock block;
  for (const Row& row : std::vector<Row>{{60000, 100, 1, AggressorSide::buy},
                                         {60500, 101, 2, AggressorSide::sell},
                                         {119999, 99, 1, AggressorSide::buy},
                                         {120000, 102, 4, AggressorSide::sell}}) {
    block.push_back({.ts_event = at_ms(row.ms),
                     .price = Price{row.price},
                     .quantity = Qty{row.quantity},
                     .side = row.side});
  }
  return block;
}

std::vector<Footprint> folded(const TradeView& trades, std::string_view word, PriceStep step = {}) {
  FootprintFold fold{interval(word), step};
  fold.add(trades);
  return fold.finish();
}

Level bought(int64_t price, Volume quantity) {
  return {.price = Price{price}, .buy_quantity = quantity, .buy_count = 1};
}

Level sold(int64_t price, Volume quantity) {
  return {.price = Price{price}, .sell_quantity = quantity, .sell_count = 1};
}

}  // namespace

// OR-02
TEST_CASE("four trades give the worked footprints") {
  const std::vector<Footprint> footprints = folded(worked_trades().view(), "1m");
  REQUIRE(footprints.size() == 2);
  CHECK(footprints[0] == Footprint{.begin = at_ms(60000),
                                   .end = at_ms(120000),
                                   .levels = {bought(99, 1), bought(100, 1), sold(101, 2)}});
  CHECK(footprints[1] ==
        Footprint{.begin = at_ms(120000), .end = at_ms(180000), .levels = {sold(102, 4)}});
}

// OR-03
TEST_CASE("a heatmap of 100 ms has one row for each of the four trades") {
  std::vector<Timestamp> begins;
  for (const Footprint& footprint : folded(worked_trades().view(), "100ms")) {
    CHECK(footprint.levels.size() == 1);
    begins.push_back(footprint.begin);
  }
  CHECK(begins == std::vector<Timestamp>{at_ms(60000), at_ms(60500), at_ms(119900), at_ms(120000)});
}

TEST_CASE("at a step sells go down and buys up by the side rule, both down by the floor rule") {
  TradeBlock block;
  for (const int64_t price : {-11, -10, 0, 9, 10, 11}) {
    for (const auto side : {AggressorSide::unknown, AggressorSide::buy, AggressorSide::sell}) {
      block.push_back(
          {.ts_event = at_ms(0), .price = Price{price}, .quantity = Qty{1}, .side = side});
    }
  }
  struct Cell {
    int64_t price;
    int64_t buys, sells, unknowns;
    bool operator==(const Cell&) const = default;
  };
  const auto cells = [&](StepRule rule) {
    std::vector<Cell> all;
    const auto footprints = folded(block.view(), "1m", {.units = 10, .rule = rule});
    for (const Level& level : footprints[0].levels) {
      all.push_back({.price = level.price.raw(),
                     .buys = level.buy_count,
                     .sells = level.sell_count,
                     .unknowns = level.unknown_count});
    }
    return all;
  };
  CHECK(cells(StepRule::floor) ==
        std::vector<Cell>{{-20, 1, 1, 1}, {-10, 1, 1, 1}, {0, 2, 2, 2}, {10, 2, 2, 2}});
  CHECK(cells(StepRule::side) ==
        std::vector<Cell>{
            {-20, 0, 1, 1}, {-10, 2, 1, 1}, {0, 1, 2, 2}, {10, 2, 2, 2}, {20, 1, 0, 0}});
}

TEST_CASE("the levels of a footprint add up to its bar") {
  const TradeBlock block = test::random_trades(1, {.rows = 10'000});
  for (const std::string_view word : {"100ms", "1s", "1m", "1h"}) {
    for (const int64_t units : {1, 10, 777}) {
      CAPTURE(word);
      CAPTURE(units);
      BarFold bar_fold{interval(word)};
      bar_fold.add(block.view());
      const std::vector<Bar> bars = bar_fold.finish();
      const std::vector<Footprint> footprints = folded(block.view(), word, {.units = units});
      REQUIRE(footprints.size() == bars.size());
      for (size_t index = 0; index < bars.size(); ++index) {
        Level sum;
        for (const Level& level : footprints[index].levels) {
          sum.buy_quantity += level.buy_quantity;
          sum.sell_quantity += level.sell_quantity;
          sum.unknown_quantity += level.unknown_quantity;
          sum.buy_count += level.trades();
        }
        CHECK(footprints[index].begin == bars[index].begin);
        CHECK(footprints[index].end == bars[index].end);
        CHECK(sum.buy_quantity == bars[index].buy_volume);
        CHECK(sum.sell_quantity == bars[index].sell_volume);
        CHECK(sum.quantity() == bars[index].volume);
        CHECK(sum.buy_count == bars[index].trades);
        if (units == 1) CHECK(footprints[index].levels.front().price == bars[index].low);
        if (units == 1) CHECK(footprints[index].levels.back().price == bars[index].high);
      }
    }
  }
}

TEST_CASE("a tape fed in pieces gives the footprints of the tape fed whole") {
  const TradeBlock block = test::random_trades(2, {.rows = 5000});
  for (unsigned seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    FootprintFold fold{interval("1m"), {.units = 10}};
    test::add_in_pieces(fold, block.view(), seed, 1 + seed * 60);
    CHECK(fold.finish() == folded(block.view(), "1m", {.units = 10}));
  }
}

TEST_CASE("closed footprints are handed out once, the open one stays until the end") {
  const TradeBlock block = test::random_trades(3);
  FootprintFold fold{interval("5s"), {}};
  std::vector<Footprint> footprints;
  for (size_t row = 0; row < block.rows(); row += 10) {
    fold.add(block.view().part(row, row + 10));
    for (Footprint& footprint : fold.take_closed())
      footprints.push_back(std::move(footprint));
  }
  const std::vector<Footprint> rest = fold.finish();
  CHECK(rest.size() == 1);
  footprints.insert(footprints.end(), rest.begin(), rest.end());
  CHECK(footprints == folded(block.view(), "5s"));
  CHECK(fold.finish().empty());
}

TEST_CASE("the levels of two parts join to the levels of the whole") {
  const TradeBlock block = test::random_trades(4, {.rows = 2000, .low = 100, .high = 900});
  const auto levels_of = [&](size_t from, size_t to) {
    LevelAccumulator levels{PriceStep{.units = 3, .rule = StepRule::side}};
    levels.add(block.view(), from, to);
    std::vector<Level> out;
    levels.take(out);
    return out;
  };
  const std::vector<Level> whole = levels_of(0, block.rows());
  for (size_t cut = 0; cut <= block.rows(); cut += 50) {
    std::vector<Level> earlier = levels_of(0, cut);
    join_levels(earlier, levels_of(cut, block.rows()));
    CHECK(earlier == whole);
  }
}

TEST_CASE("accumulators of two parts join to the levels of the whole, and the other begins anew") {
  const int64_t far = int64_t{1} << 60;   // beyond any window
  const int64_t huge = int64_t{1} << 62;  // three of them need 128 bits
  const TradeBlock dense = test::random_trades(4, {.rows = 2000, .low = 100, .high = 900});
  TradeBlock wild = test::random_trades(5, {.rows = 300, .low = 100, .high = 9000});
  for (size_t row = 7; row < wild.rows(); row += 40) {
    wild.price[row] = row % 80 == 7 ? far : 1;
    wild.quantity[row] = huge;
  }
  for (const TradeBlock* block : {&dense, static_cast<const TradeBlock*>(&wild)}) {
    LevelAccumulator whole{PriceStep{.units = 3, .rule = StepRule::side}};
    LevelAccumulator first{PriceStep{.units = 3, .rule = StepRule::side}};
    LevelAccumulator second{PriceStep{.units = 3, .rule = StepRule::side}};
    for (size_t cut = 0; cut <= block->rows(); cut += 50) {
      std::vector<Level> expected;
      whole.add(block->view(), 0, block->rows());
      whole.take(expected);
      first.add(block->view(), 0, cut);
      second.add(block->view(), cut, block->rows());
      first.join(second);
      std::vector<Level> joined;
      first.take(joined);
      CHECK(joined == expected);
      second.take(joined);
      CHECK(joined.size() == expected.size());  // nothing was left in it
    }
    first.add(block->view(), 0, 10);
    second.add(block->view(), 10, 200);
    first.join(second);
    first.add(block->view(), 200, block->rows());  // goes on after a join
    whole.add(block->view(), 0, block->rows());
    std::vector<Level> joined;
    std::vector<Level> expected;
    first.take(joined);
    whole.take(expected);
    CHECK(joined == expected);
  }
}

TEST_CASE("levels that do not meet join in order of price") {
  const std::vector<Level> low{bought(1, 1), sold(2, 2)};
  const std::vector<Level> high{bought(8, 3), sold(9, 4)};
  const std::vector<Level> both{low[0], low[1], high[0], high[1]};
  std::vector<Level> rising = low;
  join_levels(rising, high);
  CHECK(rising == both);
  std::vector<Level> falling = high;
  join_levels(falling, low);
  CHECK(falling == both);
}

TEST_CASE("trades out of order are refused by footprints as well") {
  TradeBlock block = worked_trades();
  std::swap(block.ts_event[2], block.ts_event[3]);
  CHECK_THROWS_AS(folded(block.view(), "1m"), Error);
}

TEST_CASE("step rules have their enumerator's name") {
  CHECK(to_text(StepRule::floor) == "floor");
  CHECK(to_text(StepRule::side) == "side");
}

}  // namespace tapedeck
