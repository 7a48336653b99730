#include "market/random_trades.hpp"
#include "tapedeck/market/bar.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

namespace tapedeck {
namespace {

std::vector<Bar> folded(const TradeView& trades, BarRule rule, int128 size) {
  EventBarFold fold{rule, size};
  fold.add(trades);
  return fold.finish();
}

int128 filled(const Bar& bar, BarRule rule) {
  switch (rule) {
    case BarRule::trades: return bar.trades;
    case BarRule::volume: return bar.volume;
    case BarRule::notional: return bar.notional;
    case BarRule::range: return int128{bar.high.raw()} - bar.low.raw();
  }
  return 0;
}

TradeBlock worked_trades() {
  struct Row {
    int64_t price;
    int64_t quantity;
    AggressorSide side;
  };
  TradeBlock block;
  int64_t ns = 0;
  for (const Row& row : std::vector<Row>{{100, 1, AggressorSide::buy},
                                         {103, 4, AggressorSide::sell},
                                         {101, 2, AggressorSide::unknown},
                                         {99, 9, AggressorSide::buy},
                                         {100, 1, AggressorSide::sell}}) {
    block.push_back({.ts_event = from_epoch_ns(ns),
                     .price = Price{row.price},
                     .quantity = Qty{row.quantity},
                     .side = row.side});
    ns += 10;
  }
  return block;
}

std::vector<int64_t> trades_per_bar(BarRule rule, int128 size) {
  std::vector<int64_t> counts;
  for (const Bar& bar : folded(worked_trades().view(), rule, size))
    counts.push_back(bar.trades);
  return counts;
}

}  // namespace

TEST_CASE("a bar ends with the trade that fills it") {
  using Counts = std::vector<int64_t>;
  CHECK(trades_per_bar(BarRule::trades, 2) == Counts{2, 2, 1});
  CHECK(trades_per_bar(BarRule::trades, 1) == Counts{1, 1, 1, 1, 1});
  CHECK(trades_per_bar(BarRule::volume, 5) == Counts{2, 2, 1});
  CHECK(trades_per_bar(BarRule::volume, 1000) == Counts{5});
  CHECK(trades_per_bar(BarRule::notional, 512) == Counts{2, 2, 1});
  CHECK(trades_per_bar(BarRule::range, 3) == Counts{2, 3});
  CHECK(trades_per_bar(BarRule::range, 4) == Counts{4, 1});
}

TEST_CASE("an event bar spans its first to its last trade, half-open") {
  const std::vector<Bar> bars = folded(worked_trades().view(), BarRule::trades, 4);
  REQUIRE(bars.size() == 2);
  CHECK(bars[0] == Bar{.begin = from_epoch_ns(0),
                       .end = from_epoch_ns(31),
                       .open = Price{100},
                       .high = Price{103},
                       .low = Price{99},
                       .close = Price{99},
                       .volume = 16,
                       .buy_volume = 10,
                       .sell_volume = 4,
                       .notional = 100 + 412 + 202 + 891,
                       .trades = 4});
  CHECK(bars[1].begin == from_epoch_ns(40));
  CHECK(bars[1].end == from_epoch_ns(41));
}

TEST_CASE("every closed bar is full, and was not before its last trade") {
  const TradeBlock block = test::random_trades(1, {.rows = 5000});
  struct Row {
    BarRule rule;
    int128 size;
  };
  for (const Row& row : std::vector<Row>{{BarRule::trades, 37},
                                         {BarRule::volume, 40'000},
                                         {BarRule::notional, 5'000'000'000},
                                         {BarRule::range, 1'500}}) {
    CAPTURE(to_text(row.rule));
    EventBarFold whole{row.rule, row.size};
    whole.add(block.view());
    const std::vector<Bar> closed = whole.take_closed();
    REQUIRE(closed.size() > 10);
    size_t begin = 0;
    for (const Bar& bar : closed) {
      const size_t end = begin + static_cast<size_t>(bar.trades);
      CHECK(filled(bar, row.rule) >= row.size);
      const TradeView but_last = block.view().part(begin, end - 1);
      CHECK(folded(but_last, row.rule, row.size).size() <= 1);
      begin = end;
    }
    std::vector<Bar> all = closed;
    for (const Bar& bar : whole.finish())
      all.push_back(bar);
    for (unsigned seed = 0; seed < 5; ++seed) {
      EventBarFold pieces{row.rule, row.size};
      test::add_in_pieces(pieces, block.view(), seed, 100);
      CHECK(pieces.finish() == all);
    }
  }
}

TEST_CASE("a range wider than 64 bits closes its bar") {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  TradeBlock block;
  for (const int64_t price : {-kMax, kMax, int64_t{0}}) {
    block.push_back({.ts_event = from_epoch_ns(0), .price = Price{price}, .quantity = Qty{1}});
  }
  CHECK(folded(block.view(), BarRule::range, int128{kMax} + 1).size() == 2);
}

TEST_CASE("bar rules have their enumerator's name") {
  CHECK(to_text(BarRule::trades) == "trades");
  CHECK(to_text(BarRule::volume) == "volume");
  CHECK(to_text(BarRule::notional) == "notional");
  CHECK(to_text(BarRule::range) == "range");
}

}  // namespace tapedeck
