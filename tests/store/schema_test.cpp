#include "tapedeck/store/schema.hpp"

#include "sql_rows.hpp"
#include "store/migrations.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace tapedeck {
namespace {

namespace fs = std::filesystem;
using test::check_refused;
using test::new_instrument;
using test::sql;
using test::sql_line;
using test::TempStore;

void write_sql(Store& store, const std::string& text) {
  sql(store, text, SqlAccess::write);
}

std::string differences(const Store& store) {
  return fmt::format("{}", fmt::join(verify_schema(store).differences, "; "));
}

TEST_CASE("a new store has run every step up, once") {
  Store store{":memory:"};
  const std::vector<MigrationRun> runs = migration_history(store);
  REQUIRE(runs.size() == builtin_migrations().size());
  for (size_t i = 0; i < runs.size(); ++i) {
    CHECK(runs[i].version == static_cast<int>(i) + 1);
    CHECK(runs[i].direction == "up");
    CHECK(runs[i].name == builtin_migrations()[i].name);
    CHECK(runs[i].duration_ms >= 0);
  }
  for (const MigrationStatus& status : migrations(store))
    CHECK(status.applied);
}

TEST_CASE("down and up again gives the same schema, and keeps the rows") {
  TempStore store;
  const Instrument instrument = new_instrument(*store);
  Writer{*store}.append(instrument.id, test::four_trades());
  migrate_to(*store, 3, LoseRows::refuse);
  CHECK(schema_version(*store) == 3);
  CHECK(differences(*store).empty());
  CHECK(migrations(*store)[2].applied);
  CHECK_FALSE(migrations(*store)[3].applied);
  check_refused(ErrorCode::invalid_argument, {"trades"},
                [&] { sql(*store, "SELECT * FROM main.trades"); });
  migrate_to(*store, newest_schema_version(), LoseRows::refuse);
  CHECK(schema_version(*store) == newest_schema_version());
  CHECK(differences(*store).empty());
  CHECK(sql_line(*store, "SELECT count(*) FROM main.trades") == "4");
  CHECK(migration_history(*store).size() == 21);
}

TEST_CASE("going below the tables needs a word, and loses the rows") {
  TempStore store;
  new_instrument(*store);
  check_refused(ErrorCode::invalid_argument, {"deletes stored rows", "--force"},
                [&] { migrate_to(*store, 0, LoseRows::refuse); });
  CHECK(schema_version(*store) == newest_schema_version());
  migrate_to(*store, 0, LoseRows::accept);
  CHECK(schema_version(*store) == 0);
  store.reopen(OpenMode::write);
  CHECK(schema_version(*store) == newest_schema_version());
  CHECK(store->instruments().empty());
  CHECK(differences(*store).empty());
}

TEST_CASE("there is no version below 0 or above the newest") {
  Store store{":memory:"};
  for (const int version : {-1, newest_schema_version() + 1}) {
    check_refused(ErrorCode::invalid_argument, {std::to_string(version), "0 to 9"},
                  [&] { migrate_to(store, version, LoseRows::refuse); });
  }
}

TEST_CASE("an older store is brought up at open, reading or writing, after a copy was set aside") {
  for (const OpenMode mode : {OpenMode::read, OpenMode::write}) {
    TempStore store;
    const Instrument instrument = new_instrument(*store);
    Writer{*store}.append(instrument.id, test::four_trades());
    migrate_to(*store, 4, LoseRows::refuse);
    store.reopen(mode);
    CHECK(schema_version(*store) == newest_schema_version());
    CHECK(count_trades(*store, instrument.id) == 4);
    std::vector<fs::path> copies;
    for (const auto& entry : fs::directory_iterator{store.path() / "backups"}) {
      copies.push_back(entry.path());
    }
    REQUIRE(copies.size() == 1);
    CHECK(copies[0].filename().string().starts_with("store-schema4-"));
    // The copy is a store of the older version, with the rows.
    fs::create_directories(store.folder() / "old.deck");
    fs::copy_file(copies[0], store.folder() / "old.deck/store.duckdb");
    Store old(store.folder() / "old.deck", {.mode = OpenMode::write});
    CHECK(count_trades(old, instrument.id) == 4);
    CHECK(migration_history(old).size() == 19);
  }
}

TEST_CASE("a store of a later version is refused") {
  TempStore store;
  write_sql(*store,
            "INSERT INTO main.schema_migrations VALUES (99, 12, 'from the future', 'up', "
            "'x', TIMESTAMP_NS '2030-01-01', 1)");
  for (const OpenMode mode : {OpenMode::read, OpenMode::write}) {
    check_refused(ErrorCode::schema_newer, {"btc.deck", "version 12", "up to 9"},
                  [&] { store.reopen(mode); });
  }
}

TEST_CASE("a step that was changed after it ran is a mismatch") {
  TempStore store;
  write_sql(*store, "UPDATE main.schema_migrations SET checksum = 'other' WHERE version = 4");
  check_refused(ErrorCode::schema_mismatch, {"step 4", "'plain names'"},
                [&] { verify_schema(*store); });
  check_refused(ErrorCode::schema_mismatch, {"step 4", "'plain names'"},
                [&] { store.reopen(OpenMode::write); });
}

TEST_CASE("verify finds what is missing, changed and unknown") {
  const struct {
    const char* change;
    const char* found;
  } cases[]{
      {"DROP VIEW flowsurface.heatmap_view", "missing: view flowsurface.heatmap_view (definition)"},
      {"DROP VIEW main.klines", "missing: view main.klines (definition)"},
      {"ALTER TABLE tape.bars DROP COLUMN trades", "missing: column tape.bars.trades BIGINT"},
      {"CREATE TABLE tape.mine(i INTEGER)", "unknown: column tape.mine.i INTEGER"},
      {"CREATE INDEX mine ON tape.bars(source)", "unknown: index tape.mine"},
      {"CREATE MACRO main.mine(a) AS a + 1", "unknown: macro main.mine (definition)"},
      {"CREATE OR REPLACE VIEW main.settings AS SELECT 1 AS one",
       "missing: view main.settings (definition)"}};
  Store store{":memory:"};
  CHECK(differences(store).empty());
  for (const auto& one : cases) {
    CAPTURE(one.change);
    write_sql(store, one.change);
    CHECK(differences(store).find(one.found) != std::string::npos);
  }
}

TEST_CASE("tables and views are described, with their comments") {
  Store store{":memory:"};
  const TableShape trades = table_shape(store, "tape.trades");
  CHECK_FALSE(trades.is_view);
  CHECK(trades.comment.starts_with("One row a public match"));
  REQUIRE(trades.columns.size() == 10);
  CHECK(trades.columns[0].name == "instrument_id");
  CHECK(trades.columns[0].type == "INTEGER");
  CHECK_FALSE(trades.columns[0].nullable);
  CHECK(trades.columns[1].comment == "0 trade, 1 aggregate");
  CHECK(trades.columns[4].nullable);
  // The plain name is the view's; a table without a view of its name is found too.
  CHECK(table_shape(store, "trades").name == "main.trades");
  CHECK(table_shape(store, "trades").is_view);
  CHECK(table_shape(store, "loads").name == "tape.loads");
  const auto shapes = table_shapes(store);
  CHECK(std::ranges::count_if(shapes, &TableShape::is_view) == 76);
  check_refused(ErrorCode::not_found, {"'tradse'", "did you mean 'trades'?"},
                [&] { table_shape(store, "tradse"); });
}

}  // namespace
}  // namespace tapedeck
