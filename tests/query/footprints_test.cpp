#include "tapedeck/query/footprints.hpp"

#include "query/many_loads.hpp"
#include "tapedeck/query/bars.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace tapedeck {
namespace {

using test::all_loads;
using test::check_refused;
using test::interval;
using test::levels_by_definition;
using test::LoadedTape;
using test::Loads;
using test::new_instrument;
using test::range_ms;

std::vector<Footprint> footprints(const Store& store, const TapeRequest& request,
                                  std::string_view word, int64_t step) {
  std::vector<Footprint> result;
  for_each_footprint(store, request, interval(word), {.units = step}, [&](const Footprint& one) {
    result.push_back(one);
    return KeepGoing::go_on;
  });
  return result;
}

void check_footprints(const LoadedTape& tape, const std::vector<Footprint>& found, int64_t step) {
  for (const Footprint& one : found) {
    CHECK((one.levels == levels_by_definition(tape.trades(), {one.begin, one.end}, step)));
  }
}

TEST_CASE("footprints are those of the definition, however the trades were loaded") {
  for (const Loads loads : all_loads()) {
    CAPTURE(static_cast<int>(loads));
    LoadedTape tape{loads, {.rows = 3000}};
    for (const int64_t step : {1, 100, 1234}) {
      const auto found = footprints(tape.store(), tape.request(), "1m", step);
      CHECK(found.size() == test::bars_by_definition(tape.trades(), interval("1m")).size());
      check_footprints(tape, found, step);
    }
  }
}

TEST_CASE("the levels of a bar add up to the bar") {
  for (const Loads loads : all_loads()) {
    CAPTURE(static_cast<int>(loads));
    LoadedTape tape{loads, {.rows = 3000}};
    std::vector<Bar> bars;
    for_each_kline(tape.store(), tape.request(), interval("1m"), [&](const BarAnswer& one) {
      bars.push_back(one.bar);
      return KeepGoing::go_on;
    });
    const auto found = footprints(tape.store(), tape.request(), "1m", 100);
    REQUIRE(found.size() == bars.size());
    for (size_t i = 0; i < bars.size(); ++i) {
      Level sum;
      for (const Level& level : found[i].levels) {
        sum.buy_quantity += level.buy_quantity;
        sum.sell_quantity += level.sell_quantity;
        sum.unknown_quantity += level.unknown_quantity;
        sum.buy_count += level.trades();
      }
      CHECK(found[i].begin == bars[i].begin);
      CHECK((sum.buy_quantity == bars[i].buy_volume));
      CHECK((sum.sell_quantity == bars[i].sell_volume));
      CHECK((sum.quantity() == bars[i].volume));
      CHECK(sum.buy_count == bars[i].trades);
    }
  }
}

TEST_CASE("the worked example's footprint and volume profile") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, test::four_trades());
  const auto found =
      footprints(store, {.instrument = btc, .range = range_ms(60'000, 120'000)}, "1m", 1);
  REQUIRE(found.size() == 1);
  std::string line;
  for (const Level& level : found[0].levels) {
    line += fmt::format("{}: buy {} ({}), sell {} ({}); ", level.price.raw(),
                        static_cast<int>(level.buy_quantity), level.buy_count,
                        static_cast<int>(level.sell_quantity), level.sell_count);
  }
  CHECK(line ==
        "99: buy 1 (1), sell 0 (0); 100: buy 1 (1), sell 0 (0); 101: buy 0 (0), sell 2 (1); ");
  const ProfileAnswer answer =
      volume_profile(store, {.instrument = btc, .range = range_ms(60'000, 180'000)}, {});
  REQUIRE(answer.profile.levels.size() == 4);
  CHECK(answer.profile.levels[answer.profile.poc].price == Price{102});
  CHECK(answer.tape.rows == 4);
  CHECK_FALSE(answer.tape.coverage.complete());
}

TEST_CASE("a heatmap is a footprint of short intervals") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, test::four_trades());
  std::string begins;
  for (const Footprint& one : footprints(store, {.instrument = btc}, "100ms", 1)) {
    begins += fmt::format("{} ", to_epoch_ns(one.begin) / 1'000'000);
    CHECK(one.levels.size() == 1);
  }
  CHECK(begins == "60000 60500 119900 120000 ");
}

TEST_CASE("a profile is that of the definition, of exactly the range") {
  for (const Loads loads : all_loads()) {
    LoadedTape tape{loads, {.rows = 3000}};
    const Timestamp begin = tape.trades().view()[100].ts_event;
    const Timestamp end = tape.trades().view()[2500].ts_event;
    for (const TimeRange range : {TimeRange{}, TimeRange{begin, end}}) {
      const ProfileAnswer answer = volume_profile(tape.store(), tape.request(range), {.units = 50},
                                                  ValueAreaRule::pairs, 80);
      const auto levels = levels_by_definition(tape.trades(), range, 50);
      const VolumeProfile expected = make_profile(levels, ValueAreaRule::pairs, 80);
      CHECK((answer.profile.levels == levels));
      CHECK(answer.profile.poc == expected.poc);
      CHECK(answer.profile.value_area_begin == expected.value_area_begin);
      CHECK(answer.profile.value_area_end == expected.value_area_end);
    }
  }
}

TEST_CASE("a price step of 0 and a share beyond 1 to 100 are refused") {
  LoadedTape tape{Loads::one, {.rows = 10}};
  for (const int64_t step : {0, -5}) {
    check_refused(ErrorCode::invalid_argument, {"price step", std::to_string(step)},
                  [&] { footprints(tape.store(), tape.request(), "1m", step); });
    check_refused(ErrorCode::invalid_argument, {"price step"},
                  [&] { volume_profile(tape.store(), tape.request(), {.units = step}); });
  }
  for (const int share : {0, 101, -1}) {
    check_refused(ErrorCode::invalid_argument, {"1 to 100", std::to_string(share)}, [&] {
      volume_profile(tape.store(), tape.request(), {}, ValueAreaRule::single, share);
    });
  }
}

TEST_CASE("footprints stop when they are told to") {
  LoadedTape tape{Loads::one, {.rows = 2000}};
  int given = 0;
  for_each_footprint(tape.store(), tape.request(), interval("5s"), {}, [&](const Footprint&) {
    return ++given == 2 ? KeepGoing::stop : KeepGoing::go_on;
  });
  CHECK(given == 2);
}

TEST_CASE("an empty range has an empty profile") {
  LoadedTape tape{Loads::one, {.rows = 10}};
  CHECK(volume_profile(tape.store(), tape.request(range_ms(0, 1)), {}).profile.levels.empty());
}

TEST_SUITE("threads") {
  TEST_CASE("threads: footprints and profile of a tape that is cut into slices") {
    LoadedTape tape{Loads::one, {.rows = 700'000, .max_pause_ms = 3}};
    const auto found = footprints(tape.store(), tape.request(), "5m", 100);
    int64_t trades = 0;
    for (const Footprint& one : found) {
      for (const Level& level : one.levels)
        trades += level.trades();
    }
    CHECK(trades == 700'000);
    CHECK((found[1].levels ==
           levels_by_definition(tape.trades(), {found[1].begin, found[1].end}, 100)));
    CHECK((volume_profile(tape.store(), tape.request(), {.units = 100}).profile.levels ==
           levels_by_definition(tape.trades(), {}, 100)));
  }
}

}  // namespace
}  // namespace tapedeck
