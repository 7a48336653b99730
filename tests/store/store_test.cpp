#include "tapedeck/store/store.hpp"

#include "child_process.hpp"
#include "sql_rows.hpp"
#include "tapedeck/store/schema.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <latch>
#include <set>
#include <thread>

namespace tapedeck {
namespace {

namespace fs = std::filesystem;
using test::check_refused;
using test::ChildProcess;
using test::new_instrument;
using test::sql;
using test::sql_line;
using test::TempFolder;
using test::TempStore;
using test::write_file;

TEST_CASE("a new store is a folder with the newest schema, and a second open changes nothing") {
  TempStore store;
  CHECK(store->path() == store.path());
  CHECK(fs::exists(store.path() / "store.duckdb"));
  CHECK(schema_version(*store) == newest_schema_version());
  const size_t runs = migration_history(*store).size();
  for (const OpenMode mode : {OpenMode::create, OpenMode::write, OpenMode::read}) {
    store.reopen(mode);
    CHECK(schema_version(*store) == newest_schema_version());
    CHECK(migration_history(*store).size() == runs);
    CHECK(verify_schema(*store).differences.empty());
  }
  CHECK_FALSE(fs::exists(store.path() / "backups"));
}

TEST_CASE("a store in memory is whole, of its own, and leaves no file") {
  Store one{":memory:"};
  Store other{":memory:"};
  new_instrument(one);
  CHECK(one.path().empty());
  CHECK(verify_schema(one).differences.empty());
  CHECK(one.instruments().size() == 1);
  CHECK(other.instruments().empty());
}

TEST_CASE("a missing store is not found, and not made by reading or writing") {
  const TempFolder folder;
  for (const OpenMode mode : {OpenMode::read, OpenMode::write}) {
    check_refused(ErrorCode::not_found, {"there is no store at"},
                  [&] { const Store store(folder / "none.deck", {.mode = mode}); });
  }
}

TEST_CASE("a store opened for reading refuses every write") {
  TempStore store;
  const Instrument instrument = new_instrument(*store);
  store->set_setting("k", "1");
  store.reopen(OpenMode::read);
  CHECK(store->find_instrument(instrument.name).has_value());
  const auto refused = [](auto work) {
    check_refused(ErrorCode::read_only, {"btc.deck", "reading"}, work);
  };
  refused([&] { const Writer writer{*store}; });
  refused([&] { store->set_setting("k", "2"); });
  refused([&] { store->delete_setting("k"); });
  refused([&] { store->optimize(); });
  refused([&] { new_instrument(*store, "ETHUSDT"); });
  refused([&] { migrate_to(*store, 3, LoseRows::refuse); });
  CHECK(store->find_setting("k") == "1");
}

TEST_CASE("one process opens a store for writing once") {
  TempStore store;
  for (const OpenMode mode : {OpenMode::write, OpenMode::create, OpenMode::read}) {
    check_refused(ErrorCode::store_busy, {"already open in this process"},
                  [&] { const Store second(store.path(), {.mode = mode}); });
    check_refused(ErrorCode::store_busy, {"already open in this process"},
                  [&] { const Store second(store.folder() / "." / "btc.duckdb", {.mode = mode}); });
  }
  store.reopen(OpenMode::write);
}

TEST_CASE("one process reads a store as often as it likes, and does not write it meanwhile") {
  TempStore store;
  store.reopen(OpenMode::read);
  {
    const Store second(store.path(), {.mode = OpenMode::read});
    CHECK(schema_version(second) == newest_schema_version());
    check_refused(ErrorCode::store_busy, {"already open in this process"},
                  [&] { const Store third(store.path(), {.mode = OpenMode::write}); });
  }
  check_refused(ErrorCode::store_busy, {"already open in this process"},
                [&] { const Store third(store.path(), {.mode = OpenMode::write}); });
  store.reopen(OpenMode::write);
}

TEST_CASE("an open that failed leaves the store free") {
  const TempFolder folder;
  write_file(folder / "btc.deck/tapedeck.toml", "[performance]\nnum_threads = \"x\"\n");
  const auto open = [&] { const Store store(folder / "btc.deck", {.mode = OpenMode::create}); };
  check_refused(ErrorCode::config, {"tapedeck.toml:2"}, open);
  write_file(folder / "btc.deck/tapedeck.toml", "");
  open();
}

TEST_CASE("a store that another process writes is busy, and the message names its PID") {
  TempStore store;
  store.close();
  ChildProcess child{[&](const ChildProcess::Tell& tell) {
    const Store held(store.path(), {.mode = OpenMode::write});
    tell();
    ::pause();
  }};
  REQUIRE(child.wait_for_word());
  const std::string pid = std::to_string(child.pid());
  for (const OpenMode mode : {OpenMode::read, OpenMode::write, OpenMode::create}) {
    check_refused(ErrorCode::store_busy, {"btc.deck' is in use by", "(PID " + pid + ")"},
                  [&] { const Store second(store.path(), {.mode = mode}); });
  }
  child.kill();
  store.reopen(OpenMode::write);
}

TEST_CASE("two processes read a store at the same time") {
  TempStore store;
  store.reopen(OpenMode::read);
  store.close();
  ChildProcess child{[&](const ChildProcess::Tell& tell) {
    const Store held(store.path(), {.mode = OpenMode::read});
    tell();
    ::pause();
  }};
  REQUIRE(child.wait_for_word());
  store.reopen(OpenMode::read);
  CHECK(schema_version(*store) == newest_schema_version());
}

TEST_CASE("a DuckDB file of somebody else is no store, and stays as it is") {
  TempStore store;
  test::sql(*store,
            "ATTACH '" + (store.folder() / "foreign.db").string() +
                "' AS f; CREATE TABLE f.main.t(i INTEGER); INSERT INTO f.main.t VALUES (7)",
            SqlAccess::write);
  test::sql(*store, "DETACH f", SqlAccess::write);
  fs::create_directories(store.folder() / "foreign.deck");
  fs::copy_file(store.folder() / "foreign.db", store.folder() / "foreign.deck/store.duckdb");
  for (const OpenMode mode : {OpenMode::read, OpenMode::write, OpenMode::create}) {
    check_refused(ErrorCode::not_a_store, {"store.duckdb", "tapedeck did not make"},
                  [&] { const Store foreign(store.folder() / "foreign.deck", {.mode = mode}); });
  }
  CHECK(sql_line(*store,
                 "ATTACH '" + (store.folder() / "foreign.deck/store.duckdb").string() +
                     "' AS f; SELECT i FROM f.main.t",
                 SqlAccess::write) == "7");
}

TEST_CASE("a damaged store.duckdb is corrupt, and the message says how to build it again") {
  const TempFolder folder;
  write_file(folder / "btc.deck/store.duckdb", std::string(20'000, 'x'));
  check_refused(ErrorCode::corrupt, {"btc.deck", "damaged", "tapedeck salvage"},
                [&] { const Store store(folder / "btc.deck", {.mode = OpenMode::write}); });
}

TEST_CASE("a damaged header of a real store is corrupt") {
  TempStore store;
  store.close();
  {
    std::fstream file{store.path() / "store.duckdb",
                      std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(4096);
    file << std::string(2 * 4096, '\x5a');
  }
  check_refused(ErrorCode::corrupt, {"btc.deck"},
                [&] { const Store damaged(store.path(), {.mode = OpenMode::read}); });
}

TEST_CASE("an instrument is found by its name, or by a symbol that one venue has") {
  Store store{":memory:"};
  check_refused(ErrorCode::not_found, {"'BTCUSDT'", "it is empty"},
                [&] { store.instrument("BTCUSDT"); });
  const Instrument spot = new_instrument(store, "BTCUSDT");
  const Instrument um = new_instrument(store, "BTCUSDT", "binance-um");
  const Instrument eth = new_instrument(store, "ETHUSDT", "binance-um");
  CHECK(store.instrument("binance:BTCUSDT").id == spot.id);
  CHECK(store.instrument("binance-um:BTCUSDT").id == um.id);
  CHECK(store.instrument("ETHUSDT").id == eth.id);
  check_refused(ErrorCode::invalid_argument,
                {"several venues", "binance:BTCUSDT", "binance-um:BTCUSDT"},
                [&] { store.instrument("BTCUSDT"); });
  check_refused(ErrorCode::not_found, {"'ETHUSD'", "did you mean 'ETHUSDT'?"},
                [&] { store.instrument("ETHUSD"); });
  check_refused(ErrorCode::not_found, {"'DOGEBTC'", "tapedeck instruments"},
                [&] { store.instrument("DOGEBTC"); });
}

TEST_CASE("an instrument is made once, and known after a reopen") {
  TempStore store;
  const Instrument made = new_instrument(*store);
  CHECK(new_instrument(*store).id == made.id);
  CHECK(new_instrument(*store, "ETHUSDT").id != made.id);
  store.reopen(OpenMode::read);
  CHECK(new_instrument(*store).id == made.id);
  CHECK(store->instruments().size() == 2);
}

TEST_CASE("a symbol in any alphabet is kept as it is") {
  TempStore store;
  const Instrument made = new_instrument(*store, "币安人生USDT");
  store.reopen(OpenMode::read);
  CHECK(store->instrument("币安人生USDT").id == made.id);
}

TEST_CASE("a store takes instruments, rows and settings however often it was opened before") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  sql(*store, "CREATE TABLE mine(name VARCHAR PRIMARY KEY, number INTEGER UNIQUE)",
      SqlAccess::write);
  constexpr int64_t kRounds = 6;
  for (int64_t i = 0; i < kRounds; ++i) {
    CAPTURE(i);
    new_instrument(*store, fmt::format("COIN{}USDT", i));
    store.reopen(OpenMode::write);
    store->set_setting(fmt::format("key {}", i / 2), std::to_string(i));
    store.reopen(OpenMode::write);
    Writer{*store}.append(btc.id, test::run_of(1 + i * 40, 40, i * 1000));
    store.reopen(OpenMode::write);
    sql(*store, fmt::format("INSERT INTO mine VALUES ('{0}', {0})", i), SqlAccess::write);
    store.reopen(OpenMode::write);
  }
  CHECK(store->instruments().size() == kRounds + 1);
  CHECK(store->settings().size() == kRounds / 2);
  CHECK(store->find_setting("key 2") == "5");
  CHECK(sql_line(*store, "SELECT count(*) FROM trades") == "240");
  CHECK(sql_line(*store, "SELECT count(*), sum(number) FROM mine") == "6 15");
  check_refused(ErrorCode::conflict, {"Duplicate key"},
                [&] { sql(*store, "INSERT INTO mine VALUES ('3', 99)", SqlAccess::write); });
}

TEST_CASE("settings are set, replaced, listed and deleted") {
  TempStore store;
  CHECK_FALSE(store->find_setting("theme").has_value());
  store->set_setting("theme", "\"dark\"");
  store->set_setting("audio", "{\"volume\": 7}");
  store->set_setting("theme", "\"light\"");
  store.reopen(OpenMode::write);
  CHECK(store->find_setting("theme") == "\"light\"");
  CHECK(store->settings() == std::vector<std::pair<std::string, std::string>>{
                                 {"audio", "{\"volume\": 7}"}, {"theme", "\"light\""}});
  CHECK(store->delete_setting("theme"));
  CHECK_FALSE(store->delete_setting("theme"));
  CHECK_FALSE(store->find_setting("theme").has_value());
}

TEST_CASE("a setting must be JSON and have a key; quotes in it are values, not SQL") {
  Store store{":memory:"};
  check_refused(ErrorCode::invalid_argument, {"'theme'", "no JSON", "'\"dark\"'"},
                [&] { store.set_setting("theme", "dark"); });
  check_refused(ErrorCode::invalid_argument, {"key", "empty"}, [&] { store.set_setting("", "1"); });
  store.set_setting("it's'); DROP TABLE tape.settings; --", "\"a'b\"");
  CHECK(store.settings().size() == 1);
  CHECK(store.find_setting("it's'); DROP TABLE tape.settings; --") == "\"a'b\"");
}

TEST_CASE("optimize empties the WAL and keeps the rows") {
  TempStore store;
  const Instrument instrument = new_instrument(*store);
  Writer{*store}.append(instrument.id, test::four_trades());
  const OptimizeReport report = store->optimize();
  CHECK(report.wal_bytes_before > 0);
  CHECK(report.wal_bytes == 0);
  CHECK(report.database_bytes >= report.database_bytes_before);
  CHECK(store->stats().wal_bytes == 0);
  CHECK(count_trades(*store, instrument.id) == 4);
}

TEST_SUITE("threads") {
  TEST_CASE("threads: eight resolve the same new instruments and get the same ids") {
    Store store{":memory:"};
    constexpr size_t kThreads = 8;
    constexpr size_t kSymbols = 20;
    std::vector<std::vector<InstrumentId>> ids(kThreads);
    {
      std::latch start{kThreads};
      std::vector<std::jthread> threads;
      for (size_t i = 0; i < kThreads; ++i) {
        threads.emplace_back([&, i] {
          start.arrive_and_wait();
          for (size_t symbol = 0; symbol < kSymbols; ++symbol) {
            ids[i].push_back(
                store.resolve_instrument({"binance", "COIN" + std::to_string(symbol)}).id);
          }
        });
      }
    }
    for (const auto& of_thread : ids)
      CHECK((of_thread == ids.front()));
    CHECK(store.instruments().size() == kSymbols);
    CHECK(sql_line(store,
                   "SELECT count(*), count(DISTINCT instrument_id), count(DISTINCT symbol) "
                   "FROM tape.instruments") == "20 20 20");
  }

  TEST_CASE("threads: a hundred readers ask at once and all are answered") {
    Store store{":memory:"};
    std::vector<std::string> answers(100);
    {
      std::vector<std::jthread> threads;
      for (size_t i = 0; i < answers.size(); ++i) {
        threads.emplace_back([&, i] { answers[i] = sql_line(store, fmt::format("SELECT {}", i)); });
      }
    }
    for (size_t i = 0; i < answers.size(); ++i)
      CHECK(answers[i] == std::to_string(i));
  }

  TEST_CASE("threads: ten writers of settings lose none") {
    Store store{":memory:"};
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 10; ++i) {
        threads.emplace_back([&, i] { store.set_setting(std::to_string(i), "true"); });
      }
    }
    CHECK(store.settings().size() == 10);
  }
}

}  // namespace
}  // namespace tapedeck
