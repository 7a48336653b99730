#include "query/tape_reading.hpp"

#include "query/columns_reader.hpp"
#include "temp_store.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace tapedeck {
namespace {

using test::new_instrument;
using test::run_of;

TEST_CASE("a reading sees one moment, whatever is written after it began") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, run_of(1, 400'000, 0));
  const TapeReading reading{store.core(), {.instrument = btc}};
  CHECK(reading.readers().size() == std::min<size_t>(2, std::thread::hardware_concurrency()));
  writer.append(btc.id, run_of(1'000'001, 5, 100));
  writer.delete_before(DataKind::trades, test::at_ms(50));
  TradeBlock block;
  read_columns(reading, block);
  CHECK(block.rows() == 400'000);
  CHECK(block.trade_id.back() == 400'000);
  const TapeReading later{store.core(), {.instrument = btc}};
  read_columns(later, block);
  CHECK(block.rows() == 400'000 + 5 - 50);
}

TEST_CASE("few rows take one reader, and so does a pool that has no other") {
  StoreOptions options{.mode = OpenMode::create};
  options.pool = PoolOptions::single();
  for (const bool single : {true, false}) {
    Store store{":memory:", single ? options : StoreOptions{.mode = OpenMode::create}};
    const Instrument btc = new_instrument(store);
    Writer{store}.append(btc.id, run_of(1, single ? 400'000 : 1'000, 0));
    CHECK(TapeReading{store.core(), {.instrument = btc}}.readers().size() == 1);
    CHECK(store.pool_stats().in_use == 0);
    CHECK(store.pool_stats().running == 0);
  }
}

TEST_CASE("facts are kept for the next reading until something is committed") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, run_of(1, 5, 0));
  const auto facts = [&] { return &TapeReading{store.core(), {.instrument = btc}}.facts(); };
  const TapeReading first{store.core(), {.instrument = btc}};
  CHECK(facts() == &first.facts());
  store.optimize();
  CHECK(facts() == &first.facts());
  writer.append(btc.id, run_of(6, 5, 5));
  CHECK(facts() != &first.facts());
}

TEST_SUITE("threads") {
  TEST_CASE("threads: rows that come in between others do not disturb who reads") {
    Store store{":memory:"};
    const Instrument btc = new_instrument(store);
    Writer writer{store};
    writer.append(btc.id, run_of(1, 200'000, 0));
    std::atomic<bool> ended{false};
    std::atomic<int64_t> wrong{0};
    {
      std::vector<std::jthread> readers;
      for (int i = 0; i < 2; ++i) {
        readers.emplace_back([&, i] {
          TradeBlock block;
          while (!ended) {
            int64_t last = INT64_MIN;
            bool rises = true;
            const auto take = [&](const TradeView& trades) {
              for (const int64_t ts : trades.ts_event)
                rises = rises && ts >= std::exchange(last, ts);
              return KeepGoing::go_on;
            };
            if (i == 0) {
              for_each_trades(store, {.instrument = btc}, take);
            } else {
              read_trades(store, {.instrument = btc}, block);
              take(block.view());
            }
            wrong += rises ? 0 : 1;
          }
        });
      }
      for (int64_t batch = 0; batch < 40; ++batch)
        writer.append(btc.id, run_of(1'000'000 + batch * 10, 10, (batch * 7'919) % 200'000));
      ended = true;
    }
    CHECK(wrong == 0);
  }
}

}  // namespace
}  // namespace tapedeck
