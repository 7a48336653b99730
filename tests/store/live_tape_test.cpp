#include "store/live_tape.hpp"

#include "sql_rows.hpp"
#include "store/core.hpp"
#include "tapedeck/query/bars.hpp"
#include "tapedeck/query/verify.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>

namespace tapedeck {
namespace {

using test::at_ms;
using test::check_refused;
using test::new_instrument;
using test::run_of;
using test::stored_trades;
using test::TempStore;

int64_t findings_of(Store& store) {
  int64_t count = 0;
  verify(store, {}, [&](const Finding& finding) {
    MESSAGE(finding.dataset << " " << finding.what << ": expected " << finding.expected
                            << ", found " << finding.found << "; " << finding.cause);
    ++count;
  });
  return count;
}

AppendOptions from(const std::string& source) {
  AppendOptions options;
  options.source = source;
  return options;
}

std::string bars_of(const Store& store, const Instrument& instrument) {
  std::string text;
  for_each_kline(store, {.instrument = instrument}, test::interval("1m"), [&](const BarAnswer& a) {
    text += std::to_string(to_epoch_ns(a.bar.begin)) + " " + std::to_string(a.bar.open.raw()) +
            " " + std::to_string(a.bar.high.raw()) + " " + std::to_string(a.bar.low.raw()) + " " +
            std::to_string(a.bar.close.raw()) + " " +
            std::to_string(static_cast<int64_t>(a.bar.volume)) + " " +
            std::to_string(a.bar.trades) + "\n";
    return KeepGoing::go_on;
  });
  return text;
}

TEST_CASE("an acknowledgement has the frame's sequence and the batch's rows") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  const Acknowledgement first = writer.append_live(btc.id, run_of(1, 10, 0)).get();
  const Acknowledgement second = writer.append_live(btc.id, run_of(11, 5, 10)).get();
  CHECK(first.rows == 10);
  CHECK(second.rows == 5);
  CHECK(second.sequence == first.sequence + 1);
  writer.flush();
  CHECK(stored_trades(*store, btc).size() == 15);
  const LiveStats stats = writer.stats();
  CHECK(stats.acknowledged_rows == 15);
  CHECK(stats.applied_rows == 15);
  CHECK(stats.applied_sequence == second.sequence);
  CHECK(stats.pending_rows == 0);
}

TEST_CASE("durability: in the queue, in the journal, or in the database") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  AppendOptions options;
  options.durability = Durability::none;
  CHECK(writer.append_live(btc.id, run_of(1, 10, 0), options).get().sequence == 0);
  options.durability = Durability::applied;
  CHECK(writer.append_live(btc.id, run_of(11, 10, 10), options).get().sequence > 0);
  CHECK(stored_trades(*store, btc).size() == 20);
}

TEST_CASE("the callback is called once, with what the future says") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  std::promise<Acknowledgement> called;
  AppendOptions options;
  options.acknowledged = [&](const Acknowledgement& a) { called.set_value(a); };
  const Acknowledgement told = writer.append_live(btc.id, run_of(1, 3, 0), options).get();
  const Acknowledgement heard = called.get_future().get();
  CHECK(heard.sequence == told.sequence);
  CHECK(heard.rows == 3);
}

TEST_CASE("rows that cannot be are refused at once, and nothing is written") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  TradeBlock bad = run_of(1, 3, 0);
  bad.price[1] = 0;
  check_refused(ErrorCode::invalid_argument, {"row 1", "price"},
                [&] { writer.append_live(btc.id, bad); });
  check_refused(ErrorCode::not_found, {"no instrument with id 99"},
                [&] { writer.append_live(InstrumentId{99}, run_of(1, 1, 0)); });
  CHECK(writer.stats().accepted_rows == 0);
}

TEST_CASE("a stream is one load and one stretch of coverage, however many batches it has") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  {
    Writer writer{*store};
    for (int64_t batch = 0; batch < 20; ++batch) {
      writer.append_live(btc.id, run_of(1 + batch * 10, 10, batch * 1'000), from("websocket"));
      writer.flush();
    }
  }
  CHECK(test::sql_line(*store, "SELECT count(*), max(rows) FROM tape.loads") == "1 200");
  CHECK(test::sql_line(*store, "SELECT count(*) FROM tape.coverage") == "1");
  const auto coverage = store->coverage(btc.id, "trades");
  REQUIRE(coverage.size() == 1);
  CHECK(coverage[0].id_begin == 1);
  CHECK(coverage[0].id_end == 200);
  CHECK(coverage[0].source == "websocket");
}

TEST_CASE("a sequence gap is a gap in coverage, until its rows come late") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  writer.append_live(btc.id, run_of(1, 10, 0));
  writer.append_live(btc.id, run_of(21, 10, 20));
  writer.flush();
  auto coverage = store->coverage(btc.id, "trades");
  REQUIRE(coverage.size() == 3);
  CHECK(coverage[1].cause == "10 ids missing");
  writer.append_live(btc.id, run_of(11, 10, 10), from("backfill"));
  writer.flush();
  coverage = store->coverage(btc.id, "trades");
  REQUIRE(coverage.size() == 1);
  CHECK(stored_trades(*store, btc).size() == 30);
  writer.close();
  CHECK(findings_of(*store) == 0);
}

TEST_CASE("rows given twice are stored once; the same id with other content is a reject") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  writer.append_live(btc.id, run_of(1, 10, 0));
  writer.append_live(btc.id, run_of(5, 10, 4));
  TradeBlock other = run_of(3, 1, 2);
  other.price[0] += 1;
  writer.append_live(btc.id, other);
  writer.flush();
  CHECK(stored_trades(*store, btc).size() == 14);
  const std::string rejects = read_text(store->path() / "rejects/live.csv");
  CHECK(rejects.find("id 3 is stored with other content") != std::string::npos);
  writer.close();
  CHECK(findings_of(*store) == 0);
}

TEST_CASE("the open minute is in the answer, and in no table until it closes") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  writer.append_live(btc.id, run_of(1, 100, 59'950));
  writer.flush();
  CHECK(test::sql_line(*store, "SELECT count(*) FROM tape.bars_1m") == "1");
  CHECK(test::sql_line(*store, "SELECT epoch_ms(\"begin\") FROM tape.open_minutes") == "60000");
  const std::string open = bars_of(*store, btc);
  CHECK(std::ranges::count(open, '\n') == 2);
  CHECK(findings_of(*store) == 0);
  writer.close();
  CHECK(test::sql_line(*store, "SELECT count(*) FROM tape.bars_1m") == "2");
  CHECK(test::sql_line(*store, "SELECT count(*) FROM tape.open_minutes") == "0");
  CHECK(bars_of(*store, btc) == open);
  CHECK(findings_of(*store) == 0);
}

TEST_CASE("a row without an id at the time of one with an id is in order") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  writer.append_live(btc.id, test::block_of({{.ms = 5, .price = 100, .id = 1}}));
  writer.flush();
  writer.append_live(btc.id, test::block_of({{.ms = 5, .price = 200}}));
  writer.close();
  CHECK(findings_of(*store) == 0);
  CHECK(stored_trades(*store, btc).front().price.raw() == 200);
}

TEST_CASE("rows that come late lie in a load of their own, one an hour") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  {
    Writer writer{*store};
    for (int64_t batch = 0; batch < 10; ++batch) {
      TradeBlock rows = run_of(2 + batch * 20, 19, batch * 20);
      writer.append_live(btc.id, rows);
      writer.flush();
      writer.append_live(btc.id, run_of(1 + batch * 20, 1, batch * 20));
      writer.flush();
    }
  }
  CHECK(test::sql_line(*store, "SELECT count(*) FROM tape.loads") == "2");
  CHECK(test::sql_line(*store, "SELECT rows FROM tape.loads WHERE NOT ordered") == "10");
  store.reopen(OpenMode::write);
  CHECK(store->coverage(btc.id, "trades").size() == 1);
  CHECK(findings_of(*store) == 0);
}

TEST_CASE("what cannot be kept as a reject does not store rows twice") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  test::write_file(store.path() / "rejects", "a file where the folder should be");
  {
    Writer writer{*store};
    writer.append_live(btc.id, run_of(1, 10, 0));
    TradeBlock other = run_of(3, 1, 2);
    other.price[0] += 1;
    writer.append_live(btc.id, other);
    writer.append_live(btc.id, test::block_of({{.ms = 50}, {.ms = 51}}));
    writer.flush();
  }
  CHECK(stored_trades(*store, btc).size() == 12);
}

TEST_CASE("a recording goes on over a fatal error of DuckDB, each row once") {
  for (const bool with_ids : {true, false}) {
    CAPTURE(with_ids);
    TempStore store;
    const Instrument btc = new_instrument(*store);
    Writer writer{*store};
    int64_t rows = 0;
    const auto record = [&] {
      TradeBlock block = run_of(1 + rows, 50, rows);
      if (!with_ids) block.trade_id.clear();
      block.has_ids = with_ids;
      writer.append_live(btc.id, std::move(block)).get();
      rows += 50;
    };
    record();
    writer.flush();
    for (int time = 0; time < 3; ++time) {
      // The applier's next commit is durable, and is told to have failed.
      store->core().maintain(
          "SET GLOBAL checkpoint_threshold = '1KB'; "
          "SET GLOBAL debug_checkpoint_abort = 'before_header'");
      record();
      record();
      writer.flush();
      CHECK(static_cast<int64_t>(stored_trades(*store, btc).size()) == rows);
    }
    CHECK(writer.stats().stalled.empty());
    writer.close();
    CHECK(findings_of(*store) == 0);
  }
}

TEST_CASE("a writer that was closed takes nothing; a store opened for reading neither") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  {
    Writer writer{*store};
    writer.append_live(btc.id, run_of(1, 1, 0));
    writer.close();
    check_refused(ErrorCode::invalid_argument, {"closed"},
                  [&] { writer.append_live(btc.id, run_of(2, 1, 1)); });
  }
  store.reopen(OpenMode::read);
  check_refused(ErrorCode::read_only, {"reading only"}, [&] { const Writer writer{*store}; });
}

TEST_CASE("an instrument is described in each segment, a setting and a deletion have frames") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  writer.append_live(btc.id, run_of(1, 10, 0));
  writer.delete_before(DataKind::trades, at_ms(5));
  store->set_setting("chart.theme", "\"dark\"");
  std::vector<std::string> kinds;
  JournalReader reader{store->path()};
  while (const auto item = reader.next())
    kinds.emplace_back(to_text(std::get<Frame>(*item).kind));
  CHECK(kinds == std::vector<std::string>{"instrument", "trades", "deletion", "setting"});
}

TEST_CASE("data that was fetched goes to the table of its kind, with the source rest") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Writer writer{*store};
  writer.persist_fetched_data(FetchedTrades{.instrument = btc.id, .trades = run_of(1, 2, 0)});
  writer.persist_fetched_data(FetchedKlines{.instrument = btc.id,
                                            .interval = test::interval("1m"),
                                            .klines = {{.begin = at_ms(0),
                                                        .open = {1, 0},
                                                        .high = {1, 0},
                                                        .low = {1, 0},
                                                        .close = {1, 0},
                                                        .volume = {5, 0},
                                                        .quote_volume = std::nullopt,
                                                        .buy_volume = std::nullopt,
                                                        .buy_quote_volume = std::nullopt,
                                                        .trades = std::nullopt}}});
  writer.persist_fetched_data(FetchedOpenInterest{
      .instrument = btc.id, .rows = {{.ts_event = at_ms(7), .open_interest = {125, -1}}}});
  writer.flush();
  CHECK(test::sql_line(*store, "SELECT source, rows FROM tape.loads") == "rest 2");
  CHECK(stored_trades(*store, btc).size() == 2);
  CHECK(test::sql_line(*store, "SELECT source, interval, volume FROM tape.bars") == "rest 1m 5");
  CHECK(test::sql_line(*store, "SELECT time, open_interest FROM open_interest") ==
        "1970-01-01T00:00:00.007Z 12.5");
}

// The rows of a run in chunks of random size, some late, some twice.
std::vector<TradeBlock> shuffled_chunks(const TradeBlock& rows, uint64_t seed) {
  std::mt19937_64 random{seed};
  std::vector<size_t> order;
  std::vector<size_t> late;
  for (size_t row = 0; row < rows.rows(); ++row) {
    if (random() % 100 == 0) {
      late.push_back(row);
      continue;
    }
    order.push_back(row);
    if (random() % 100 == 0) order.push_back(row);
    while (!late.empty() && random() % 200 == 0) {
      order.push_back(late.back());
      late.pop_back();
    }
  }
  order.insert(order.end(), late.begin(), late.end());
  std::vector<TradeBlock> chunks;
  for (size_t from = 0; from < order.size();) {
    const size_t to = std::min(order.size(), from + 1 + random() % 400);
    TradeBlock& chunk = chunks.emplace_back();
    chunk.scale = rows.scale;
    for (; from < to; ++from)
      chunk.push_back(rows.view()[order[from]]);
  }
  return chunks;
}

TEST_CASE("live equals batch: trades, bars and coverage, in any chunks, late and twice") {
  const TradeBlock rows = run_of(1, 20'000, 0);  // 20 s: make it 20 minutes
  TradeBlock spread = rows;
  for (size_t row = 0; row < spread.rows(); ++row)
    spread.ts_event[row] *= 60;
  for (uint64_t seed = 1; seed <= 2; ++seed) {
    CAPTURE(seed);
    TempStore batch;
    const Instrument in_batch = new_instrument(*batch);
    Writer{*batch}.append(in_batch.id, spread);
    TempStore live;
    const Instrument in_live = new_instrument(*live);
    {
      Writer writer{*live};
      for (const TradeBlock& chunk : shuffled_chunks(spread, seed)) {
        writer.append_live(in_live.id, chunk);
        if (chunk.rows() % 7 == 0) writer.flush();
      }
      writer.flush();
      CHECK(bars_of(*live, in_live) == bars_of(*batch, in_batch));
    }
    CHECK(stored_trades(*live, in_live) == stored_trades(*batch, in_batch));
    live.reopen(OpenMode::write);
    CHECK(bars_of(*live, in_live) == bars_of(*batch, in_batch));
    CHECK(live->coverage(in_live.id, "trades").size() == 1);
    CHECK(findings_of(*live) == 0);
  }
}

TEST_SUITE("threads") {
  TEST_CASE("threads: producers wait for room, and nothing is dropped") {
    TempStore store;
    const Instrument btc = new_instrument(*store);
    const Instrument eth = store->resolve_instrument({.venue = "binance", .symbol = "ETHUSDT"});
    Writer writer{*store};
    constexpr int64_t kBatches = 60;
    {
      std::vector<std::jthread> producers;
      for (const InstrumentId id : {btc.id, eth.id}) {
        producers.emplace_back([&, id] {
          for (int64_t batch = 0; batch < kBatches; ++batch)
            writer.append_live(id, run_of(1 + batch * 100, 100, batch * 100));
        });
      }
    }
    writer.flush();
    CHECK(stored_trades(*store, btc).size() == kBatches * 100);
    CHECK(stored_trades(*store, eth).size() == kBatches * 100);
    CHECK(writer.stats().accepted_rows == 2 * kBatches * 100);
    CHECK(writer.stats().timeouts == 0);
  }

  TEST_CASE("threads: readers see whole batches while a recording goes on") {
    TempStore store;
    const Instrument btc = new_instrument(*store);
    Writer writer{*store};
    writer.append_live(btc.id, run_of(1, 100, 0));
    writer.flush();
    std::atomic<bool> ended{false};
    std::atomic<int64_t> torn{0};
    {
      std::vector<std::jthread> readers;
      for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
          while (!ended) {
            int64_t rows = 0;
            for_each_trades(*store, {.instrument = btc}, [&](const TradeView& trades) {
              rows += static_cast<int64_t>(trades.rows());
              return KeepGoing::go_on;
            });
            torn += rows % 100 == 0 ? 0 : 1;
          }
        });
      }
      for (int64_t batch = 1; batch <= 30; ++batch) {
        writer.append_live(btc.id, run_of(1 + batch * 100, 100, batch * 100));
        writer.flush();
      }
      ended = true;
    }
    CHECK(torn == 0);
  }
}

}  // namespace
}  // namespace tapedeck
