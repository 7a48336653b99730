#include "store/trade_load.hpp"

#include "sql_rows.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::block_of;
using test::check_refused;
using test::coverage_line;
using test::new_instrument;
using test::range_ms;
using test::run_of;
using test::sql_line;
using test::tape_line;
using test::TempStore;
using enum AggressorSide;

struct Done {
  Load load;
  std::vector<TradeConflict> conflicts;
};

Done load_blocks(Store& store, const InstrumentName& name, const std::vector<TradeBlock>& blocks,
                 const LoadFacts& facts = {.source = "api"}, Grain grain = Grain::trade) {
  Done done;
  std::optional<Instrument> instrument;
  store.core().write(
      [&](duck::Transaction& transaction) {
        instrument = store.core().catalogue().find_or_insert(transaction, name);
        TradeLoad load{store.core(), transaction, *instrument, grain};
        for (const TradeBlock& block : blocks)
          load.add(block.view());
        done.load = load.finish(facts);
        done.conflicts = load.conflicts();
        instrument = load.instrument();
      },
      [&] { store.core().catalogue().remember(*instrument); });
  return done;
}

const InstrumentName kBtc{"binance", "BTCUSDT"};

TEST_CASE("an exception after 300,000 rows stores none of them, and the next load works") {
  TempStore store;
  const TradeBlock block = run_of(1, 100'000, 0);
  check_refused(ErrorCode::bad_input, {"line 300,001"}, [&] {
    store->core().write([&](duck::Transaction& transaction) {
      const Instrument instrument = store->core().catalogue().find_or_insert(transaction, kBtc);
      TradeLoad load{store->core(), transaction, instrument, Grain::trade};
      for (int64_t part = 0; part < 3; ++part)
        load.add(run_of(1 + part * 100'000, 100'000, 0).view());
      CHECK(load.rows() == 300'000);
      throw Error{ErrorCode::bad_input, "line 300,001"};
    });
  });
  CHECK(sql_line(*store, "SELECT count(*) FROM tape.trades") == "0");
  CHECK(sql_line(*store, "SELECT count(*) FROM tape.loads") == "0");
  CHECK(sql_line(*store, "SELECT count(*) FROM tape.coverage") == "0");
  CHECK(store->instruments().empty());
  CHECK(load_blocks(*store, kBtc, {block}).load.rows == 100'000);
  store.reopen(OpenMode::read);
  CHECK(sql_line(*store, "SELECT count(*) FROM tape.trades") == "100000");
}

TEST_CASE("rows, the load, coverage and scale are written together") {
  Store store{":memory:"};
  const Done done = load_blocks(
      store, kBtc, {block_of({{10, 12345, 5, buy, 7}, {20, 12346, 6, sell, 8}}, {-2, -3})},
      {.source = "archive",
       .path = "a.zip",
       .sha256 = "abc",
       .bytes = 9,
       .rejects = 2,
       .checksum_matched = false});
  CHECK(done.load.rows == 2);
  CHECK(done.load.id_begin == 7);
  CHECK(done.load.id_end == 8);
  CHECK(done.load.ts_begin == test::at_ms(10));
  CHECK(done.load.ts_end == test::at_ms(20));
  CHECK(done.load.ordered);
  const Instrument instrument = store.instrument("BTCUSDT");
  CHECK(instrument.scale == Scale{-2, -3});
  CHECK_FALSE(instrument.mixed_scale);
  CHECK(tape_line(store, instrument) == "10 #7 123.45x0.005 buy; 20 #8 123.46x0.006 sell");
  CHECK(coverage_line(store.coverage(instrument.id, "trades")) == "[10, 20) recorded 7-8");
  CHECK(sql_line(store,
                 "SELECT source, path, sha256, bytes, rows, rejects, checksum_matched FROM "
                 "tape.loads") == "archive a.zip abc 9 2 2 false");
}

TEST_CASE("holes in the ids of a load are gaps, joined across its blocks") {
  Store store{":memory:"};
  load_blocks(store, kBtc,
              {block_of({{10, 1, 1, buy, 1}, {20, 1, 1, buy, 2}}),
               block_of({{30, 1, 1, buy, 3}, {40, 1, 1, buy, 6}, {40, 1, 1, buy, 7}}),
               block_of({{40, 1, 1, buy, 9}})});
  CHECK(
      coverage_line(store.coverage(store.instrument("BTCUSDT").id, "trades")) ==
      "[10, 30) recorded 1-3; [30, 40) gap 4-5; [40, 40) recorded 6-7; [40, 40) gap 8-8; [40, 40) "
      "recorded 9-9");
}

TEST_CASE("ids that do not rise with time are no holes, and holes among them are found") {
  const struct {
    std::vector<int64_t> ids;  // in order of time
    const char* expected;
  } cases[]{{{1, 3, 2, 5, 4}, "[0, 4) recorded 1-5"},
            {{5, 4, 3, 2, 1}, "[0, 4) recorded 1-5"},
            // the distance of the ends is that of a run without a hole
            {{1, 10, 3},
             "[0, 0) recorded 1-1; [0, 2) gap 2-2; [2, 2) recorded 3-3; [1, 2) gap 4-9; [1, 1) "
             "recorded 10-10"}};
  for (const auto& one : cases) {
    Store store{":memory:"};
    std::vector<test::Row> rows;
    for (size_t i = 0; i < one.ids.size(); ++i) {
      rows.push_back({static_cast<int64_t>(i), 1, 1, buy, one.ids[i]});
    }
    load_blocks(store, kBtc, {block_of(rows)});
    const auto coverage = store.coverage(store.instrument("BTCUSDT").id, "trades");
    int64_t missing = 0;
    for (const CoverageRow& row : coverage) {
      if (row.status == CoverageStatus::gap) missing += *row.id_end - *row.id_begin + 1;
    }
    CAPTURE(coverage_line(coverage));
    if (one.ids.size() == 5) {
      CHECK(coverage_line(coverage) == one.expected);
    } else {
      CHECK(missing > 0);
    }
  }
}

TEST_CASE("a load of a whole period covers it to its edges") {
  Store store{":memory:"};
  LoadFacts facts{.source = "archive"};
  facts.whole_period = range_ms(0, 100);
  load_blocks(store, kBtc, {block_of({{10, 1, 1, buy, 1}, {20, 1, 1, buy, 2}})}, facts);
  facts.whole_period = range_ms(100, 200);
  load_blocks(store, kBtc, {}, facts);
  const InstrumentId id = store.instrument("BTCUSDT").id;
  CHECK(coverage_line(store.coverage(id, "trades")) == "[0, 200) recorded 1-2");
  facts.whole_period = range_ms(200, 300);
  load_blocks(store, kBtc, {block_of({{250, 1, 1, buy, 3}})}, facts);
  CHECK(coverage_line(store.coverage(id, "trades")) == "[0, 300) recorded 1-3");
  CHECK(covers(store.coverage(id, "trades"), range_ms(0, 300)));
}

TEST_CASE("the first row of an id stays; equal ones are duplicates, others conflicts") {
  Store store{":memory:"};
  load_blocks(store, kBtc, {block_of({{10, 15, 1, buy, 1}, {20, 16, 1, buy, 2}}, {-1, 0})});
  const Done again = load_blocks(
      store, kBtc,
      {block_of({{10, 150, 10, buy, 1}, {20, 161, 10, buy, 2}, {30, 170, 10, sell, 3}}, {-2, -1})});
  CHECK(again.load.rows == 1);
  CHECK(again.load.duplicates == 1);
  CHECK(again.load.conflicts == 1);
  REQUIRE(again.conflicts.size() == 1);
  CHECK(again.conflicts[0].stored.price == Price{16});
  CHECK(again.conflicts[0].offered.price == Price{161});
  CHECK(tape_line(store, store.instrument("BTCUSDT")) ==
        "10 #1 1.5x1 buy; 20 #2 1.6x1 buy; 30 #3 1.7x1 sell");
}

TEST_CASE("each field of a row tells a conflict from a duplicate") {
  const TradeBlock offers[]{block_of({{11, 15, 1, buy, 1}}), block_of({{10, 16, 1, buy, 1}}),
                            block_of({{10, 15, 2, buy, 1}}), block_of({{10, 15, 1, sell, 1}})};
  for (const TradeBlock& offer : offers) {
    Store store{":memory:"};
    load_blocks(store, kBtc, {block_of({{10, 15, 1, buy, 1}})});
    CHECK(load_blocks(store, kBtc, {offer}).load.conflicts == 1);
  }
}

TEST_CASE("rows without ids are stored as they are, beside rows with ids") {
  Store store{":memory:"};
  load_blocks(store, kBtc,
              {block_of({{10, 1, 1, buy}, {10, 1, 1, buy}}), block_of({{20, 2, 1, sell, 5}}),
               block_of({{30, 3, 1, sell}})});
  CHECK(sql_line(store, "SELECT trade_id, price FROM tape.trades ORDER BY rowid") ==
        "NULL 1; NULL 1; 5 2; NULL 3");
  CHECK(load_blocks(store, kBtc, {block_of({{10, 1, 1, buy}})}).load.rows == 1);
}

TEST_CASE("each instrument and grain has ids of its own") {
  Store store{":memory:"};
  const TradeBlock block = block_of({{10, 1, 1, buy, 1}});
  CHECK(load_blocks(store, kBtc, {block}).load.rows == 1);
  CHECK(load_blocks(store, {"binance", "ETHUSDT"}, {block}).load.rows == 1);
  CHECK(load_blocks(store, {"binance-um", "BTCUSDT"}, {block}).load.rows == 1);
  CHECK(load_blocks(store, kBtc, {block}, {.source = "api"}, Grain::aggregate).load.rows == 1);
  CHECK(load_blocks(store, kBtc, {block}).load.duplicates == 1);
}

TEST_CASE("a load knows whether its rows lie in order") {
  const struct {
    std::vector<TradeBlock> blocks;
    bool ordered;
  } cases[]{
      {{block_of({{1, 1, 1, buy, 1}, {2, 1, 1, buy, 2}}), block_of({{3, 1, 1, buy, 3}})}, true},
      {{block_of({{1, 1, 1, buy, 1}, {1, 1, 1, buy, 2}})}, true},
      {{block_of({{1, 1, 1, buy}, {1, 1, 1, buy}})}, true},
      {{block_of({{2, 1, 1, buy, 1}, {1, 1, 1, buy, 2}})}, false},
      {{block_of({{1, 1, 1, buy, 2}, {1, 1, 1, buy, 1}})}, false},
      {{block_of({{2, 1, 1, buy, 1}}), block_of({{1, 1, 1, buy, 2}})}, false}};
  for (const auto& one : cases) {
    Store store{":memory:"};
    CHECK(load_blocks(store, kBtc, one.blocks).load.ordered == one.ordered);
  }
}

}  // namespace
}  // namespace tapedeck
