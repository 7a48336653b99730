#include "tapedeck/market/position.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

Amount amount(std::string_view text) {
  return parse_amount(text).value();
}

Fill fill_of(OrderSide side, std::string_view quantity, std::string_view price) {
  Fill fill;
  fill.instrument = {.venue = "alpaca", .symbol = "AAPL"};
  fill.side = side;
  fill.quantity = amount(quantity);
  fill.price = amount(price);
  return fill;
}

TEST_CASE("a position is bought, added to, reduced, turned round and closed") {  // OR-06
  using enum OrderSide;
  struct Step {
    Fill fill;
    PositionSide side;
    std::string_view quantity;
    std::string_view average;
    std::string_view realised;
  };
  const std::vector<Step> steps{
      {fill_of(buy, "100", "150.50"), PositionSide::held_long, "100", "150.5", "0"},
      {fill_of(buy, "100", "151.50"), PositionSide::held_long, "200", "151", "0"},
      {fill_of(sell, "50", "153"), PositionSide::held_long, "150", "151", "100"},
      {fill_of(sell, "200", "150"), PositionSide::held_short, "-50", "150", "-50"},
      {fill_of(buy, "50", "149"), PositionSide::flat, "0", "", "0"}};
  Position position;
  for (const Step& step : steps) {
    add_fill(position, step.fill);
    CAPTURE(to_text(step.fill.price));
    CHECK(side_of(position) == step.side);
    CHECK(to_text(position.quantity) == step.quantity);
    CHECK(average_entry_price(position).has_value() == !step.average.empty());
    if (!step.average.empty()) CHECK(average_entry_price(position) == amount(step.average));
    CHECK(to_text(position.realised_pnl) == step.realised);
  }
  CHECK(position.closed_at.has_value());
  CHECK(position.cost == Amount{});
}

TEST_CASE("costs lower what is realised, at once; foreign fees stand beside it") {
  Position position;
  Fill bought = fill_of(OrderSide::buy, "10", "100");
  bought.commission = amount("1");
  bought.fees = amount("0.5");
  CHECK(add_fill(position, bought).realised_pnl == amount("-1.5"));
  Fill sold = fill_of(OrderSide::sell, "4", "110");
  sold.commission = amount("0.02");
  sold.fee_currency = "BNB";
  const FillEffect effect = add_fill(position, sold);
  CHECK(effect.closed == amount("4"));
  CHECK(effect.realised_pnl == amount("40"));
  CHECK(position.realised_pnl == amount("38.5"));
  CHECK(position.costs == amount("1.5"));
  REQUIRE(position.foreign_fees.size() == 1);
  CHECK(position.foreign_fees[0] == ForeignFees{.currency = "BNB", .paid = amount("0.02")});
}

TEST_CASE("the draw-down is the deepest fall since the position was opened") {
  Position position;
  add_fill(position, fill_of(OrderSide::buy, "10", "100"));
  for (const std::string_view price : {"120", "90", "130", "125"})
    mark_at(position, amount(price));
  CHECK(position.max_drawdown == amount("300"));
  CHECK(unrealised_pnl(position, amount("125")) == amount("250"));
  add_fill(position, fill_of(OrderSide::sell, "10", "125"));
  add_fill(position, fill_of(OrderSide::buy, "1", "50"));
  CHECK(position.max_drawdown == Amount{});
}

TEST_CASE("first in, first out: the oldest lot is sold first") {
  FifoPosition fifo;
  fifo.add_fill(fill_of(OrderSide::buy, "100", "10"));
  fifo.add_fill(fill_of(OrderSide::buy, "100", "20"));
  CHECK(fifo.add_fill(fill_of(OrderSide::sell, "150", "30")).realised_pnl == amount("2500"));
  CHECK(fifo.position().cost == amount("1000"));
  CHECK(fifo.add_fill(fill_of(OrderSide::sell, "100", "30")).realised_pnl == amount("500"));
  CHECK(to_text(fifo.position().quantity) == "-50");
  CHECK(average_entry_price(fifo.position()) == amount("30"));
}

// Prices and quantities of any number of digits, so that products and portions are rounded.
class RandomFills {
 public:
  explicit RandomFills(uint64_t seed) : random_{seed} {}
  Fill next() {
    Fill fill = fill_of(random_() % 2 == 0 ? OrderSide::buy : OrderSide::sell, "1", "1");
    fill.quantity = any(14);
    fill.price = any(18);
    if (random_() % 3 == 0) fill.commission = random_() % 4 == 0 ? -any(12) : any(12);
    if (random_() % 5 == 0) fill.fee_currency = "BNB";
    return fill;
  }
  Amount any(int digits) {
    int128 units = 1 + static_cast<int128>(random_() % 9);
    for (auto left = random_() % static_cast<uint64_t>(digits); left > 0; --left)
      units = units * 10 + static_cast<int128>(random_() % 10);
    return Amount::of_units(units);
  }

 private:
  std::mt19937_64 random_;
};

TEST_CASE("realised + unrealised = cash + inventory, to the last digit, after each of many fills") {
  RandomFills fills{2026};
  Position average;
  FifoPosition fifo;
  Amount cash;
  int turned = 0;
  for (int i = 0; i < 100'000; ++i) {
    const Fill fill = fills.next();
    const PositionSide before = side_of(average);
    add_fill(average, fill);
    fifo.add_fill(fill);
    cash += cash_change(fill);
    if (before != PositionSide::flat && side_of(average) != before) ++turned;
    if (i % 16 != 0) continue;
    const Amount mark = fills.any(18);
    const Amount worth = cash + notional(mark, average.quantity);
    REQUIRE(average.realised_pnl + unrealised_pnl(average, mark) == worth);
    REQUIRE(fifo.position().realised_pnl + unrealised_pnl(fifo.position(), mark) == worth);
    REQUIRE(fifo.position().quantity == average.quantity);
  }
  CHECK(turned > 20);
}

}  // namespace
}  // namespace tapedeck
