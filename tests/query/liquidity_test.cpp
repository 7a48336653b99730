#include "tapedeck/query/liquidity.hpp"

#include "random_books.hpp"
#include "sql_rows.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <tuple>

namespace tapedeck {
namespace {

using test::RandomBooks;
using test::StandingBook;

constexpr int64_t kUnit = 1'000'000'000'000;  // of 1, where test books count in 10^-12

// (begin, side, price step) → area, most
using Key = std::tuple<int64_t, int, int64_t>;
struct Cell {
  int128 area = 0;
  int128 most = 0;
  int64_t known = 0;
  bool operator==(const Cell&) const = default;
};

int64_t floor_divide(int64_t a, int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

// Every state, every level, every bucket; steps in tenths of a unit of price.
std::map<Key, Cell> brute_force(const std::vector<StandingBook>& states, TimeRange range,
                                int64_t width, int64_t step, int64_t levels) {
  struct Bucket {
    std::map<std::pair<int, int64_t>, Cell> cells;
    std::array<std::optional<std::pair<int64_t, int64_t>>, 2> best;
    int64_t known = 0;
  };
  std::map<int64_t, Bucket> buckets;
  for (const StandingBook& state : states) {
    const int64_t from = std::max(state.begin, to_epoch_ns(range.begin));
    const int64_t to = std::min(state.end, to_epoch_ns(range.end));
    for (int64_t at = from; at < to;) {
      const int64_t bucket = floor_divide(at, width);
      const int64_t end = std::min(to, (bucket + 1) * width);
      Bucket& here = buckets[bucket];
      here.known += end - at;
      for (const int side : {0, 1}) {
        const auto& of = side == 0 ? state.levels.bids : state.levels.asks;
        std::map<int64_t, int128> sums;
        for (const auto& [price, quantity] : of)
          sums[floor_divide(static_cast<int64_t>(price / (kUnit / 10)), step)] += quantity;
        for (const auto& [key, sum] : sums) {
          Cell& cell = here.cells[{side, key}];
          cell.area += sum * (end - at);
          cell.most = std::max(cell.most, sum);
        }
        if (sums.empty()) continue;
        const int64_t best = side == 0 ? sums.rbegin()->first : sums.begin()->first;
        auto& range_of = here.best[static_cast<size_t>(side)];
        range_of =
            range_of ? std::pair{std::min(range_of->first, best), std::max(range_of->second, best)}
                     : std::pair{best, best};
      }
      at = end;
    }
  }
  std::map<Key, Cell> result;
  for (const auto& [bucket, here] : buckets) {
    for (const auto& [key, cell] : here.cells) {
      const auto& best = here.best[static_cast<size_t>(key.first)];
      const int64_t low = key.first == 0 ? best->first - levels + 1 : best->first;
      const int64_t high = key.first == 0 ? best->second : best->second + levels - 1;
      if (key.second < low || key.second > high) continue;
      result[{bucket * width, key.first, key.second}] = {cell.area, cell.most, here.known};
    }
  }
  return result;
}

TEST_CASE("a heatmap of liquidity is that of all states, one by one") {
  for (const unsigned seed : {1U, 2U, 3U}) {
    Store store{":memory:"};
    const RandomBooks books{store, seed, 1'500};
    const Instrument instrument = store.instruments().front();
    for (const auto& [width_ms, step, levels] :
         {std::tuple{1'000, 1, 20}, {250, 7, 5}, {10'000, 100, 50}, {3'333, 1, 5'000}}) {
      const TimeRange range = seed == 2 ? test::range_ms(1'010'123, 1'200'456)
                                        : test::range_ms(0, books.last_ms() + 10'000);
      HeatmapRequest request{.of = {.instrument = instrument, .range = range},
                             .width = std::chrono::milliseconds{width_ms},
                             .price_step = step,
                             .levels = levels};
      CAPTURE(seed);
      CAPTURE(width_ms);
      const Scale scale = liquidity_scale(store, request.of);
      REQUIRE(scale.price_exp == -1);
      std::map<Key, Cell> found;
      Key last{INT64_MIN, 0, 0};
      for_each_liquidity(store, request, [&](const LiquidityCell& cell) {
        const Key key{to_epoch_ns(cell.begin), static_cast<int>(cell.side),
                      cell.price.raw() / step};
        CHECK(key > last);
        last = key;
        const int128 unit = power_of_ten(12 + scale.qty_exp);
        found[key] = {cell.quantity_ns * unit, cell.max_quantity * unit, cell.known.count()};
        return KeepGoing::go_on;
      });
      const auto expected =
          brute_force(books.states(), range, width_ms * int64_t{1'000'000}, step, levels);
      CHECK(found.size() == expected.size());
      for (const auto& [key, cell] : expected) {
        CAPTURE(std::get<0>(key));
        CAPTURE(std::get<1>(key));
        CAPTURE(std::get<2>(key));
        REQUIRE(found.contains(key));
        CHECK(to_text(Decimal{found[key].area, -12}) == to_text(Decimal{cell.area, -12}));
        CHECK(to_text(Decimal{found[key].most, -12}) == to_text(Decimal{cell.most, -12}));
        REQUIRE(found[key].known == cell.known);
        if (!(found[key] == cell)) break;
      }
    }
  }
}

TEST_CASE("a heatmap stops when it is told, and refuses what has no extent") {
  Store store{":memory:"};
  const RandomBooks books{store, 4, 100};
  HeatmapRequest request{.of = {.instrument = store.instruments().front()}};
  int cells = 0;
  for_each_liquidity(store, request, [&](const LiquidityCell&) {
    return ++cells == 3 ? KeepGoing::stop : KeepGoing::go_on;
  });
  CHECK(cells == 3);
  request.levels = 0;
  CHECK_THROWS_WITH_AS(
      for_each_liquidity(store, request, [](const LiquidityCell&) { return KeepGoing::go_on; }),
      "a heatmap needs a width, a price step and levels of 1 or more, not 1000000000 ns, 1 and 0",
      Error);
}

TEST_CASE("the mean over time is rounded half to even, four digits finer than quantities") {
  const LiquidityCell cell{.quantity_ns = 5, .known = std::chrono::nanoseconds{3}};
  CHECK(to_text(mean_quantity(cell, {.price_exp = 0, .qty_exp = -1})) == "0.16667");
}

TEST_CASE("snapshots in which a bid stands, grows and goes are two runs") {  // OR-05
  Store store{":memory:"};
  const Instrument btc = test::new_instrument(store);
  std::vector<DepthSnapshot> snapshots;
  for (const char* bids : {"50x5", "50x5", "50x7", ""}) {
    snapshots.push_back({.ts_event = test::at_ms(static_cast<int64_t>(snapshots.size()) * 100),
                         .bids = test::levels(bids)});
  }
  Writer{store}.append_depth(btc.id, snapshots);
  std::string runs;
  for_each_order_run(store, {.instrument = btc}, [&](const OrderRun& run) {
    runs +=
        fmt::format("{} {}x{} [{}, {}); ", to_text(run.side), run.price.raw(), run.quantity.raw(),
                    to_epoch_ns(run.start) / 1'000'000, to_epoch_ns(run.until) / 1'000'000);
    return KeepGoing::go_on;
  });
  CHECK(runs == "bid 50x5 [0, 200); bid 50x7 [200, 300); ");
  CHECK(test::sql(store,
                  "SELECT price, quantity, is_bid, epoch_ms(start_time), epoch_ms(until_time) FROM "
                  "flowsurface.order_runs ORDER BY start_time") ==
        std::vector<std::string>{"50 5.0 true 0 200", "50 7.0 true 200 300"});
}

TEST_CASE("order runs are the stretches of equal quantity, one by one") {
  for (const unsigned seed : {5U, 6U}) {
    Store store{":memory:"};
    const RandomBooks books{store, seed, 1'000};
    CHECK(test::sql_line(store,
                         "SELECT count(*) > 0, count(DISTINCT run_id) = count(*) FROM "
                         "flowsurface.order_runs") == "true true");
    std::map<std::pair<int, int128>, std::vector<std::tuple<int64_t, int64_t, int128>>> expected;
    for (const StandingBook& state : books.states()) {
      for (const int side : {0, 1}) {
        for (const auto& [price, quantity] : side == 0 ? state.levels.bids : state.levels.asks) {
          auto& runs = expected[{side, price}];
          const bool goes_on = !runs.empty() && std::get<1>(runs.back()) == state.begin &&
                               std::get<2>(runs.back()) == quantity;
          if (goes_on) {
            std::get<1>(runs.back()) = state.end;
          } else {
            runs.emplace_back(state.begin, state.end, quantity);
          }
        }
      }
    }
    const LiquidityRequest request{.instrument = store.instruments().front()};
    const Scale scale = liquidity_scale(store, request);
    std::map<std::pair<int, int128>, std::vector<std::tuple<int64_t, int64_t, int128>>> found;
    Timestamp last{Timestamp::min()};
    for_each_order_run(store, request, [&](const OrderRun& run) {
      CHECK(run.until >= last);
      last = run.until;
      found[{static_cast<int>(run.side), test::fixed(run.price.raw(), scale.price_exp)}]
          .emplace_back(to_epoch_ns(run.start), to_epoch_ns(run.until),
                        test::fixed(run.quantity.raw(), scale.qty_exp));
      return KeepGoing::go_on;
    });
    CHECK((found == expected));
  }
}

TEST_CASE("the book as a stream builds the book again") {
  Store store{":memory:"};
  const RandomBooks books{store, 7, 600};
  const LiquidityRequest request{.instrument = store.instruments().front()};
  const Scale scale = liquidity_scale(store, request);
  test::BookLevels levels;
  bool in_snapshot = false;
  int64_t updates = 0;
  const LiquidityAnswer answer = for_each_book_event(store, request, [&](const BookEvent& event) {
    if (event.snapshot && !in_snapshot) levels = {};
    in_snapshot = event.snapshot;
    updates += event.snapshot ? 0 : 1;
    if (!event.snapshot) CHECK(event.ts_recv.has_value());
    levels.set(event.change.side, test::fixed(event.change.price.raw(), scale.price_exp),
               test::fixed(event.change.quantity.raw(), scale.qty_exp));
    return KeepGoing::go_on;
  });
  CHECK((levels == books.states().back().levels));
  CHECK(answer.updates == updates);
  CHECK(answer.stream.channel == "depth@100ms");
  CHECK_FALSE(answer.coverage.complete());
}

}  // namespace
}  // namespace tapedeck
