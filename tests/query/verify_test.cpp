#include "tapedeck/query/verify.hpp"

#include "query/many_loads.hpp"
#include "query/verify_lines.hpp"
#include "sql_rows.hpp"
#include "store/core.hpp"
#include "tapedeck/query/bars.hpp"
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
using test::change;
using test::check_lines;
using test::check_refused;
using test::findings;
using test::interval;
using test::klines_of;
using test::Lines;
using test::new_instrument;
using test::range_ms;
using test::run_of;
using test::shown;

TEST_CASE("an empty store, and one that holds what it should, have no findings") {
  Store store{":memory:"};
  CHECK(findings(store).empty());
  for (const test::Loads loads : test::all_loads()) {
    CAPTURE(static_cast<int>(loads));
    test::LoadedTape tape{loads, {.rows = 20'000, .max_pause_ms = 200}};
    check_lines(findings(tape.store()), Lines{});
  }
}

TEST_CASE("what was read and compared is counted") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, run_of(1, 180'000, 0));
  writer.upsert_klines(btc.id, interval("1m"), klines_of(store, btc, interval("1m")));
  std::vector<Kline> later = klines_of(store, btc, interval("1h"));
  later[0].begin = at_ms(7 * 86'400'000);
  writer.upsert_klines(btc.id, interval("1h"), later);
  const VerifyReport report = verify(store, {}, [](const Finding&) {});
  CHECK(report.trades == 180'000);
  CHECK(report.minutes == 3);
  CHECK(report.klines == 3);
  CHECK(report.klines_unmatched == 1);
  CHECK(report.loads == 1);
  CHECK(report.findings == 0);
  CHECK_FALSE(report.cancelled);
}

TEST_CASE("ids: missing, doubled, unknown to coverage") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, run_of(1, 100, 0));
  change(store, "DELETE FROM tape.trades WHERE trade_id BETWEEN 41 AND 43");
  change(store, "DELETE FROM tape.bars_1m");
  check_lines(
      findings(store),
      Lines{"bars_1m 0 bar: 97 trades / none (the trades are stored, their bar is not, or has "
            "exponents that cannot be)",
            "trades 39 trade_id: ids 41 – 43 (3) / none (coverage says that it is stored)"});
  change(store,
         "INSERT INTO tape.trades SELECT * REPLACE (trade_id + 1 AS trade_id) FROM "
         "tape.trades WHERE trade_id = 40");
  change(store,
         "INSERT INTO tape.trades SELECT * REPLACE (500 AS trade_id) FROM tape.trades WHERE "
         "trade_id = 100");
  const Lines found = findings(store, {.fix = true});
  CHECK(std::ranges::find(found,
                          "coverage 99 trade_id: covered / id 500 (stored, but coverage "
                          "does not know it)") != found.end());
  CHECK(std::ranges::find(found,
                          "trades 39 trade_id: ids 42 – 43 (2) / none (coverage says that "
                          "it is stored)") != found.end());
}

TEST_CASE("a gap that coverage knows is no finding") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, run_of(1, 100, 0));
  writer.append(btc.id, run_of(151, 100, 300'000));
  check_lines(findings(store), Lines{});
}

TEST_CASE("deleted trades are no finding, neither are those that came again") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, run_of(1, 180'000, 0));
  writer.append(btc.id, run_of(180'001, 60'000, 180'000));
  writer.delete_before(DataKind::trades, at_ms(90'000));
  check_lines(findings(store), Lines{});
  writer.append(btc.id, run_of(1, 180'000, 0));
  check_lines(findings(store), Lines{});
  writer.delete_before(DataKind::trades, at_ms(1'000'000));
  check_lines(findings(store), Lines{});
}

TEST_CASE("prices, quantities and sides that cannot be") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id,
                       block_of({{.ms = 1, .id = 1}, {.ms = 2, .id = 2}, {.ms = 3, .id = 3}}));
  change(store, "UPDATE tape.trades SET price = -7 WHERE trade_id = 1");
  change(store, "UPDATE tape.trades SET quantity = -1 WHERE trade_id = 2");
  change(store, "UPDATE tape.trades SET side = 9 WHERE trade_id = 3");
  const Lines found = findings(store);
  CHECK(found[0] == "trades 1 price: above 0 / -7 (id 1)");
  CHECK(found[1] == "trades 2 quantity: 0 or more / -1 (id 2)");
  CHECK(found[2] == "trades 3 side: 0, 1 or 2 / 9 (id 3)");
}

TEST_CASE("of a table full of nonsense a hundred rows are named, the others counted") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, run_of(1, 250, 0));
  change(store, "UPDATE tape.trades SET price = 0");
  const Lines found = findings(store);
  CHECK(std::ranges::count_if(found, [](const std::string& line) {
          return line.find(" price: ") != std::string::npos;
        }) == 100);
  CHECK(std::ranges::find(found, "trades 0 value:  / 150 rows (further rows like those above)") !=
        found.end());
}

TEST_CASE("rows of an ordered load that lie out of order are found, and bars still compared") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, run_of(1, 100, 0));
  // The order of the rows is changed, their content is not.
  change(store,
         "CREATE TEMP TABLE t AS SELECT * FROM tape.trades ORDER BY trade_id DESC; DELETE "
         "FROM tape.trades; INSERT INTO tape.trades SELECT * FROM t");
  check_lines(
      findings(store),
      Lines{"trades 98 order: not before 1970-01-01T00:00:00.099Z / id 99 (rows of a load that "
            "is marked as ordered lie out of order)"});
}

TEST_CASE("rows that no load tells of are found by their number") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  TradeBlock block;
  block.push_back({.ts_event = at_ms(1), .price = Price{1}, .quantity = Qty{1}});
  block.has_ids = false;
  writer.append(btc.id, block);
  check_lines(findings(store), Lines{});
  change(store,
         "INSERT INTO tape.trades SELECT * REPLACE (TIMESTAMP_NS '1971-01-01' AS ts_event) "
         "FROM tape.trades");
  check_lines(
      findings(store),
      Lines{"trades -1 rows: 1 / 2 (rows lie outside the time of every load, where no query "
            "finds them)",
            "trades -1 rows: 1 / 2 (the loads wrote another number)"});
}

TEST_CASE("kept bars: changed, doubled, without trades") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, run_of(1, 180'000, 0));
  change(store,
         "UPDATE tape.bars_1m SET close = 9, volume = volume + 1 WHERE "
         "epoch_ms(\"begin\"::TIMESTAMP) = 60000");
  change(store,
         "INSERT INTO tape.bars_1m SELECT * FROM tape.bars_1m WHERE epoch_ms(\"begin\"::TIMESTAMP) "
         "= 0");
  change(store,
         "INSERT INTO tape.bars_1m SELECT * REPLACE (TIMESTAMP_NS '1970-01-01 00:09:00' AS "
         "\"begin\") FROM tape.bars_1m LIMIT 1");
  const Lines found = findings(store, {.fix = true});
  REQUIRE(found.size() == 3);
  CHECK(found[0] == "bars_1m 0 bar: once / twice");
  CHECK(found[1].starts_with("bars_1m 60000 close, volume: "));
  CHECK(found[1].ends_with("(the bar was changed, its trades were not)"));
  CHECK(found[2] == "bars_1m 540000 bar: none / 60000 trades (no trade of this minute is stored)");
  check_lines(findings(store), Lines{});
}

TEST_CASE("a changed trade is told from a changed bar by the hash") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, run_of(1, 60'000, 0));
  change(store, "UPDATE tape.trades SET side = 3 - side WHERE trade_id IN (5, 6)");
  const Lines found = findings(store);
  REQUIRE(found.size() == 1);
  CHECK(found[0].ends_with("(the stored trades are not those that the bar was computed from)"));
}

TEST_CASE(
    "where both grains are stored, each is read, and klines are compared with the one that "
    "counts") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, run_of(1, 120'000, 0));
  writer.append(btc.id, run_of(1, 50'000, 0), Grain::aggregate);
  writer.upsert_klines(btc.id, interval("1m"), klines_of(store, btc, interval("1m")));
  const VerifyReport report =
      verify(store, {}, [](const Finding& finding) { FAIL(shown(finding)); });
  CHECK(report.trades == 170'000);
  CHECK(report.minutes == 3);
  CHECK(report.klines == 2);
  CHECK(report.klines_unmatched == 0);
  change(store, "DELETE FROM tape.superseded");
  const Lines found = findings(store, {.fix = true});
  REQUIRE(found.size() == 1);
  CHECK(found[0] ==
        "superseded -1 set aside: aggregates 1970-01-01T00:00:00Z – 1970-01-02T00:00:00Z / none "
        "(which grain counts does not follow from coverage)");
  check_lines(findings(store), Lines{});
}

TEST_CASE("ids that come with earlier times, across files, are covered") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, block_of({{.ms = 1, .id = 1}, {.ms = 2, .id = 2}, {.ms = 4, .id = 4}}));
  writer.append(btc.id, block_of({{.ms = 5, .id = 3}, {.ms = 6, .id = 5}}));
  check_lines(findings(store), Lines{});
}

TEST_CASE("kept bars with exponents finer than the instrument's are found and computed again") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, run_of(1, 100, 0));
  change(store, "UPDATE tape.bars_1m SET price_exp = -5");
  test::check_refused(ErrorCode::corrupt, {"finer exponents", "verify --fix"},
                      [&] { klines_of(store, btc, interval("1m")); });
  CHECK(findings(store, {.fix = true}).size() == 1);
  check_lines(findings(store), Lines{});
}

TEST_CASE("finer exponents of one row do not end the check") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, run_of(1, 100, 0));
  Writer{store}.append(btc.id, block_of({{.ms = 100'000, .price = 12, .id = 101}}, {-1, 0}));
  change(store, "UPDATE tape.trades SET price_exp = -6 WHERE trade_id = 1");
  const Lines found = findings(store);
  REQUIRE(found.size() == 2);
  CHECK(found[0].starts_with("trades -1 price_exp, qty_exp: -1, 0 / -6, 0 and others"));
  CHECK(found[1].starts_with("bars_1m 0 open, "));
}

TEST_CASE("rows with other exponents than their instrument are found") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, run_of(1, 100, 0));
  change(store, "UPDATE tape.trades SET price_exp = -2 WHERE trade_id = 5");
  const Lines found = findings(store);
  REQUIRE_FALSE(found.empty());
  CHECK(found[0] ==
        "trades -1 price_exp, qty_exp: 0, 0 / -2, 0 and others (rows have other "
        "exponents than the instrument says)");
}

TEST_CASE("rows without an instrument, and a table that is not as it was made") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, run_of(1, 100, 0));
  change(store,
         "INSERT INTO tape.open_interest VALUES (77, TIMESTAMP_NS '1970-01-01', 1, NULL, "
         "NULL, NULL, NULL, NULL); CREATE TABLE main.mine(a INTEGER)");
  const Lines found = findings(store);
  REQUIRE(found.size() == 2);
  CHECK(found[0].starts_with("schema -1 "));
  CHECK(found[1] ==
        "open_interest -1 instrument_id: an instrument / 77 (1 rows) (tape.instruments "
        "does not have it)");
}

TEST_CASE("a range is checked alone, ids near its edges included") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  // Id 3 has an earlier time than id 2, across the edge of the minute.
  writer.append(btc.id, block_of({{.ms = 1, .id = 1},
                                  {.ms = 60'001, .id = 2},
                                  {.ms = 59'999, .id = 3},
                                  {.ms = 60'002, .id = 4},
                                  {.ms = 120'001, .id = 5}}));
  check_lines(findings(store, {.range = range_ms(60'000, 120'000)}), Lines{});
  change(store, "UPDATE tape.bars_1m SET close = 9 WHERE epoch_ms(\"begin\"::TIMESTAMP) = 120000");
  check_lines(findings(store, {.range = range_ms(60'000, 120'000)}), Lines{});
  CHECK(findings(store, {.instrument = btc, .range = range_ms(120'500, 120'600)}).size() == 1);
}

TEST_CASE("files that loads came from: the same, changed, gone") {
  const test::TempFolder folder;
  const std::filesystem::path file = folder / "a.csv";
  test::write_file(file, "one");
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, run_of(1, 10, 0));
  change(store, fmt::format("UPDATE tape.loads SET path = '{}', sha256 = "
                            "'7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed'",
                            file.string()));
  check_lines(findings(store, {.deep = true}), Lines{});
  test::write_file(file, "two");
  check_lines(findings(store), Lines{});
  const Lines found = findings(store, {.deep = true});
  REQUIRE(found.size() == 1);
  CHECK(found[0].ends_with(fmt::format("('{}' is not the file that was loaded)", file.string())));
  std::filesystem::remove(file);
  const VerifyReport report =
      verify(store, {.deep = true}, [](const Finding& finding) { FAIL(shown(finding)); });
  CHECK(report.files == 0);
  CHECK(report.files_absent == 1);
}

TEST_CASE("nothing is computed again in a store that was opened for reading") {
  test::TempStore store;
  store.reopen(OpenMode::read);
  check_refused(ErrorCode::read_only, {"opened for reading only"},
                [&] { verify(*store, {.fix = true}, [](const Finding&) {}); });
}

TEST_CASE("a stop ends between slices and says so") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, run_of(1, 1000, 0));
  std::stop_source stop;
  stop.request_stop();
  CHECK(verify(
            store, {}, [](const Finding&) {}, {}, stop.get_token())
            .cancelled);
}

}  // namespace

TEST_SUITE("threads") {
  TEST_CASE("a store that is being written has no findings") {
    Store store{":memory:"};
    const Instrument btc = new_instrument(store);
    Writer writer{store};
    writer.append(btc.id, run_of(1, 5000, 0));
    std::atomic<bool> stop{false};
    std::jthread appends{[&] {
      for (int64_t i = 1; !stop; ++i) {
        writer.append(btc.id, run_of(1 + i * 5000, 5000, i * 5000));
        if (i % 5 == 0) writer.delete_before(DataKind::trades, at_ms((i - 4) * 5000));
      }
    }};
    for (int i = 0; i < 8; ++i)
      check_lines(findings(store, {.instrument = btc}), Lines{});
    stop = true;
  }
}

}  // namespace tapedeck
