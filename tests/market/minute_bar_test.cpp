#include "tapedeck/market/minute_bar.hpp"

#include "market/random_trades.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <functional>

namespace tapedeck {
namespace {

using test::block_of;
using test::interval;
using test::random_trades;

std::vector<MinuteBar> minutes_of(const TradeView& trades) {
  MinuteFold fold;
  fold.add(trades);
  return fold.finish();
}

uint64_t hash_of(const TradeBlock& trades) {
  const std::vector<MinuteBar> minutes = minutes_of(trades.view());
  REQUIRE(minutes.size() == 1);
  return minutes[0].rows_hash;
}

TEST_CASE("the bars of a minute fold are those of a bar fold, whatever the pieces") {
  const TradeBlock trades = random_trades(5, {.rows = 5000});
  BarFold bars{interval("1m")};
  bars.add(trades.view());
  const std::vector<Bar> expected = bars.finish();
  const std::vector<MinuteBar> whole = minutes_of(trades.view());
  REQUIRE(whole.size() == expected.size());
  int64_t next_id = 0;
  for (size_t i = 0; i < whole.size(); ++i) {
    CHECK(whole[i].bar == expected[i]);
    CHECK(whole[i].id_begin == next_id);
    next_id += whole[i].bar.trades;
    CHECK(whole[i].id_end == next_id - 1);
  }
  for (unsigned seed = 0; seed < 5; ++seed) {
    MinuteFold fold;
    test::add_in_pieces(fold, trades.view(), seed, 300);
    CHECK((fold.finish() == whole));
  }
}

TEST_CASE("closed minutes are taken once, and the open one stays until the end") {
  const TradeBlock trades = block_of({{.ms = 0}, {.ms = 70'000}, {.ms = 130'000}});
  MinuteFold fold;
  fold.add(trades.view());
  const std::vector<MinuteBar> closed = fold.take_closed();
  REQUIRE(closed.size() == 2);
  CHECK(closed[1].bar.begin == test::at_ms(60'000));
  CHECK(fold.take_closed().empty());
  const std::vector<MinuteBar> rest = fold.finish();
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].bar.begin == test::at_ms(120'000));
  CHECK(fold.finish().empty());
}

TEST_CASE("the hash of a minute's rows does not depend on their order or scale") {
  const TradeBlock one = block_of({{.ms = 5, .price = 7, .quantity = 3, .id = 1},
                                   {.ms = 5, .price = 8, .quantity = 2, .id = 2}});
  const TradeBlock turned = block_of({{.ms = 5, .price = 8, .quantity = 2, .id = 2},
                                      {.ms = 5, .price = 7, .quantity = 3, .id = 1}});
  CHECK(hash_of(one) == hash_of(turned));
  TradeBlock finer = one;
  REQUIRE(rescale(finer, {.price_exp = -12, .qty_exp = -7}).has_value());
  CHECK(hash_of(one) == hash_of(finer));
}

TEST_CASE("the hash of a minute's rows depends on each field of each row") {
  using enum AggressorSide;
  const auto hash = [](const test::Row& second) {
    return hash_of(block_of({{.ms = 1, .price = 9, .quantity = 9, .side = buy, .id = 1}, second}));
  };
  const test::Row row{.ms = 5, .price = 7, .quantity = 3, .side = buy, .id = 2};
  std::vector<test::Row> others(6, row);
  others[0].ms = 6;
  others[1].price = 8;
  others[2].quantity = 4;
  others[3].side = sell;
  others[4].id = 3;
  std::swap(others[5].price, others[5].quantity);
  for (const test::Row& other : others)
    CHECK(hash(other) != hash(row));
  TradeBlock without = block_of({{.ms = 1, .id = 0}});
  TradeBlock with = without;
  without.has_ids = false;
  CHECK(hash_of(without) != hash_of(with));
}

TEST_CASE("a minute without ids has no bounds of ids") {
  TradeBlock trades = block_of({{.ms = 1}});
  trades.has_ids = false;
  const std::vector<MinuteBar> minutes = minutes_of(trades.view());
  CHECK_FALSE(minutes[0].id_begin.has_value());
  CHECK_FALSE(minutes[0].id_end.has_value());
}

}  // namespace
}  // namespace tapedeck
