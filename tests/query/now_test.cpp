#include "tapedeck/query/now.hpp"

#include "tapedeck/query/bars.hpp"
#include "tapedeck/query/footprints.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace tapedeck {
namespace {

using test::at_ms;
using test::block_of;
using test::new_instrument;
using test::run_of;
using test::stored_trades;
using test::TempStore;

std::vector<int64_t> last_ids(const Store& store, InstrumentId instrument, int64_t rows) {
  TradeBlock block;
  last_trades(store, instrument, rows, block);
  return block.trade_id;
}

// 1 … n, for the n that is in it.
bool counts_up(const std::vector<int64_t>& ids, int64_t from) {
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] != from + static_cast<int64_t>(i)) return false;
  }
  return true;
}

Quote quote_at(int64_t ms, int64_t bid) {
  return {.ts_event = at_ms(ms),
          .bid_price = {bid, -1},
          .bid_quantity = {5, 0},
          .ask_price = {bid + 1, -1},
          .ask_quantity = {7, 0}};
}

TEST_CASE("the last trades are the newest of the tape, oldest first") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  CHECK(last_ids(*store, btc.id, 10).empty());
  Writer{*store}.append(btc.id, run_of(1, 5'000, 0));
  for (int again = 0; again < 2; ++again) {
    CHECK((last_ids(*store, btc.id, 3) == std::vector<int64_t>{4'998, 4'999, 5'000}));
    CHECK(last_ids(*store, btc.id, 4'000).size() == 4'000);
    CHECK(last_ids(*store, btc.id, 9'000).size() == 5'000);
    CHECK(last_ids(*store, btc.id, 0).empty());
  }
  CHECK(store->window_stats().hits >= 4);
  test::check_refused(ErrorCode::not_found, {"no instrument with id 9"},
                      [&] { last_ids(*store, InstrumentId{9}, 1); });
}

TEST_CASE("what is acknowledged is in the next answer, and once") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  for (int64_t batch = 0; batch < 150; ++batch) {
    CAPTURE(batch);
    // Half of the batches begin at the very time of the last row before.
    TradeBlock rows = run_of(1 + batch * 20, 20, batch * 19);
    writer.append_live(btc.id, rows).get();
    const int64_t there = (batch + 1) * 20;
    const auto trades = stored_trades(*store, btc);
    CHECK(static_cast<int64_t>(trades.size()) == there);
    CHECK(trades.back().trade_id == there);
    const std::vector<int64_t> last = last_ids(*store, btc.id, 50);
    CHECK(last.back() == there);
    CHECK(counts_up(last, there - static_cast<int64_t>(last.size()) + 1));
    int64_t in_bars = 0;
    for_each_kline(*store, {.instrument = btc}, test::interval("1m"), [&](const BarAnswer& a) {
      in_bars += a.bar.trades;
      return KeepGoing::go_on;
    });
    CHECK(in_bars == there);
    int64_t in_seconds = 0;
    for_each_kline(*store, {.instrument = btc}, test::interval("1s"), [&](const BarAnswer& a) {
      in_seconds += a.bar.trades;
      return KeepGoing::go_on;
    });
    CHECK(in_seconds == there);
    if (batch % 40 == 39) writer.flush();
  }
  CHECK(store->coverage(btc.id, "trades").size() == 1);
}

TEST_CASE("an answer says of pending rows what coverage will say: whole, or ids missing") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  writer.append_live(btc.id, run_of(1, 10, 0));
  writer.flush();
  writer.append_live(btc.id, run_of(11, 10, 20)).get();
  TradeBlock block;
  CHECK(read_trades(*store, {.instrument = btc}, block).coverage.complete());
  writer.append_live(btc.id, run_of(26, 10, 40)).get();
  const TapeAnswer answer = read_trades(*store, {.instrument = btc}, block);
  CHECK(block.rows() == 30);
  REQUIRE(answer.coverage.gaps.size() == 1);
  CHECK(answer.coverage.gaps[0].cause == "5 ids missing");
}

TEST_CASE("rows that are late or there already wait for the database, and no row is there twice") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  writer.append_live(btc.id, run_of(1, 10, 0));
  writer.append_live(btc.id, run_of(21, 10, 20));
  writer.flush();
  CHECK(last_ids(*store, btc.id, 5).size() == 5);
  writer.append_live(btc.id, run_of(11, 10, 10)).get();
  writer.append_live(btc.id, run_of(25, 10, 24)).get();
  const auto ids = last_ids(*store, btc.id, 100);
  CHECK(std::ranges::is_sorted(ids));
  CHECK(ids.back() == 34);
  writer.flush();
  CHECK(counts_up(last_ids(*store, btc.id, 100), 1));
  CHECK(last_ids(*store, btc.id, 100).size() == 34);
  CHECK(stored_trades(*store, btc).size() == 34);
}

TEST_CASE("rows without ids, also several of one time") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  int64_t there = 0;
  for (int64_t batch = 0; batch < 60; ++batch) {
    writer.append_live(btc.id, block_of({{batch, ++there}, {batch, ++there}, {batch + 1, ++there}}))
        .get();
    const auto trades = stored_trades(*store, btc);
    REQUIRE(static_cast<int64_t>(trades.size()) == there);
    for (size_t row = 0; row < trades.size(); ++row)
      CHECK(trades[row].price.raw() == static_cast<int64_t>(row) + 1);
    TradeBlock last;
    last_trades(*store, btc.id, 4, last);
    CHECK(last.price.back() == there);
  }
}

TEST_CASE("a finer scale, an empty batch and rows of another kind hide nothing that was there") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  const auto one = [&](int64_t ms, int64_t price, Scale scale, std::optional<int64_t> id) {
    writer.append_live(btc.id, block_of({{ms, price, 1, AggressorSide::buy, id}}, scale)).get();
  };
  const auto newest = [&] {
    TradeBlock block;
    last_trades(*store, btc.id, 1, block);
    return to_text(Decimal{block.price.back(), block.scale.price_exp});
  };
  one(1, 5, {0, 0}, 1);
  writer.flush();
  CHECK(newest() == "5");
  one(2, 61, {-1, 0}, 2);
  one(3, 725, {-2, 0}, 3);
  writer.append_live(btc.id, TradeBlock{}).get();
  CHECK(newest() == "7.25");
  TradeBlock block;
  const TapeAnswer answer = read_trades(*store, {.instrument = btc}, block);
  REQUIRE(block.rows() == 3);
  CHECK(to_text(Decimal{block.price.front(), answer.scale.price_exp}) == "5");
  CHECK(to_text(Decimal{block.price.back(), answer.scale.price_exp}) == "7.25");
  one(4, 8, {0, 0}, std::nullopt);
  read_trades(*store, {.instrument = btc}, block);
  CHECK(block.rows() >= 3);
  writer.flush();
  CHECK(newest() == "8");
}

TEST_CASE("one reader is enough for every question") {
  StoreOptions options{.mode = OpenMode::create};
  options.pool = PoolOptions::single();
  Store store{":memory:", options};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, run_of(1, 400'000, 0));
  TradeBlock block;
  CHECK(read_trades(store, {.instrument = btc}, block).rows == 400'000);
  CHECK(last_ids(store, btc.id, 400'000).size() == 400'000);
  CHECK(volume_profile(store, {.instrument = btc}, {.units = 1}).tape.rows == 400'000);
  int64_t trades = 0;
  for_each_trades(store, {.instrument = btc}, [&](const TradeView& view) {
    trades += static_cast<int64_t>(view.rows());
    return KeepGoing::go_on;
  });
  CHECK(trades == 400'000);
}

TEST_CASE("an import, a deletion and SQL are seen by the next answer from the window") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  writer.append_live(btc.id, run_of(1, 100, 0));
  writer.flush();
  CHECK(last_ids(*store, btc.id, 10).back() == 100);
  writer.append(btc.id, run_of(101, 5, 100));
  CHECK(last_ids(*store, btc.id, 10).back() == 105);
  writer.delete_before(DataKind::trades, at_ms(103));
  CHECK((last_ids(*store, btc.id, 10) == std::vector<int64_t>{104, 105}));
}

TEST_CASE("the window is bounded; what it does not hold is read") {
  const test::TempFolder folder;
  StoreOptions options{.mode = OpenMode::create};
  options.window.trades_rows = 10'000;
  Store store{folder / "s.deck", options};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  TradeBlock block;
  for (int64_t batch = 0; batch < 40; ++batch) {
    writer.append_live(btc.id, run_of(1 + batch * 1'000, 1'000, batch * 1'000));
    writer.flush();
    last_trades(store, btc.id, 10, block);
    CHECK(block.trade_id.back() == (batch + 1) * 1'000);
  }
  CHECK(store.window_stats().trades <= 10'000 + 8'192);
  CHECK(store.window_stats().bytes < 1'000'000);
  CHECK(last_ids(store, btc.id, 30'000).size() == 30'000);
  CHECK(counts_up(last_ids(store, btc.id, 30'000), 10'001));
}

TEST_CASE("the last quote and the last open interest, acknowledged or stored") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  CHECK_FALSE(last_quote(*store, btc.id).has_value());
  {
    Writer writer{*store};
    writer.append_live(btc.id, std::vector{quote_at(10, 100), quote_at(30, 300)}).get();
    CHECK(last_quote(*store, btc.id)->bid_price == Decimal{300, -1});
    writer.append_live(btc.id, std::vector{quote_at(20, 200)}).get();
    CHECK(last_quote(*store, btc.id)->bid_price == Decimal{300, -1});
    writer
        .append_live(btc.id, std::vector{OpenInterest{.ts_event = at_ms(5),
                                                      .open_interest = {77, 0},
                                                      .open_interest_value = {},
                                                      .top_trader_account_ratio = {},
                                                      .top_trader_position_ratio = {},
                                                      .account_ratio = {},
                                                      .taker_volume_ratio = {}}})
        .get();
    CHECK(last_open_interest(*store, btc.id)->open_interest == Decimal{77, 0});
  }
  store.reopen(OpenMode::write);
  CHECK(last_quote(*store, btc.id)->ts_event == at_ms(30));
  CHECK(last_open_interest(*store, btc.id)->ts_event == at_ms(5));
  Writer{*store}.delete_before(DataKind::quotes, at_ms(100));
  CHECK_FALSE(last_quote(*store, btc.id).has_value());
}

TEST_SUITE("threads") {
  TEST_CASE("threads: no reader of a recording sees a hole, a row twice, or less than before") {
    for (const bool with_ids : {true, false}) {
      CAPTURE(with_ids);
      TempStore store;
      const Instrument btc = new_instrument(*store);
      Writer writer{*store};
      AppendOptions applied;
      applied.durability = Durability::applied;
      writer.append_live(btc.id, block_of({{0, 1, 1, AggressorSide::buy, 1}}), applied).get();
      if (!with_ids) writer.delete_before(DataKind::trades, at_ms(1));
      std::atomic<int64_t> acknowledged{with_ids ? 1 : 0};
      std::atomic<bool> ended{false};
      std::atomic<int64_t> wrong{0};
      {
        std::vector<std::jthread> readers;
        for (int i = 0; i < 3; ++i) {
          readers.emplace_back([&, i] {
            TradeBlock block;
            while (!ended) {
              const int64_t at_least = acknowledged;
              if (i == 0) {
                last_trades(*store, btc.id, 1'000'000, block);
              } else {
                read_trades(*store, {.instrument = btc}, block);
              }
              bool good = static_cast<int64_t>(block.rows()) >= at_least;
              for (size_t row = 0; row < block.rows(); ++row)
                good = good && block.price[row] == static_cast<int64_t>(row) + 1;
              wrong += good ? 0 : 1;
            }
          });
        }
        for (int64_t batch = 0; batch < 200; ++batch) {
          TradeBlock rows;
          for (int64_t i = 0; i < 10; ++i) {
            const int64_t number = acknowledged + i + 1;
            rows.push_back({.ts_event = at_ms(1'000 + number / 7),
                            .trade_id = with_ids ? std::optional{number} : std::nullopt,
                            .price = Price{number},
                            .quantity = Qty{1},
                            .side = AggressorSide::buy});
          }
          writer.append_live(btc.id, rows).get();
          acknowledged += 10;
        }
        ended = true;
      }
      CHECK(wrong == 0);
    }
  }
}

}  // namespace
}  // namespace tapedeck
