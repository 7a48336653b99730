#include "tapedeck/query/tape.hpp"

#include "query/many_loads.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::all_loads;
using test::at_ms;
using test::block_of;
using test::LoadedTape;
using test::Loads;
using test::new_instrument;
using test::range_ms;
using test::tape_line;
using enum AggressorSide;

std::vector<Trade> trades_in(const TradeBlock& block, TimeRange range = {}) {
  std::vector<Trade> result;
  for (size_t row = 0; row < block.rows(); ++row) {
    const Trade trade = block.view()[row];
    if (range.contains(trade.ts_event)) result.push_back(trade);
  }
  return result;
}

std::vector<Trade> streamed(const Store& store, const TapeRequest& request) {
  std::vector<Trade> result;
  for_each_trades(store, request, [&](const TradeView& view) {
    for (size_t row = 0; row < view.rows(); ++row)
      result.push_back(view[row]);
    return KeepGoing::go_on;
  });
  return result;
}

TEST_CASE("trades come in order, streamed or as a block, however they were loaded") {
  for (const Loads loads : all_loads()) {
    CAPTURE(static_cast<int>(loads));
    LoadedTape tape{loads, {.rows = 5000, .max_pause_ms = 2}};
    const std::vector<Trade> expected = trades_in(tape.trades());
    CHECK((streamed(tape.store(), tape.request()) == expected));
    TradeBlock block;
    const TapeAnswer answer = read_trades(tape.store(), tape.request(), block);
    CHECK((trades_in(block) == expected));
    CHECK(answer.rows == 5000);
    CHECK(answer.scale == tape.instrument().scale);
    CHECK(block.scale == answer.scale);
    CHECK(answer.coverage.complete());
  }
}

TEST_CASE("ranges are half-open, so that they tile") {
  LoadedTape tape{Loads::interleaved, {.rows = 2000}};
  const auto at_row = [&](size_t row) { return tape.trades().view()[row].ts_event; };
  for (const TimeRange range :
       {TimeRange{at_row(10), at_row(1500)}, TimeRange{at_row(10), at_row(10)},
        TimeRange{at_row(1500), at_row(10)}, TimeRange{TimeRange{}.begin, at_row(700)},
        TimeRange{at_row(700), TimeRange{}.end}}) {
    CHECK((streamed(tape.store(), tape.request(range)) == trades_in(tape.trades(), range)));
  }
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, block_of({{0}, {2500}, {5000}}));
  CHECK(test::stored_trades(store, btc, range_ms(0, 2500)).size() == 1);
  CHECK(test::stored_trades(store, btc, range_ms(2500, 5000)).size() == 1);
}

TEST_CASE("a block is emptied before it is filled, and keeps its room") {
  LoadedTape tape{Loads::one, {.rows = 1000}};
  TradeBlock block;
  read_trades(tape.store(), tape.request(), block);
  const int64_t* column = block.price.data();
  read_trades(tape.store(), tape.request(), block);
  CHECK(block.rows() == 1000);
  CHECK(block.price.data() == column);
  read_trades(tape.store(), tape.request(range_ms(0, 1)), block);
  CHECK(block.rows() == 0);
  CHECK(block.trade_id.empty());
}

TEST_CASE("rows with and without ids come in views of one kind, in order") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, block_of({{10, 1, 1, buy, 5}, {30, 3, 1, buy, 6}}));
  writer.append(btc.id, block_of({{10, 9, 1, sell}, {20, 2, 1, sell}, {40, 4, 1, sell}}));
  std::string line;
  for_each_trades(store, {.instrument = btc}, [&](const TradeView& view) {
    line += view.has_ids ? "ids " : "none ";
    for (size_t row = 0; row < view.rows(); ++row) {
      line += test::shown(view[row], view.scale) + "; ";
    }
    return KeepGoing::go_on;
  });
  CHECK(line ==
        "none 10 9x1 sell; ids 10 #5 1x1 buy; none 20 2x1 sell; ids 30 #6 3x1 buy; none 40 "
        "4x1 sell; ");
  TradeBlock block;
  read_trades(store, {.instrument = btc}, block);
  CHECK_FALSE(block.has_ids);
  CHECK(block.rows() == 5);
  CHECK(block.trade_id.empty());
  block.clear();
  read_trades(store, {.instrument = btc, .range = range_ms(30, 40)}, block);
  CHECK(block.has_ids);
  CHECK((block.trade_id == std::vector<int64_t>{6}));
}

TEST_CASE("a stream ends early when it is told to") {
  LoadedTape tape{Loads::one, {.rows = 10'000}};
  int views = 0;
  const TapeAnswer answer = for_each_trades(tape.store(), tape.request(), [&](const TradeView&) {
    ++views;
    return KeepGoing::stop;
  });
  CHECK(views == 1);
  CHECK(answer.rows < 10'000);
  CHECK(streamed(tape.store(), tape.request()).size() == 10'000);
}

TEST_CASE("an unknown instrument has no trades") {
  Store store{":memory:"};
  Instrument unknown;
  unknown.id = InstrumentId{77};
  CHECK(streamed(store, {.instrument = unknown}).empty());
  CHECK_FALSE(stored_range(store, {.instrument = unknown}).has_value());
}

TEST_CASE("the stored range is that of the first and the last trade") {
  for (const Loads loads : all_loads()) {
    LoadedTape tape{loads, {.rows = 500}};
    const auto range = stored_range(tape.store(), tape.request());
    REQUIRE(range.has_value());
    CHECK(to_epoch_ns(range->begin) == tape.trades().ts_event.front());
    CHECK(to_epoch_ns(range->end) == tape.trades().ts_event.back() + 1);
  }
}

TEST_CASE("the tail holds at least the rows that were asked for") {
  for (const Loads loads : all_loads()) {
    LoadedTape tape{loads, {.rows = 4000}};
    for (const int64_t rows : {1, 10, 999, 3999, 4000}) {
      const Timestamp begin = tail_begin(tape.store(), tape.request(), rows);
      const size_t given = streamed(tape.store(), tape.request({begin, TimeRange{}.end})).size();
      CHECK(given >= static_cast<size_t>(rows));
    }
    const Timestamp all = tail_begin(tape.store(), tape.request(), 1'000'000);
    CHECK(to_epoch_ns(all) == tape.trades().ts_event.front());
    CHECK(to_epoch_ns(tail_begin(tape.store(), tape.request(), 1)) >
          tape.trades().ts_event.front());
  }
}

TEST_CASE("an answer names the gaps of its range") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, block_of({{10, 1, 1, buy, 1}, {20, 1, 1, buy, 3}}));
  TradeBlock block;
  const TapeAnswer answer =
      read_trades(store, {.instrument = btc, .range = range_ms(0, 15)}, block);
  CHECK(test::coverage_line(answer.coverage.gaps) == "[0, 10) gap; [10, 15) gap 2-2");
  CHECK(block.rows() == 1);
}

TEST_SUITE("threads") {
  TEST_CASE("threads: a tape that is cut into slices comes in order, as stream and as block") {
    for (const Loads loads : {Loads::one, Loads::one_overlapping, Loads::several_scales}) {
      LoadedTape tape{loads, {.rows = 400'000, .max_pause_ms = 3}};
      TradeBlock block;
      read_trades(tape.store(), tape.request(), block);
      CHECK((block.ts_event == tape.trades().ts_event));
      CHECK((block.trade_id == tape.trades().trade_id));
      CHECK((block.price == tape.trades().price));
      CHECK((block.quantity == tape.trades().quantity));
      CHECK((block.side == tape.trades().side));
      TradeBlock stream;
      for_each_trades(tape.store(), tape.request(), [&](const TradeView& view) {
        stream.trade_id.insert(stream.trade_id.end(), view.trade_id.begin(), view.trade_id.end());
        return KeepGoing::go_on;
      });
      CHECK((stream.trade_id == tape.trades().trade_id));
      int views = 0;
      for_each_trades(tape.store(), tape.request(), [&](const TradeView&) {
        return ++views == 2 ? KeepGoing::stop : KeepGoing::go_on;
      });
      CHECK(views == 2);
    }
  }
}

}  // namespace
}  // namespace tapedeck
