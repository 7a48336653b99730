#include "tapedeck/store/writer.hpp"

#include "market/random_trades.hpp"
#include "sql_rows.hpp"
#include "tapedeck/query/bars.hpp"
#include "tapedeck/query/given.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <random>
#include <thread>

namespace tapedeck {
namespace {

using test::at_ms;
using test::block_of;
using test::check_refused;
using test::coverage_line;
using test::four_trades;
using test::interval;
using test::new_instrument;
using test::range_ms;
using test::run_of;
using test::sql;
using test::sql_line;
using test::stored_trades;
using test::tape_line;
using test::TempStore;
using enum AggressorSide;

std::string shown(const AppendResult& result) {
  return fmt::format("{} rows, {} duplicates, {} conflicts", result.rows, result.duplicates,
                     result.conflicts);
}

TEST_CASE("two trades are stored and come back in order") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  const auto result = Writer{store}.append(
      btc.id, block_of({{1000, 500'000, 15, buy}, {2000, 501'000, 20, buy}}, {-1, -1}));
  CHECK(result.rows == 2);
  CHECK(tape_line(store, btc, range_ms(0, 3000)) == "1000 50000x1.5 buy; 2000 50100x2 buy");
  CHECK(count_trades(store, btc.id) == 2);
}

TEST_CASE("nothing to append is no load") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  CHECK(shown(Writer{store}.append(btc.id, {})) == "0 rows, 0 duplicates, 0 conflicts");
  CHECK(sql_line(store, "SELECT count(*) FROM tape.loads") == "0");
}

TEST_CASE("an unknown instrument is refused") {
  Store store{":memory:"};
  Writer writer{store};
  check_refused(ErrorCode::not_found, {"no instrument with id 9"},
                [&] { writer.append(InstrumentId{9}, four_trades()); });
  check_refused(ErrorCode::not_found, {"9"},
                [&] { writer.upsert_klines(InstrumentId{9}, interval("1m"), {}); });
  check_refused(ErrorCode::not_found, {"9"},
                [&] { writer.upsert_open_interest(InstrumentId{9}, {}); });
}

TEST_CASE("trades are stored once by their id; the first to arrive stays") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  CHECK(shown(writer.append(btc.id, run_of(1, 1000, 0))) == "1000 rows, 0 duplicates, 0 conflicts");
  CHECK(shown(writer.append(btc.id, run_of(1, 1000, 0))) == "0 rows, 1000 duplicates, 0 conflicts");
  // Half new, half known
  CHECK(shown(writer.append(btc.id, run_of(501, 1000, 500))) !=
        "1000 rows, 0 duplicates, 0 conflicts");
  const TradeBlock other = block_of({{5, 9'999, 1, buy, 3}});
  CHECK(shown(writer.append(btc.id, other)) == "0 rows, 0 duplicates, 1 conflicts");
  store.reopen(OpenMode::write);
  CHECK(shown(Writer{*store}.append(btc.id, run_of(1, 10, 0))) ==
        "0 rows, 10 duplicates, 0 conflicts");
  CHECK(sql_line(*store,
                 "SELECT count(*) - count(DISTINCT trade_id), max(price) < 9999 FROM "
                 "tape.trades") == "0 true");
}

TEST_CASE("an id that repeats within a batch is stored once") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  const auto result = Writer{store}.append(
      btc.id, block_of({{20, 7, 1, buy, 2}, {10, 5, 1, buy, 1}, {20, 7, 1, buy, 2}}));
  CHECK(shown(result) == "2 rows, 1 duplicates, 0 conflicts");
  CHECK(tape_line(store, btc) == "10 #1 5x1 buy; 20 #2 7x1 buy");
}

TEST_CASE("an id that repeats within a batch with other content is a conflict") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  const auto result =
      Writer{store}.append(btc.id, block_of({{20, 7, 1, buy, 2}, {20, 8, 1, buy, 2}}));
  CHECK(shown(result) == "1 rows, 0 duplicates, 1 conflicts");
  CHECK(tape_line(store, btc) == "20 #2 7x1 buy");
}

TEST_CASE("rows without ids are all stored, ties in the order of arrival") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, block_of({{30, 3, 1, buy}, {10, 1, 1, buy}, {10, 2, 1, sell}}));
  writer.append(btc.id, block_of({{10, 1, 1, buy}}));
  CHECK(tape_line(store, btc) == "10 1x1 buy; 10 2x1 sell; 10 1x1 buy; 30 3x1 buy");
}

TEST_CASE("an unsorted batch is read back by time and id") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(
      btc.id,
      block_of({{30, 3, 1, buy, 4}, {10, 1, 1, buy, 2}, {30, 2, 1, sell, 3}, {10, 1, 1, sell, 1}}));
  CHECK(tape_line(store, btc) == "10 #1 1x1 sell; 10 #2 1x1 buy; 30 #3 2x1 sell; 30 #4 3x1 buy");
  CHECK(coverage_line(store.coverage(btc.id, "trades")) == "[10, 30) recorded 1-4");
}

TEST_CASE("a price of 0 and a quantity below 0 refuse the whole batch, naming the row") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  const struct {
    TradeBlock block;
    std::initializer_list<std::string_view> words;
  } cases[]{{block_of({{1, 5, 1}, {2, 0, 1}}), {"row 1", "price", "above 0", "found 0"}},
            {block_of({{1, -25, 1}}, {-1, 0}), {"row 0", "price", "found -2.5"}},
            {block_of({{1, 5, 1}, {2, 5, 1}, {3, 5, -7}}, {0, -2}),
             {"row 2", "quantity", "0 or more", "found -0.07", "nothing was stored"}}};
  for (const auto& one : cases) {
    check_refused(ErrorCode::invalid_argument, one.words,
                  [&] { writer.append(btc.id, one.block); });
  }
  CHECK(sql_line(store, "SELECT count(*) FROM tape.trades") == "0");
  CHECK(store.coverage(btc.id).empty());
  CHECK(writer.append(btc.id, block_of({{1, 5, 0}})).rows == 1);  // a quantity of 0 is a trade
}

TEST_CASE("one decimal and then three in one minute give one exact bar") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  writer.append(btc.id, block_of({{0, 1005, 15, buy, 1}, {1000, 1007, 5, sell, 2}}, {-1, -1}));
  writer.append(btc.id, block_of({{2000, 100'125, 1'001, buy, 3}}, {-3, -3}));
  writer.append(btc.id, block_of({{3000, 101, 2, sell, 4}}, {0, 0}));
  for (int round = 0; round < 2; ++round) {
    const Instrument known = store->instrument("BTCUSDT");
    CHECK(known.scale == Scale{-3, -3});
    CHECK(known.mixed_scale);
    std::vector<Bar> bars;
    const TapeAnswer answer =
        for_each_kline(*store, {.instrument = known}, interval("1m"), [&](const BarAnswer& one) {
          bars.push_back(one.bar);
          return KeepGoing::go_on;
        });
    CHECK(answer.scale == Scale{-3, -3});
    REQUIRE(bars.size() == 1);
    CHECK(bars[0].open == Price{100'500});
    CHECK(bars[0].high == Price{101'000});
    CHECK(bars[0].low == Price{100'125});
    CHECK(bars[0].close == Price{101'000});
    CHECK((bars[0].volume == 1'500 + 500 + 1'001 + 2'000));
    CHECK((bars[0].notional == int128{100'500} * 1'500 + int128{100'700} * 500 +
                                   int128{100'125} * 1'001 + int128{101'000} * 2'000));
    CHECK(tape_line(*store, known) ==
          "0 #1 100.5x1.5 buy; 1000 #2 100.7x0.5 sell; 2000 #3 100.125x1.001 buy; 3000 #4 101x2 "
          "sell");
    CHECK(sql_line(*store, "SELECT price, quantity FROM trades ORDER BY trade_id") ==
          "100.5 1.5; 100.7 0.5; 100.125 1.001; 101 2");
    store.reopen(OpenMode::read);
  }
}

TEST_CASE("bitcoin and a coin of 1e-12 a piece lie in one store, both exact") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  const Instrument meme = new_instrument(*store, "1000000MOGUSDT");
  Writer writer{*store};
  writer.append(btc.id, block_of({{1, 12'345'678, 12'345'678, buy, 1}}, {-2, -8}));
  writer.append(meme.id, block_of({{1, 3, 50'000'000'000, sell, 1}}, {-12, 0}));
  store.reopen(OpenMode::read);
  CHECK(tape_line(*store, btc) == "1 #1 123456.78x0.12345678 buy");
  CHECK(tape_line(*store, meme) == "1 #1 0.000000000003x50000000000 sell");
  CHECK(sql_line(*store, "SELECT symbol, price, quantity FROM trades ORDER BY symbol") ==
        "1000000MOGUSDT 0.000000000003 50000000000; BTCUSDT 123456.78 0.12345678");
}

TEST_CASE("the smallest and the largest price lie in one store, exact") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer{*store}.append(
      btc.id, block_of({{1, 1, 1, buy}, {2, 999'999'999'999'999'999, INT64_MAX, sell}}, {-8, -12}));
  store.reopen(OpenMode::read);
  CHECK(sql(*store, "SELECT CAST(price AS VARCHAR), quantity FROM trades ORDER BY time") ==
        std::vector<std::string>{"0.000000010000 0.000000000001",
                                 "9999999999.999999990000 9223372.036854775807"});
  CHECK(tape_line(*store, btc) ==
        "1 0.00000001x0.000000000001 buy; 2 9999999999.99999999x9223372.036854775807 sell");
}

TEST_CASE(
    "a value that does not fit at the finest scale is an error when read, not a wrong number") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, block_of({{1, INT64_MAX, 1, buy, 1}}));
  const TradeBlock finer = block_of({{2, 1, 1, buy, 2}}, {-1, 0});
  // Both would lie in one minute, whose bar has one scale: nothing is stored.
  check_refused(ErrorCode::out_of_range, {"9223372036854775807", "binance:BTCUSDT", "1e-1"},
                [&] { writer.append(btc.id, finer); });
  CHECK(stored_trades(store, btc).size() == 1);
  writer.append(btc.id, block_of({{60'002, 1, 1, buy, 2}}, {-1, 0}));
  check_refused(ErrorCode::out_of_range, {"9223372036854775807", "binance:BTCUSDT", "1e-1"},
                [&] { stored_trades(store, btc); });
  CHECK(sql_line(store, "SELECT price FROM trades ORDER BY trade_id") ==
        "9223372036854775807; 0.1");
}

TEST_CASE("the edges of time are stored and read") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  TradeBlock block;
  for (const int64_t ns : {int64_t{0}, int64_t{1}, int64_t{4'102'444'800'000'000'001}}) {
    block.push_back({.ts_event = from_epoch_ns(ns), .price = Price{1}, .quantity = Qty{1}});
  }
  Writer{store}.append(btc.id, block);
  CHECK(stored_trades(store, btc).size() == 3);
  CHECK(to_epoch_ns(stored_trades(store, btc)[2].ts_event) == 4'102'444'800'000'000'001);
  CHECK(stored_trades(store, btc, {from_epoch_ns(1), from_epoch_ns(2)}).size() == 1);
}

TEST_CASE("deleting takes what is strictly older and remembers that it was there") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  const Instrument eth = new_instrument(store, "ETHUSDT");
  Writer writer{store};
  for (const Instrument& one : {btc, eth}) {
    writer.append(one.id,
                  block_of({{1000, 1, 1, buy, 1}, {3000, 2, 1, buy, 2}, {5000, 3, 1, buy, 3}}));
  }
  CHECK(writer.delete_before(DataKind::trades, at_ms(3000), btc.id) == 1);
  CHECK(tape_line(store, btc, range_ms(0, 10'000)) == "3000 #2 2x1 buy; 5000 #3 3x1 buy");
  CHECK(count_trades(store, eth.id) == 3);
  CHECK(coverage_line(store.coverage(btc.id, "trades")) ==
        "[1000, 3000) deleted; [3000, 5000) recorded");
  TradeBlock block;
  const TapeAnswer answer =
      read_trades(store, {.instrument = btc, .range = range_ms(1000, 5001)}, block);
  CHECK(coverage_line(answer.coverage.gaps).starts_with("[1000, 3000) deleted"));
  CHECK(writer.delete_before(DataKind::trades, at_ms(5000)) == 3);
  CHECK(tape_line(store, btc) == "5000 #3 3x1 buy");
  CHECK(tape_line(store, eth) == "5000 #3 3x1 buy");
  CHECK(writer.delete_before(DataKind::trades, at_ms(5000)) == 0);
  CHECK(writer.delete_before(DataKind::trades, at_ms(99'000)) == 2);
  CHECK(count_trades(store, btc.id) == 0);
  CHECK_FALSE(stored_range(store, {.instrument = btc}).has_value());
}

TEST_CASE("what was deleted can be stored again, and is then no gap any more") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, run_of(1, 100, 0));
  writer.delete_before(DataKind::trades, at_ms(50));
  CHECK(shown(writer.append(btc.id, run_of(1, 100, 0))) == "50 rows, 50 duplicates, 0 conflicts");
  CHECK(count_trades(store, btc.id) == 100);
  CHECK(coverage_line(store.coverage(btc.id, "trades")) == "[0, 99) recorded 1-100");
  const auto range = stored_range(store, {.instrument = btc});
  REQUIRE(range.has_value());
  CHECK(range->begin == at_ms(0));
}

TEST_CASE("a thousand trades give bars that can be stored as klines") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, test::random_trades(7, {.rows = 1000, .max_pause_ms = 2000}));
  TradeBlock back;
  read_trades(store, {.instrument = store.instrument("BTCUSDT")}, back);
  CHECK(back.rows() == 1000);
  std::vector<Kline> klines;
  const auto decimal = [](int64_t units) { return Decimal{units, 0}; };
  for_each_kline(store, {.instrument = btc}, interval("1m"), [&](const BarAnswer& one) {
    Kline kline;
    kline.begin = one.bar.begin;
    kline.open = decimal(one.bar.open.raw());
    kline.high = decimal(one.bar.high.raw());
    kline.low = decimal(one.bar.low.raw());
    kline.close = decimal(one.bar.close.raw());
    kline.volume = Decimal{one.bar.volume, 0};
    kline.trades = one.bar.trades;
    klines.push_back(kline);
    return KeepGoing::go_on;
  });
  CHECK_FALSE(klines.empty());
  CHECK(writer.upsert_klines(btc.id, interval("1m"), klines, "tapedeck") ==
        static_cast<int64_t>(klines.size()));
  CHECK(for_each_given_kline(store, {.instrument = btc}, interval("1m"), [](const GivenKline&) {
          return KeepGoing::go_on;
        }).rows == static_cast<int64_t>(klines.size()));
}

// Random operations beside a plain map, which says what the store has to hold.
TEST_CASE("random appends and deletions leave what a plain map holds") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  std::mt19937_64 random{20241121};
  const auto between = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>{low, high}(random);
  };
  std::map<int64_t, Trade> model;  // by id; time rises with the id
  const auto trade_of = [](int64_t id, int64_t price) {
    return Trade{at_ms(id * 10), id, Price{price}, Qty{id % 5}, id % 2 == 0 ? buy : sell};
  };
  for (int step = 0; step < 60; ++step) {
    if (between(0, 19) == 0) {
      const int64_t cutoff = between(0, 500);
      const auto end = model.lower_bound((cutoff + 9) / 10);
      const auto expected = static_cast<int64_t>(std::distance(model.begin(), end));
      CHECK(writer.delete_before(DataKind::trades, at_ms(cutoff), btc.id) == expected);
      model.erase(model.begin(), end);
      continue;
    }
    TradeBlock block;
    AppendResult expected;
    for (int64_t id = between(0, 400), end = id + between(1, 60); id < end; id += between(1, 3)) {
      const Trade trade = trade_of(id, between(0, 30) == 0 ? 77 : 50);
      block.push_back(trade);
      const auto [found, is_new] = model.try_emplace(id, trade);
      expected.rows += is_new ? 1 : 0;
      expected.duplicates += !is_new && found->second == trade ? 1 : 0;
      expected.conflicts += !is_new && found->second != trade ? 1 : 0;
    }
    CHECK(shown(writer.append(btc.id, block)) == shown(expected));
    const int64_t begin = between(0, 4600);
    const int64_t end = begin + between(0, 1500);
    std::vector<Trade> in_range;
    for (const auto& [id, trade] : model) {
      if (range_ms(begin, end).contains(trade.ts_event)) in_range.push_back(trade);
    }
    CHECK((stored_trades(store, btc, range_ms(begin, end)) == in_range));
  }
  CHECK(count_trades(store, btc.id) == static_cast<int64_t>(model.size()));
}

TEST_SUITE("threads") {
  TEST_CASE("threads: readers see whole batches only, while a writer appends") {
    TempStore store;
    const Instrument btc = new_instrument(*store);
    constexpr int64_t kBatch = 500;
    constexpr int kBatches = 10;
    std::atomic<bool> done{false};
    std::atomic<int64_t> torn{0};
    std::atomic<int64_t> shrunk{0};
    {
      std::vector<std::jthread> readers;
      for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
          int64_t before = 0;
          while (!done) {
            const int64_t rows = count_trades(*store, btc.id);
            TradeBlock block;
            read_trades(*store, {.instrument = btc}, block);
            torn += rows % kBatch != 0 || static_cast<int64_t>(block.rows()) % kBatch != 0 ? 1 : 0;
            shrunk += rows < before ? 1 : 0;
            before = rows;
          }
        });
      }
      Writer writer{*store};
      for (int64_t i = 0; i < kBatches; ++i) {
        writer.append(btc.id, run_of(1 + i * kBatch, kBatch, i * kBatch));
      }
      done = true;
    }
    CHECK(torn == 0);
    CHECK(shrunk == 0);
    CHECK(count_trades(*store, btc.id) == kBatch * kBatches);
  }

  TEST_CASE("threads: ten writers append, refine the scale and lose nothing") {
    Store store{":memory:"};
    const Instrument btc = new_instrument(store);
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 10; ++i) {
        threads.emplace_back([&, i] {
          Writer writer{store};
          const auto exponent = static_cast<int8_t>(-i);
          writer.append(btc.id, block_of({{i, 1, 1, buy, i}}, {exponent, 0}));
        });
      }
    }
    CHECK(count_trades(store, btc.id) == 10);
    CHECK(store.instrument("BTCUSDT").scale == Scale{-9, 0});
    CHECK(sql_line(store, "SELECT price_exp FROM instruments") == "-9");
    CHECK(stored_trades(store, btc)[0].price == Price{1'000'000'000});
    CHECK(covers(store.coverage(btc.id, "trades"), range_ms(0, 9)));
  }

  TEST_CASE("threads: four read a quarter each and get exactly that") {
    Store store{":memory:"};
    const Instrument btc = new_instrument(store);
    Writer{store}.append(btc.id, run_of(0, 10'000, 0));
    std::vector<size_t> rows(4);
    {
      std::vector<std::jthread> threads;
      for (size_t i = 0; i < rows.size(); ++i) {
        threads.emplace_back([&, i] {
          const auto begin = static_cast<int64_t>(i) * 2500;
          rows[i] = stored_trades(store, btc, range_ms(begin, begin + 2500)).size();
        });
      }
    }
    CHECK((rows == std::vector<size_t>(4, 2500)));
  }
}

}  // namespace
}  // namespace tapedeck
