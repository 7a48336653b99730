#include "tapedeck/query/export.hpp"

#include "base/file.hpp"
#include "query/many_loads.hpp"
#include "sql_rows.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::at_ms;
using test::block_of;
using test::check_refused;
using test::new_instrument;
using test::sql;
using test::sql_line;
using enum AggressorSide;

TradeBlock trades() {
  return block_of({{.ms = 2, .price = 10'150, .quantity = 3, .side = sell, .id = 8},
                   {.ms = 1, .price = 9'900, .quantity = 25, .side = buy, .id = 7}},
                  {.price_exp = -2, .qty_exp = -1});
}

TEST_CASE("CSV and NDJSON have decimals and ISO times, in order") {
  const test::TempFolder folder;
  Store store{":memory:"};
  Writer{store}.append(new_instrument(store).id, trades());
  CHECK(export_rows(
            store, {.what = "trades", .path = folder / "t.csv", .format = ExportFormat::csv}) == 2);
  CHECK(read_text(folder / "t.csv") ==
        "venue,symbol,time,trade_id,price,quantity,side,grain\n"
        "binance,BTCUSDT,1970-01-01T00:00:00.001Z,7,99,2.5,buy,trade\n"
        "binance,BTCUSDT,1970-01-01T00:00:00.002Z,8,101.5,0.3,sell,trade\n");
  export_rows(store,
              {.what = "trades", .path = folder / "t.ndjson", .format = ExportFormat::ndjson});
  CHECK(
      read_text(folder / "t.ndjson")
          .starts_with(
              R"({"venue":"binance","symbol":"BTCUSDT","time":"1970-01-01T00:00:00.001Z","trade_id":7,"price":"99","quantity":"2.5","side":"buy","grain":"trade"})"));
  CHECK_FALSE(std::filesystem::exists(folder / "t.csv.new"));
}

TEST_CASE("Parquet has integers and exponents, or decimals where they are asked for") {
  const test::TempFolder folder;
  Store store{":memory:"};
  Writer{store}.append(new_instrument(store).id, trades());
  export_rows(store, {.what = "trades", .path = folder / "i.parquet"});
  CHECK(sql(store, fmt::format("SELECT trade_id, price, quantity, price_exp, qty_exp FROM '{}'",
                               (folder / "i.parquet").string())) ==
        std::vector<std::string>{"7 9900 25 -2 -1", "8 10150 3 -2 -1"});
  export_rows(store, {.what = "trades", .path = folder / "d.parquet", .decimals = true});
  CHECK(sql(store, fmt::format("SELECT time, price, quantity FROM '{}'",
                               (folder / "d.parquet").string())) ==
        std::vector<std::string>{"1970-01-01T00:00:00.001Z 99 2.5",
                                 "1970-01-01T00:00:00.002Z 101.5 0.3"});
}

TEST_CASE("a DuckDB file holds one table, also from a store that was opened for reading") {
  test::TempStore store;
  Writer{*store}.append(new_instrument(*store).id, trades());
  store.reopen(OpenMode::read);
  const std::filesystem::path file = store.folder() / "it's.duckdb";
  CHECK(export_rows(*store, {.what = "trades", .path = file, .format = ExportFormat::duckdb}) == 2);
  Store other{":memory:"};
  CHECK(sql(other,
            fmt::format("ATTACH '{}' AS x (READ_ONLY); SELECT sum(price) FROM x.trades",
                        (store.folder() / "it''s.duckdb").string()),
            SqlAccess::write) == std::vector<std::string>{"20050"});
}

TEST_CASE("every trade is exported as it is stored, whatever its loads were") {
  const test::TempFolder folder;
  for (const test::Loads loads : test::all_loads()) {
    CAPTURE(static_cast<int>(loads));
    test::LoadedTape tape{loads, {.rows = 3000, .max_pause_ms = 500}};
    const std::filesystem::path file = folder / fmt::format("{}.parquet", static_cast<int>(loads));
    CHECK(export_rows(tape.store(), {.what = "trades", .path = file}) == 3000);
    CHECK(sql_line(tape.store(),
                   fmt::format("SELECT count(*) FROM (SELECT time, trade_id, price, quantity, "
                               "price_exp, qty_exp FROM '{}' EXCEPT ALL SELECT ts_event, trade_id, "
                               "price, quantity, price_exp, qty_exp FROM tape.trades)",
                               file.string())) == "0");
    CHECK(sql_line(tape.store(), fmt::format("SELECT bool_and(o) FROM (SELECT time >= lag(time, 1, "
                                             "time) OVER (ORDER BY file_row_number) AS o FROM "
                                             "read_parquet('{}', file_row_number = true))",
                                             file.string())) == "true");
  }
}

TEST_CASE("an instrument and a range limit what is exported, of views as well") {
  const test::TempFolder folder;
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  const Instrument eth = new_instrument(store, "ETHUSDT");
  Writer writer{store};
  writer.append(btc.id, test::run_of(1, 180'000, 0));
  writer.append(eth.id, test::run_of(1, 60'000, 0));
  const auto rows = [&](const char* what, TimeRange range) {
    return export_rows(store, {.what = what,
                               .path = folder / "x.csv",
                               .format = ExportFormat::csv,
                               .existing = Existing::replace,
                               .instrument = btc,
                               .range = range});
  };
  CHECK(rows("trades", {}) == 180'000);
  CHECK(rows("trades", {at_ms(1000), at_ms(1010)}) == 10);
  CHECK(rows("tape.bars_1m", {}) == 3);
  CHECK(rows("bars_1m", {at_ms(60'000), at_ms(120'000)}) == 1);
  CHECK(rows("candles", {at_ms(60'000), at_ms(120'000)}) == 1);
  CHECK(rows("flowsurface.trades", {at_ms(0), at_ms(5)}) == 5);
  check_refused(ErrorCode::invalid_argument, {"tape.venues", "no column of instruments"},
                [&] { rows("tape.venues", {}); });
  check_refused(ErrorCode::invalid_argument, {"no column of time"}, [&] {
    rows("instruments", {at_ms(0), at_ms(5)});
  });
}

TEST_CASE("a query is exported when it only reads") {
  const test::TempFolder folder;
  Store store{":memory:"};
  Writer{store}.append(new_instrument(store).id, trades());
  ExportRequest request{.what = "SELECT max(price) AS top FROM trades; ",
                        .is_query = true,
                        .path = folder / "q.csv",
                        .format = ExportFormat::csv};
  CHECK(export_rows(store, request) == 1);
  CHECK(read_text(folder / "q.csv") == "top\n101.5\n");
  request.path = folder / "none.csv";
  for (const char* what :
       {"DELETE FROM tape.trades", "SELECT 1; DROP TABLE tape.trades", "nonsense"}) {
    request.what = what;
    check_refused(ErrorCode::invalid_argument, {"must be one SELECT"},
                  [&] { export_rows(store, request); });
  }
  CHECK(sql_line(store, "SELECT count(*) FROM trades") == "2");
  CHECK_FALSE(std::filesystem::exists(folder / "none.csv"));
}

TEST_CASE("columns of one name keep their own values") {
  const test::TempFolder folder;
  const Store store{":memory:"};
  export_rows(store, {.what = "SELECT 1 AS a, 2.50 AS a",
                      .is_query = true,
                      .path = folder / "q.csv",
                      .format = ExportFormat::csv});
  const std::string text = read_text(folder / "q.csv");
  CHECK(text.substr(text.find('\n') + 1) == "1,2.5\n");
}

TEST_CASE("what is no file, and the store itself, are not replaced") {
  test::TempStore store;
  check_refused(ErrorCode::invalid_argument, {"'/dev/null' is no file"}, [&] {
    export_rows(*store, {.what = "trades", .path = "/dev/null", .existing = Existing::replace});
  });
  check_refused(ErrorCode::invalid_argument, {"the store's own folder"}, [&] {
    export_rows(*store, {.what = "trades",
                         .path = store.path() / "store.duckdb",
                         .format = ExportFormat::duckdb,
                         .existing = Existing::replace});
  });
}

TEST_CASE("nothing is overwritten unasked; an empty answer gives a file with the columns") {
  const test::TempFolder folder;
  Store store{":memory:"};
  test::write_file(folder / "t.csv", "mine");
  ExportRequest request{.what = "trades", .path = folder / "t.csv", .format = ExportFormat::csv};
  check_refused(ErrorCode::already_exists, {"t.csv", "--force"},
                [&] { export_rows(store, request); });
  CHECK(read_text(folder / "t.csv") == "mine");
  request.existing = Existing::replace;
  CHECK(export_rows(store, request) == 0);
  CHECK(read_text(folder / "t.csv") == "venue,symbol,time,trade_id,price,quantity,side,grain\n");
  check_refused(ErrorCode::not_found, {"no table or view 'tradez'", "'trades'"},
                [&] { export_rows(store, {.what = "tradez", .path = folder / "z.csv"}); });
  check_refused(ErrorCode::not_found, {"there is no folder"},
                [&] { export_rows(store, {.what = "trades", .path = folder / "no/z.csv"}); });
}

}  // namespace
}  // namespace tapedeck
