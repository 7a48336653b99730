#include "sql_rows.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::check_refused;
using test::new_instrument;
using test::sql;
using test::sql_line;
using test::TempStore;
using test::TextSink;

void write_sql(Store& store, const std::string& text) {
  sql(store, text, SqlAccess::write);
}

TEST_CASE("columns have names and types, rows have cells") {
  Store store{":memory:"};
  TextSink sink;
  const int64_t rows = run_sql(
      store,
      "SELECT 1 AS i, 'x' AS t, true AS b, 1.25 AS d, 0.5::DOUBLE AS r, TIMESTAMP_NS "
      "'2024-08-08 01:02:03.123456789' AS ns, TIMESTAMP '2024-08-08 01:02:03' AS us, NULL::INTEGER "
      "AS n, 170141183460469231731687303715884105727 AS h, 7::UTINYINT AS u",
      SqlAccess::read, sink);
  CHECK(rows == 1);
  CHECK(sink.ended());
  REQUIRE(sink.columns().size() == 10);
  CHECK(sink.columns()[0].name == "i");
  CHECK(sink.columns()[3].digits == 2);
  const CellType types[]{CellType::integer, CellType::text,   CellType::boolean, CellType::decimal,
                         CellType::real,    CellType::time,   CellType::time,    CellType::integer,
                         CellType::decimal, CellType::integer};
  for (size_t i = 0; i < sink.columns().size(); ++i)
    CHECK(sink.columns()[i].type == types[i]);
  CHECK(sink.lines() == std::vector<std::string>{"1 x true 1.25 0.5 2024-08-08T01:02:03.123456789Z "
                                                 "2024-08-08T01:02:03Z NULL "
                                                 "170141183460469231731687303715884105727 7"});
}

TEST_CASE("integers and decimals of every width are exact") {
  Store store{":memory:"};
  CHECK(sql_line(store,
                 "SELECT (-128)::TINYINT, (-32768)::SMALLINT, (-2147483648)::INTEGER, "
                 "(-9223372036854775808)::BIGINT, 255::UTINYINT, 65535::USMALLINT, "
                 "4294967295::UINTEGER") ==
        "-128 -32768 -2147483648 -9223372036854775808 255 65535 4294967295");
  CHECK(sql_line(store,
                 "SELECT 1.5::DECIMAL(4,1), (-1.25)::DECIMAL(9,2), 1.5::DECIMAL(18,8), "
                 "(-99999999999999999999.000000000001)::DECIMAL(38,12)") ==
        "1.5 -1.25 1.5 -99999999999999999999.000000000001");
}

TEST_CASE("types without a cell of their own arrive as DuckDB's text") {
  Store store{":memory:"};
  const std::pair<const char*, const char*> cases[]{
      {"DATE '2024-08-08'", "2024-08-08"},
      {"[1, 2, NULL]", "[1, 2, NULL]"},
      {"{'a': 1}", "{'a': 1}"},
      {"18446744073709551615::UBIGINT", "18446744073709551615"},
      {"0.5::FLOAT", "0.5"},
      {"INTERVAL 1 DAY", "1 day"},
      {"TIME '01:02:03'", "01:02:03"},
      {"NULL", "NULL"},
      {"'00000000-0000-0000-0000-000000000001'::UUID", "00000000-0000-0000-0000-000000000001"}};
  for (const auto& [expression, text] : cases) {
    CAPTURE(expression);
    CHECK(sql_line(store, fmt::format("SELECT {} AS \"a \"\"name\", 7", expression)) ==
          fmt::format("{} 7", text));
  }
  // Names may repeat, text may end in a semicolon or a comment.
  CHECK(sql_line(store, "SELECT DATE '2024-08-08' AS x, 1 AS x ;; ") == "2024-08-08 1");
  CHECK(sql_line(store, "SELECT DATE '2024-08-08' -- of the sample") == "2024-08-08");
  CHECK(sql_line(store, "WITH d AS (SELECT DATE '2024-08-08' AS d) FROM d") == "2024-08-08");
}

TEST_CASE("of several statements the last one's rows are given") {
  Store store{":memory:"};
  CHECK(sql_line(store, "SELECT 1; SELECT 2; SELECT 3") == "3");
  check_refused(ErrorCode::invalid_argument, {"CAST(column AS VARCHAR)"},
                [&] { sql(store, "SELECT 1; SELECT DATE '2024-08-08'"); });
  CHECK(sql_line(store,
                 "CREATE TABLE t(i INTEGER); INSERT INTO t VALUES (1), (2); SELECT sum(i) FROM t",
                 SqlAccess::write) == "3");
}

TEST_CASE("a large answer is given chunk by chunk") {
  Store store{":memory:"};
  TextSink sink;
  CHECK(run_sql(store, "SELECT range FROM range(10000)", SqlAccess::read, sink) == 10'000);
  CHECK(sink.lines().back() == "9999");
}

TEST_CASE("SQL that cannot be run is refused with DuckDB's words") {
  Store store{":memory:"};
  const std::pair<const char*, const char*> cases[]{{"SELEC 1", "syntax error"},
                                                    {"SELECT nothing", "nothing"},
                                                    {"SELECT * FROM missing", "missing"},
                                                    {"", "no SQL"},
                                                    {"  ;  ", "no SQL"},
                                                    {"SELECT ?", "placeholder"},
                                                    {"SELECT $1; SELECT 1", "placeholder"}};
  for (const auto& [text, words] : cases) {
    CAPTURE(text);
    check_refused(ErrorCode::invalid_argument, {words}, [&] { sql(store, text); });
  }
}

TEST_CASE("times with a zone are shown in UTC, wherever the machine stands") {
  setenv("TZ", "Asia/Tokyo", 1);
  Store store{":memory:"};
  CHECK(test::sql_line(store, "SELECT CAST(TIMESTAMPTZ '2024-01-01 00:00:00+02' AS VARCHAR)") ==
        "2023-12-31 22:00:00+00");
  unsetenv("TZ");
}

TEST_CASE("an error while rows are made reaches the caller") {
  Store store{":memory:"};
  check_refused(ErrorCode::out_of_range, {"abc"},
                [&] { sql(store, "SELECT CAST(x AS INTEGER) FROM (VALUES ('1'), ('abc')) t(x)"); });
  check_refused(ErrorCode::invalid_argument, {"my error"},
                [&] { sql(store, "SELECT error('my error')"); });
}

TEST_CASE("reading refuses whatever would change the store") {
  TempStore store;
  new_instrument(*store);
  for (const OpenMode mode : {OpenMode::write, OpenMode::read}) {
    store.reopen(mode);
    for (const char* text :
         {"INSERT INTO tape.store_facts VALUES ('a', 'b')", "DELETE FROM tape.instruments",
          "UPDATE tape.instruments SET symbol = 'X'", "DROP VIEW main.trades",
          "CREATE TABLE mine(i INTEGER)", "CREATE OR REPLACE VIEW main.trades AS SELECT 1",
          "ALTER TABLE tape.loads ADD COLUMN x INTEGER", "SELECT 1; DELETE FROM tape.instruments",
          "COMMENT ON TABLE tape.loads IS 'x'", "TRUNCATE tape.instruments",
          "WITH x AS (SELECT 1) INSERT INTO tape.store_facts SELECT 'a', 'b'"}) {
      CAPTURE(text);
      check_refused(ErrorCode::read_only, {"--write"}, [&] { sql(*store, text); });
    }
    for (const char* text : {"COMMIT", "ROLLBACK", "BEGIN", "COMMIT; DELETE FROM tape.instruments",
                             "SELECT 1; ROLLBACK; DELETE FROM tape.instruments; SELECT 1"}) {
      CAPTURE(text);
      check_refused(ErrorCode::read_only, {"COMMIT", "--write"}, [&] { sql(*store, text); });
    }
    CHECK(sql_line(*store, "SELECT symbol FROM instruments") == "BTCUSDT");
  }
}

TEST_CASE("what reading SQL does to its session does not reach the next reader") {
  Store store{":memory:"};
  new_instrument(store);
  static_cast<void>(sql(store, "USE flowsurface; SELECT 1"));
  CHECK(sql_line(store, "SELECT count(*) FROM instruments") == "1");
  CHECK(store.stats().datasets.empty());
}

TEST_CASE("what writing SQL does to its session does not reach the next writer") {
  Store store{":memory:"};
  write_sql(store, "SET search_path = 'flowsurface'; CREATE TEMP TABLE kept AS SELECT 1 AS i");
  check_refused(ErrorCode::invalid_argument, {"kept"},
                [&] { write_sql(store, "SELECT * FROM kept"); });
  write_sql(store, "CREATE TABLE mine AS SELECT 2 AS i");
  CHECK(sql_line(store, "SELECT i FROM main.mine") == "2");
}

TEST_CASE("with a profile, names without a schema mean its views first") {
  Store store{":memory:"};
  TextSink plain;
  TextSink profiled;
  run_sql(store, "SELECT * FROM klines LIMIT 0", SqlAccess::read, plain);
  run_sql(store, "SELECT * FROM klines LIMIT 0", SqlAccess::read, profiled, "flowsurface");
  TextSink expected;
  run_sql(store, "SELECT * FROM flowsurface.klines LIMIT 0", SqlAccess::read, expected);
  const auto names = [](const TextSink& sink) {
    std::vector<std::string> result;
    for (const Column& column : sink.columns())
      result.push_back(column.name);
    return result;
  };
  CHECK(names(profiled) == names(expected));
  CHECK(names(profiled) != names(plain));
  TextSink rest;  // what the profile lacks comes from main
  CHECK(run_sql(store, "SELECT count(*) FROM coverage", SqlAccess::read, rest, "flowsurface") == 1);
}

TEST_CASE("trades without a schema are the venue's prints, or one's own fills where that is set") {
  Store market{":memory:"};
  Store own{":memory:", {.default_trades = DefaultTrades::fills}};
  const auto first_columns = [](Store& store, const std::string& table) {
    TextSink sink;
    run_sql(store, "SELECT * FROM " + table + " LIMIT 0", SqlAccess::read, sink);
    return sink.columns()[0].name + " " + sink.columns()[1].name;
  };
  const std::string prints = first_columns(market, "main.trades");
  const std::string fills = first_columns(market, "dreammaker.trades");
  CHECK(prints == "venue symbol");
  CHECK(fills != prints);
  CHECK(first_columns(market, "trades") == prints);
  CHECK(first_columns(own, "trades") == fills);
  CHECK(first_columns(own, "main.trades") == prints);
  CHECK(first_columns(own, "quotes") == "venue symbol");  // all else is as it was
  TextSink profiled;
  run_sql(own, "SELECT ticker_id FROM trades", SqlAccess::read, profiled, "flowsurface");
  CHECK(profiled.lines().empty());
  write_sql(own, "CREATE TABLE mine(i INTEGER)");
  CHECK(sql_line(own,
                 "SELECT table_schema FROM information_schema.tables WHERE table_name = "
                 "'mine'") == "main");
  check_refused(ErrorCode::invalid_argument, {"ledger.fills", "record_fill()"},
                [&] { write_sql(own, "INSERT INTO trades VALUES (1)"); });
  check_refused(ErrorCode::invalid_argument, {"tape.trades", "Writer::append()"},
                [&] { write_sql(market, "INSERT INTO trades VALUES (1)"); });
}

TEST_CASE("an unknown profile is refused with those there are") {
  Store store{":memory:"};
  TextSink sink;
  check_refused(ErrorCode::invalid_argument, {"'flowsurfce'", "did you mean 'flowsurface'?"},
                [&] { run_sql(store, "SELECT 1", SqlAccess::read, sink, "flowsurfce"); });
  check_refused(ErrorCode::invalid_argument, {"'x'", "there is flowsurface"},
                [&] { run_sql(store, "SELECT 1", SqlAccess::read, sink, "x"); });
}

TEST_CASE("a profile is refused for writing: what it made would lie in its schema") {
  Store store{":memory:"};
  TextSink sink;
  check_refused(ErrorCode::invalid_argument, {"for reading", "'flowsurface'"}, [&] {
    run_sql(store, "CREATE TABLE mine(i INTEGER)", SqlAccess::write, sink, "flowsurface");
  });
}

TEST_CASE("instruments are known as SQL left them, even when a later statement failed") {
  Store store{":memory:"};
  new_instrument(store);
  check_refused(ErrorCode::invalid_argument, {"nothing"}, [&] {
    write_sql(store, "UPDATE tape.instruments SET symbol = 'NEWUSDT'; SELECT nothing");
  });
  CHECK(store.find_instrument({.venue = "binance", .symbol = "NEWUSDT"}).has_value());
  CHECK_FALSE(store.find_instrument({.venue = "binance", .symbol = "BTCUSDT"}).has_value());
}

TEST_CASE("a write that fails, or is left open, is rolled back; the store works on") {
  Store store{":memory:"};
  check_refused(ErrorCode::conflict, {"duplicate key"}, [&] {
    write_sql(store,
              "BEGIN; INSERT INTO tape.store_facts VALUES ('a', 'b'); INSERT INTO "
              "tape.store_facts VALUES ('a', 'c'); COMMIT");
  });
  write_sql(store, "BEGIN; INSERT INTO tape.store_facts VALUES ('x', 'y')");
  store.set_setting("k", "1");
  CHECK(sql_line(store, "SELECT count(*) FROM tape.store_facts WHERE key <> 'store_id'") == "0");
  write_sql(store, "BEGIN; INSERT INTO tape.store_facts VALUES ('x', 'y'); COMMIT");
  CHECK(sql_line(store, "SELECT count(*) FROM tape.store_facts WHERE key <> 'store_id'") == "1");
}

TEST_CASE("instruments that SQL wrote are known at once") {
  Store store{":memory:"};
  new_instrument(store);
  write_sql(store, "UPDATE tape.instruments SET symbol = 'NEWUSDT'");
  CHECK(store.instrument("NEWUSDT").id == InstrumentId{1});
  CHECK_FALSE(store.find_instrument({"binance", "BTCUSDT"}).has_value());
}

TEST_CASE("a write needs a store that was opened for it") {
  TempStore store;
  store.reopen(OpenMode::read);
  check_refused(ErrorCode::read_only, {"btc.deck"},
                [&] { write_sql(*store, "DELETE FROM tape.instruments"); });
}

TEST_CASE("what a sink throws reaches the caller, and the store works on") {
  struct Full final : RowSink {
    void begin(std::span<const Column>) override {}
    void row(std::span<const Cell>) override { throw Error{ErrorCode::disk_full, "full"}; }
    void end() override {}
  } sink;
  Store store{":memory:"};
  for (const SqlAccess access : {SqlAccess::read, SqlAccess::write}) {
    check_refused(ErrorCode::disk_full, {"full"},
                  [&] { run_sql(store, "SELECT 1", access, sink); });
    store.set_setting("k", "1");
  }
}

}  // namespace
}  // namespace tapedeck
