#include "query/klines.hpp"

#include "tapedeck/query/bars.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <random>
#include <thread>

namespace tapedeck {
namespace {

using test::at_ms;
using test::new_instrument;
using test::run_of;
using test::TempStore;

// The open minute is answered from memory.
bool knows_open_bar(Store& store, const Instrument& instrument) {
  const TapePlan plan = TapeReading{store.core(), {.instrument = instrument}}.plan();
  return !plan.grain_ranges.empty() && plan.grain_ranges.back().open_bar.has_value();
}

std::vector<Bar> joined_bars(const TapeReading& reading, std::string_view interval) {
  std::vector<Bar> bars;
  join_minutes(reading, test::interval(interval), [&](const Bar& bar) {
    bars.push_back(bar);
    return KeepGoing::go_on;
  });
  return bars;
}

std::vector<Bar> bars_of_trades(const TapeReading& reading, std::string_view interval) {
  BarFold fold{test::interval(interval)};
  scan_trades(reading, [&](const TradeView& trades) {
    fold.add(trades);
    return KeepGoing::go_on;
  });
  return fold.finish();
}

// Both of one moment: late rows that are pending come in at any time.
bool bars_are_those_of_trades(Store& store, const Instrument& instrument) {
  const TapeReading reading{store.core(), {.instrument = instrument}};
  return joined_bars(reading, "1m") == bars_of_trades(reading, "1m") &&
         joined_bars(reading, "5m") == bars_of_trades(reading, "5m");
}

TEST_CASE("the minute that a recording is in comes from memory, and pending rows behind it") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  for (int64_t batch = 0; batch < 40; ++batch) {
    CAPTURE(batch);
    writer.append_live(btc.id, run_of(1 + batch * 5, 5, batch * 4'000 - batch % 2)).get();
    if (batch % 3 == 0) writer.flush();
    CHECK(bars_are_those_of_trades(*store, btc));
  }
  CHECK(knows_open_bar(*store, btc));
}

TEST_CASE("rows of others in the running minute, or ahead of it, are in its bar") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  writer.append_live(btc.id, run_of(1, 10, 60'000));
  writer.flush();
  CHECK(knows_open_bar(*store, btc));
  writer.append(btc.id, run_of(1'001, 5, 90'000));
  writer.append(btc.id, run_of(2'001, 5, 125'000));
  CHECK_FALSE(knows_open_bar(*store, btc));
  for (const int64_t ms : {95'000, 130'000, 190'000}) {
    CAPTURE(ms);
    writer.append_live(btc.id, run_of(ms, 10, ms));
    writer.flush();
    CHECK(knows_open_bar(*store, btc) == (ms == 190'000));
    CHECK(bars_are_those_of_trades(*store, btc));
  }
  store->optimize();
  CHECK(knows_open_bar(*store, btc));
  writer.delete_before(DataKind::trades, at_ms(190'005));
  CHECK_FALSE(knows_open_bar(*store, btc));
  CHECK(bars_are_those_of_trades(*store, btc));
}

// One of the things that happen to a store that is recorded.
class Life {
 public:
  explicit Life(uint64_t seed) : random_{seed} {}

  void step() {
    switch (random_() % 40) {
      case 0:
      case 7:
      case 8:
      case 9: return writer_.flush();
      case 1:
        return record(next_id_ - 1 - random(std::min<int64_t>(next_id_ - 1, 400)), 1);  // late
      case 2: store_->optimize(); return;
      case 3: return import(now_ms_ - random(200'000));
      case 4: return import(now_ms_ + random(70'000));
      case 5: writer_.delete_before(DataKind::trades, at_ms(now_ms_ - random(90'000))); return;
      case 6: scale_ = {.price_exp = -1, .qty_exp = 0}; return;
      default: {
        const int64_t rows = 1 + random(30);
        record(next_id_, rows);
        next_id_ += rows;
        now_ms_ += random(8'000);
      }
    }
  }

  Store& store() { return *store_; }
  const Instrument& btc() const { return btc_; }

 private:
  int64_t random(int64_t below) {
    return below <= 0 ? 0 : static_cast<int64_t>(random_() % static_cast<uint64_t>(below));
  }
  void record(int64_t first_id, int64_t rows) {
    if (first_id < 1) return;
    const int64_t ms = first_id == next_id_ ? now_ms_ : std::max<int64_t>(now_ms_ - 30'000, 0);
    TradeBlock block = run_of(first_id, rows, ms);
    block.scale = scale_;
    writer_.append_live(btc_.id, std::move(block)).get();
  }
  void import(int64_t ms) {
    imported_id_ += 10;
    writer_.append(btc_.id, run_of(imported_id_, 1 + random(9), std::max<int64_t>(ms, 0)));
  }

  std::mt19937_64 random_;
  TempStore store_;
  Instrument btc_ = new_instrument(*store_);
  Writer writer_{*store_};
  int64_t next_id_ = 1;
  int64_t imported_id_ = 1'000'000;
  int64_t now_ms_ = 0;
  Scale scale_;
};

TEST_CASE("whatever is written, the bars are those of the trades") {
  int64_t from_memory = 0;
  for (uint64_t seed = 1; seed <= 2; ++seed) {
    Life life{seed};
    for (int step = 0; step < 100; ++step) {
      CAPTURE(seed);
      CAPTURE(step);
      life.step();
      REQUIRE(bars_are_those_of_trades(life.store(), life.btc()));
      from_memory += knows_open_bar(life.store(), life.btc()) ? 1 : 0;
    }
  }
  CHECK(from_memory > 40);
}

TEST_SUITE("threads") {
  TEST_CASE("threads: the bars of a recording are those of its first n trades, n never falling") {
    TempStore store;
    const Instrument btc = new_instrument(*store);
    const Instrument eth = new_instrument(*store, "ETHUSDT");
    Writer writer{*store};
    std::atomic<int64_t> acknowledged{0};
    std::atomic<int64_t> wrong{0};
    std::atomic<bool> ended{false};
    {
      std::vector<std::jthread> readers;
      for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
          while (!ended) {
            const int64_t at_least = acknowledged;
            int64_t trades = 0;
            int64_t notional = 0;
            int64_t close = 0;
            for (const Bar& bar :
                 joined_bars(TapeReading{store->core(), {.instrument = btc}}, "1m")) {
              trades += bar.trades;
              notional += static_cast<int64_t>(bar.notional);
              close = bar.close.raw();
            }
            const bool good =
                trades >= at_least && close == trades && notional == trades * (trades + 1) / 2;
            wrong += good ? 0 : 1;
          }
        });
      }
      for (int64_t batch = 0; batch < 200; ++batch) {
        TradeBlock rows;
        for (int64_t i = 0; i < 10; ++i) {
          const int64_t number = acknowledged + i + 1;
          rows.push_back({.ts_event = at_ms(number * 90 / 7),
                          .trade_id = number,
                          .price = Price{number},
                          .quantity = Qty{1},
                          .side = AggressorSide::buy});
        }
        writer.append_live(btc.id, rows).get();
        acknowledged += 10;
        if (batch % 20 == 19) writer.append(eth.id, run_of(1 + batch * 10, 10, batch));
        if (batch % 16 == 15) store->optimize();
      }
      ended = true;
    }
    CHECK(wrong == 0);
  }
}

}  // namespace
}  // namespace tapedeck
