#include "store/minute_bars.hpp"

#include "market/random_trades.hpp"
#include "sql_rows.hpp"
#include "store/core.hpp"
#include "store/trade_scan.hpp"
#include "temp_store.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

namespace tapedeck {
namespace {

using test::block_of;
using test::new_instrument;
using test::random_trades;
using test::range_ms;
using test::run_of;
using test::sql;
using test::sql_line;

std::vector<Bar> kept(Store& store, Grain grain = Grain::trade) {
  std::vector<Bar> bars;
  read_minute_bars(*store.core().borrow_reader(), store.instrument("BTCUSDT"), grain, {}, bars);
  std::ranges::sort(bars, {}, &Bar::begin);
  return bars;
}

// What the bars must be: a fold of all stored rows.
std::vector<Bar> folded_bars(Store& store, Grain grain = Grain::trade) {
  BarFold fold{test::interval("1m")};
  scan_piece(*store.core().borrow_reader(), store.instrument("BTCUSDT"),
             {.grain = grain, .ordered = false}, WithIds::no, [&](const TradeView& trades) {
               fold.add(trades);
               return KeepGoing::go_on;
             });
  return fold.finish();
}

std::string revisions(Store& store) {
  return sql_line(store, "SELECT revision FROM tape.bars_1m ORDER BY grain, \"begin\"");
}

TEST_CASE("each load keeps the bars of its minutes, with what they were computed from") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, run_of(11, 90'000, 30'000));  // 0:30 to 2:00
  CHECK((kept(store) == folded_bars(store)));
  CHECK(sql_line(store,
                 "SELECT \"begin\", id_begin, id_end, trades, revision FROM tape.bars_1m "
                 "ORDER BY \"begin\"") ==
        "1970-01-01T00:00:00Z 11 30010 30000 1; 1970-01-01T00:01:00Z 30011 90010 60000 1");
  writer.append(btc.id, run_of(11, 90'000, 30'000));  // again: nothing
  CHECK(revisions(store) == "1; 1");
}

TEST_CASE("late trades change the bars of their minutes, and only those, and raise the revision") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, block_of({{.ms = 1000, .price = 5, .id = 1},
                                  {.ms = 61'000, .price = 6, .id = 3},
                                  {.ms = 121'000, .price = 7, .id = 5}}));
  writer.append(btc.id, block_of({{.ms = 60'500, .price = 9, .id = 2}}));
  CHECK(revisions(store) == "1; 2; 1");
  const std::vector<Bar> bars = kept(store);
  REQUIRE(bars.size() == 3);
  CHECK(bars[1].open == Price{9});
  CHECK(bars[1].close == Price{6});
  CHECK((bars == folded_bars(store)));
}

TEST_CASE("the grains of an instrument have bars of their own") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, run_of(1, 500, 0));
  writer.append(btc.id, run_of(1, 20, 0), Grain::aggregate);
  for (const Grain grain : {Grain::trade, Grain::aggregate}) {
    CHECK(kept(store, grain).size() == 1);
    CHECK((kept(store, grain) == folded_bars(store, grain)));
  }
}

TEST_CASE("bars of loads of different scales are read at the instrument's") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, block_of({{.ms = 1, .price = 7, .id = 1}}, {.price_exp = 0, .qty_exp = 0}));
  writer.append(btc.id, block_of({{.ms = 61'000, .price = 7'123, .id = 3}},
                                 {.price_exp = -3, .qty_exp = -1}));
  writer.append(btc.id,
                block_of({{.ms = 2, .price = 71, .id = 2}}, {.price_exp = -1, .qty_exp = 0}));
  const std::vector<Bar> bars = kept(store);
  CHECK((bars == folded_bars(store)));
  REQUIRE(bars.size() == 2);
  CHECK(bars[0].open == Price{7'000});
  CHECK(bars[0].close == Price{7'100});
}

TEST_CASE("bars are those of the stored trades, however late, doubled and disordered they came") {
  for (unsigned seed = 0; seed < 8; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    const TradeBlock trades = random_trades(seed, {.rows = 6000, .max_pause_ms = 3000});
    std::vector<TradeBlock> files(7);
    for (size_t row = 0; row < trades.rows(); ++row) {
      const size_t own = row * files.size() / trades.rows();
      const bool late = random() % 100 == 0;
      files[late ? random() % files.size() : own].push_back(trades.view()[row]);
      if (random() % 100 == 0) files[random() % files.size()].push_back(trades.view()[row]);
    }
    std::ranges::shuffle(files, random);
    Store store{":memory:"};
    const Instrument btc = new_instrument(store);
    Writer writer{store};
    for (const TradeBlock& file : files)
      writer.append(btc.id, file);
    BarFold all{test::interval("1m")};
    all.add(trades.view());
    CHECK((kept(store) == all.finish()));
    CHECK((kept(store) == folded_bars(store)));
  }
}

TEST_CASE("rows that rise by id but not by time have the bars of their times") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  store.core().write([&](duck::Transaction& transaction) {
    MinuteBars minutes;
    const TradeBlock first = block_of({{.ms = 61'000, .id = 1}, {.ms = 5, .id = 2}});
    const TradeBlock second = block_of({{.ms = 6, .id = 3}, {.ms = 121'000, .id = 4}});
    for (const TradeBlock* block : {&first, &second})
      minutes.add(block->view());
    for (const TradeBlock* block : {&first, &second}) {
      for (size_t row = 0; row < block->rows(); ++row) {
        transaction.connection()
            .prepare("INSERT INTO tape.trades VALUES (?, 0, ?, NULL, ?, 1, 1, 0, 0, 1)")
            .bind(1, static_cast<int64_t>(btc.id))
            .bind(2, block->view()[row].ts_event)
            .bind(3, block->trade_id[row])
            .run();
      }
    }
    minutes.write(transaction, btc, Grain::trade);
  });
  CHECK((kept(store) == folded_bars(store)));
  CHECK(sql_line(store, "SELECT trades FROM tape.bars_1m ORDER BY \"begin\"") == "2; 1; 1");
}

TEST_CASE("a load that fails leaves no bars") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  CHECK_THROWS(store.core().write([&](duck::Transaction& transaction) {
    MinuteBars minutes;
    const TradeBlock block = run_of(1, 5, 0);
    minutes.add(block.view());
    minutes.write(transaction, btc, Grain::trade);
    throw Error{ErrorCode::out_of_range, "enough"};
  }));
  CHECK(kept(store).empty());
}

TEST_CASE("deleting trades deletes their bars, and the minute of the cutoff shrinks") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, run_of(1, 180'000, 0));
  writer.delete_before(DataKind::trades, test::at_ms(90'000));
  CHECK((kept(store) == folded_bars(store)));
  CHECK(sql_line(store, "SELECT trades FROM tape.bars_1m ORDER BY \"begin\"") == "30000; 60000");
  writer.delete_before(DataKind::trades, test::at_ms(120'000));
  CHECK(kept(store).size() == 1);
}

TEST_CASE("rebuilding replaces what is stored in the range, and nothing outside it") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, run_of(1, 180'000, 0));
  sql(store, "UPDATE tape.bars_1m SET high = 1, volume = 7", SqlAccess::write);
  store.core().write([&](duck::Transaction& transaction) {
    rebuild_minute_bars(transaction, store.instrument("BTCUSDT"), Grain::trade,
                        range_ms(60'000, 120'000));
  });
  CHECK(sql_line(store, "SELECT volume = 7 FROM tape.bars_1m ORDER BY \"begin\"") ==
        "true; false; true");
  CHECK(kept(store)[1] == folded_bars(store)[1]);
}

}  // namespace
}  // namespace tapedeck
