#include "tapedeck/query/bars.hpp"

#include "query/bar_range.hpp"
#include "query/many_loads.hpp"
#include "tapedeck/base/error.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace tapedeck {
namespace {

using test::all_loads;
using test::at;
using test::bars_by_definition;
using test::block_of;
using test::four_trades;
using test::interval;
using test::LoadedTape;
using test::Loads;
using test::new_instrument;
using test::range_ms;
using enum AggressorSide;

std::vector<Bar> klines(const Store& store, const TapeRequest& request, std::string_view word) {
  std::vector<Bar> bars;
  for_each_kline(store, request, interval(word), [&](const BarAnswer& one) {
    bars.push_back(one.bar);
    return KeepGoing::go_on;
  });
  return bars;
}

TEST_CASE("klines of every interval are those of the definition, however the trades were loaded") {
  for (const Loads loads : all_loads()) {
    CAPTURE(static_cast<int>(loads));
    LoadedTape tape{loads, {.rows = 3000, .max_pause_ms = 90'000}};
    for (const BarInterval by : BarInterval::all()) {
      CAPTURE(by.text());
      CHECK((klines(tape.store(), tape.request(), by.text()) ==
             bars_by_definition(tape.trades(), by)));
    }
  }
}

TEST_CASE("months and weeks of years of trades are those of the definition") {
  LoadedTape tape{Loads::interleaved, {.rows = 2000, .max_pause_ms = 90'000'000}};
  for (const char* word : {"1mo", "1w", "1d", "12h"}) {
    CHECK((klines(tape.store(), tape.request(), word) ==
           bars_by_definition(tape.trades(), interval(word))));
  }
}

TEST_CASE("klines are those that begin in the range, each of all of its trades") {
  LoadedTape tape{Loads::one, {.rows = 2000, .max_pause_ms = 1000}};
  const Timestamp begin = tape.trades().view()[0].ts_event;
  const auto ms = [&](int64_t add) { return begin + std::chrono::milliseconds{add}; };
  const TimeRange open;
  for (const TimeRange range :
       {TimeRange{ms(0), ms(60'000)}, TimeRange{ms(1), ms(60'001)},
        TimeRange{ms(59'999), ms(300'000)}, TimeRange{ms(30'000), ms(90'000)},
        TimeRange{ms(5), ms(10)}, TimeRange{open.begin, ms(70'000)},
        TimeRange{ms(70'000), open.end}, TimeRange{ms(90'000), ms(30'000)}}) {
    for (const char* word : {"1m", "5s", "1h"}) {
      const std::string shown_range =
          fmt::format("{} {} {}", to_iso(range.begin), to_iso(range.end), word);
      CAPTURE(shown_range);
      CHECK((klines(tape.store(), tape.request(range), word) ==
             bars_by_definition(tape.trades(), interval(word), range)));
    }
  }
}

TEST_CASE("the range of whole bars") {
  const struct {
    TimeRange range;
    TimeRange whole;
  } cases[]{{range_ms(60'000, 120'000), range_ms(60'000, 120'000)},
            {range_ms(1, 60'001), range_ms(60'000, 120'000)},
            {range_ms(0, 1), range_ms(0, 60'000)},
            {{}, {}}};
  for (const auto& one : cases) {
    CHECK((whole_bars(one.range, interval("1m")) == one.whole));
  }
  CHECK(whole_bars(range_ms(1, 2), interval("1m")).empty());
}

TEST_CASE("the worked example: a bar is complete when coverage reaches its end") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, four_trades());
  std::string line;
  const TapeAnswer answer =
      for_each_kline(store, {.instrument = btc}, interval("1m"), [&](const BarAnswer& one) {
        const Bar& bar = one.bar;
        line += fmt::format(
            "{}: {} {} {} {}, buy {}, sell {}, volume {}, quote {}, vwap {}, {} trades{}; ",
            to_epoch_ns(bar.begin) / 1'000'000, bar.open.raw(), bar.high.raw(), bar.low.raw(),
            bar.close.raw(), static_cast<int>(bar.buy_volume), static_cast<int>(bar.sell_volume),
            static_cast<int>(bar.volume), static_cast<int>(bar.notional),
            to_text(*vwap(bar, btc.scale)), bar.trades, one.complete ? ", complete" : "");
        return KeepGoing::go_on;
      });
  CHECK(
      line ==
      "60000: 100 101 99 99, buy 2, sell 2, volume 4, quote 401, vwap 100.25, 3 trades, complete; "
      "120000: 102 102 102 102, buy 0, sell 4, volume 4, quote 408, vwap 102, 1 trades; ");
  CHECK(answer.rows == 4);
  CHECK((answer.grains == std::vector{Grain::trade}));
  CHECK(answer.coverage.complete());
}

TEST_CASE("a hole makes the bars that it lies in incomplete, and is named in the answer") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, block_of({{0, 1, 1, buy, 1},
                                         {60'000, 1, 1, buy, 2},
                                         {119'000, 1, 1, buy, 5},
                                         {120'000, 1, 1, buy, 6},
                                         {180'000, 1, 1, buy, 7}}));
  std::string complete;
  const TapeAnswer answer =
      for_each_kline(store, {.instrument = btc, .range = range_ms(0, 180'000)}, interval("1m"),
                     [&](const auto& one) {
                       complete += one.complete ? "yes " : "no ";
                       return KeepGoing::go_on;
                     });
  CHECK(complete == "yes no yes ");
  CHECK(test::coverage_line(answer.coverage.gaps) == "[60000, 119000) gap 3-4");
}

TEST_CASE("Completeness needs one stretch around the whole of the asked one") {
  std::vector<CoverageRow> rows;
  for (const TimeRange range : {range_ms(0, 10), range_ms(10, 20), range_ms(30, 40)}) {
    rows.push_back({.dataset = "trades", .range = range});
  }
  const Completeness completeness{folded(rows)};
  const std::pair<TimeRange, bool> cases[]{{range_ms(0, 20), true},   {range_ms(5, 15), true},
                                           {range_ms(15, 35), false}, {range_ms(30, 40), true},
                                           {range_ms(30, 41), false}, {range_ms(-1, 5), false},
                                           {range_ms(20, 30), false}};
  for (const auto& [range, complete] : cases)
    CHECK(completeness.of(range) == complete);
  CHECK_FALSE(Completeness{{}}.of(range_ms(0, 1)));
}

TEST_CASE("an empty instrument and an unknown one have no bars") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  CHECK(klines(store, {.instrument = btc}, "1m").empty());
  Instrument unknown = btc;
  unknown.id = InstrumentId{99};
  CHECK(klines(store, {.instrument = unknown}, "1m").empty());
}

TEST_CASE("bars stop when they are told to") {
  LoadedTape tape{Loads::one, {.rows = 2000, .max_pause_ms = 1000}};
  int bars = 0;
  for_each_kline(tape.store(), tape.request(), interval("5s"), [&](const BarAnswer&) {
    return ++bars == 3 ? KeepGoing::stop : KeepGoing::go_on;
  });
  CHECK(bars == 3);
}

TEST_CASE("deltas are buy less sell, and their running sum") {
  for (const Loads loads : {Loads::one, Loads::interleaved, Loads::several_scales}) {
    LoadedTape tape{loads, {.rows = 2000, .max_pause_ms = 1000}};
    const std::vector<Bar> bars = bars_by_definition(tape.trades(), interval("1m"));
    size_t index = 0;
    Volume cvd = 0;
    for_each_delta(tape.store(), tape.request(), interval("1m"), [&](const DeltaAnswer& one) {
      REQUIRE(index < bars.size());
      const Bar& bar = bars[index++];
      cvd += bar.buy_volume - bar.sell_volume;
      CHECK(one.begin == bar.begin);
      CHECK((one.buy_volume == bar.buy_volume));
      CHECK((one.sell_volume == bar.sell_volume));
      CHECK((one.volume_delta == bar.buy_volume - bar.sell_volume));
      CHECK((one.cvd == cvd));
      return KeepGoing::go_on;
    });
    CHECK(index == bars.size());
  }
}

TEST_CASE(
    "event bars are those of one fold over the whole tape; the unfilled last is not complete") {
  for (const Loads loads : all_loads()) {
    LoadedTape tape{loads, {.rows = 3000}};
    const std::pair<BarRule, int128> rules[]{{BarRule::trades, 100},
                                             {BarRule::volume, 100'000},
                                             {BarRule::notional, 1'000'000'000},
                                             {BarRule::range, 1500}};
    for (const auto& [rule, size] : rules) {
      CAPTURE(to_text(rule));
      EventBarFold fold{rule, size};
      fold.add(tape.trades().view());
      std::vector<Bar> expected = fold.take_closed();
      const size_t filled = expected.size();
      for (const Bar& bar : fold.finish())
        expected.push_back(bar);
      std::vector<Bar> bars;
      size_t complete = 0;
      for_each_event_bar(tape.store(), tape.request(), rule, size, [&](const BarAnswer& one) {
        bars.push_back(one.bar);
        complete += one.complete ? 1 : 0;
        return KeepGoing::go_on;
      });
      CHECK((bars == expected));
      CHECK(complete == filled);
    }
  }
}

TEST_CASE("event bars stop when they are told to") {
  LoadedTape tape{Loads::one, {.rows = 1000}};
  int bars = 0;
  for_each_event_bar(tape.store(), tape.request(), BarRule::trades, 10, [&](const BarAnswer&) {
    return ++bars == 3 ? KeepGoing::stop : KeepGoing::go_on;
  });
  CHECK(bars == 3);
}

TEST_SUITE("threads") {
  TEST_CASE("threads: bars, footprints and trades of a tape that is cut into slices") {
    // Slices have 150,000 rows at least; bars go on from one slice into the next.
    for (const Loads loads : {Loads::one, Loads::one_overlapping}) {
      LoadedTape tape{loads, {.rows = 400'000, .max_pause_ms = 3}};
      for (const char* word : {"100ms", "1m", "1d"}) {
        CHECK((klines(tape.store(), tape.request(), word) ==
               bars_by_definition(tape.trades(), interval(word))));
      }
      int bars = 0;
      for_each_kline(tape.store(), tape.request(), interval("1s"), [&](const BarAnswer&) {
        return ++bars == 5 ? KeepGoing::stop : KeepGoing::go_on;
      });
      CHECK(bars == 5);
    }
  }

  TEST_CASE("threads: what a callback throws reaches the caller, and the scan ends") {
    LoadedTape tape{Loads::one, {.rows = 400'000, .max_pause_ms = 3}};
    CHECK_THROWS_WITH_AS(for_each_kline(tape.store(), tape.request(), interval("1s"),
                                        [](const BarAnswer&) -> KeepGoing {
                                          throw Error{ErrorCode::cancelled, "enough"};
                                        }),
                         "enough", Error);
  }
}

}  // namespace
}  // namespace tapedeck
