#include "store/core.hpp"

#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace tapedeck {
namespace {

using test::check_refused;
using test::TempStore;

int64_t number(duck::Connection& connection, const std::string& sql) {
  duck::Result rows = connection.run(sql);
  REQUIRE(rows.next_row());
  return rows.int64(0);
}

TEST_CASE("what a write throws rolls all of it back") {
  Store store{":memory:"};
  check_refused(ErrorCode::out_of_range, {"enough"}, [&] {
    store.core().write([](duck::Transaction& transaction) {
      transaction.connection().run("INSERT INTO tape.store_facts VALUES ('a', 'b')");
      throw Error{ErrorCode::out_of_range, "enough"};
    });
  });
  const auto reader = store.core().borrow_reader();
  CHECK(number(*reader, "SELECT count(*) FROM tape.store_facts WHERE key <> 'store_id'") == 0);
}

TEST_CASE("a duplicate key rolls the whole write back, with DuckDB's own words") {
  Store store{":memory:"};
  check_refused(ErrorCode::conflict, {"duplicate key \"a\"", "cannot run"}, [&] {
    store.core().write([](duck::Transaction& transaction) {
      transaction.connection().run("INSERT INTO tape.store_facts VALUES ('a', 'b')");
      transaction.connection().run("INSERT INTO tape.store_facts VALUES ('a', 'c')");
    });
  });
  store.core().write([](duck::Transaction& transaction) {
    CHECK(number(transaction.connection(),
                 "SELECT count(*) FROM tape.store_facts WHERE key <> 'store_id'") == 0);
  });
}

TEST_CASE("a reader is used again, with the statements prepared on it") {
  Store store{":memory:"};
  duck::Connection* first = nullptr;
  duck::Statement* prepared = nullptr;
  {
    const auto reader = store.core().borrow_reader();
    first = reader.get();
    prepared = &reader->prepare("SELECT 1");
    CHECK(prepared == &reader->prepare("SELECT 1"));
  }
  const auto again = store.core().borrow_reader();
  CHECK(again.get() == first);
  CHECK(&again->prepare("SELECT 1") == prepared);
  const auto other = store.core().borrow_reader();
  CHECK(other.get() != first);
}

TEST_CASE("steps outside of a transaction can checkpoint") {
  TempStore store;
  store->core().write_steps([](duck::Connection& connection) { connection.run("CHECKPOINT"); });
  store.reopen(OpenMode::read);
  check_refused(ErrorCode::read_only, {"reading only"},
                [&] { store->core().write_steps([](duck::Connection&) {}); });
}

// DuckDB ends a database whose checkpoint fails at the wrong moment, as on a full disk.
void end_database(StoreCore& core) {
  check_refused(ErrorCode::engine, {"Checkpoint aborted"}, [&] {
    core.write_steps([](duck::Connection& connection) {
      connection.run("SET GLOBAL debug_checkpoint_abort = 'before_header'");
      connection.run("CHECKPOINT");
    });
  });
}

TEST_CASE("a database that DuckDB has given up is opened again, with all that was committed") {
  TempStore store;
  const Instrument btc = test::new_instrument(*store);
  Writer writer{*store};
  writer.append(btc.id, test::run_of(1, 100, 0));
  for (int time = 0; time < 3; ++time) {
    end_database(store->core());
    CHECK(test::stored_trades(*store, btc).size() == static_cast<size_t>(100 + time * 10));
    writer.append(btc.id, test::run_of(101 + time * 10, 10, 100 + time * 10));
  }
  store.reopen(OpenMode::read);
  CHECK(test::stored_trades(*store, btc).size() == 130);
}

TEST_CASE("a database that a reader killed is opened again for the next reader") {
  TempStore store;
  {
    const auto reader = store->core().borrow_reader();
    reader->run("SET GLOBAL debug_checkpoint_abort = 'before_header'");
    CHECK_THROWS_AS(reader->run("CREATE TABLE t(i INTEGER); FORCE CHECKPOINT"), Error);
    CHECK_THROWS_AS(reader->run("SELECT 1"), Error);
  }
  CHECK(number(*store->core().borrow_reader(), "SELECT 1") == 1);
  CHECK_NOTHROW(store->core().checkpoint());
}

TEST_CASE(
    "whoever holds on to the database that is dead delays the new one; all others may retry") {
  TempStore store;
  {
    const auto held = store->core().borrow_reader();
    end_database(store->core());
    check_refused(ErrorCode::timeout, {"being opened again", "try again"},
                  [&] { store->core().connect(); });
    check_refused(ErrorCode::timeout, {"1 queries still hold", "when they end"},
                  [&] { store->core().write([](duck::Transaction&) {}); });
  }
  CHECK(number(*store->core().borrow_reader(), "SELECT 1") == 1);
  CHECK_NOTHROW(store->core().write([](duck::Transaction&) {}));
}

TEST_SUITE("threads") {
  TEST_CASE("threads: the fifty-first borrower waits until a reader returns") {
    Store store{":memory:"};
    std::vector<StoreCore::ReaderLease> leases;
    for (size_t i = 0; i < PoolOptions{}.max_readers; ++i) {
      leases.push_back(store.core().borrow_reader());
    }
    std::atomic<bool> returned{false};
    std::atomic<bool> waited_for_it{false};
    {
      const std::jthread late{[&] {
        const auto reader = store.core().borrow_reader();
        waited_for_it = returned.load();
      }};
      returned = true;
      leases.pop_back();
    }
    CHECK(waited_for_it);
  }

  TEST_CASE("threads: a writer's steps take turns") {
    Store store{":memory:"};
    store.core().write([](duck::Transaction& transaction) {
      transaction.connection().run("INSERT INTO tape.store_facts VALUES ('n', '0')");
    });
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
          for (int turn = 0; turn < 25; ++turn) {
            store.core().write([](duck::Transaction& transaction) {
              transaction.connection().run(
                  "UPDATE tape.store_facts SET value = CAST(CAST(value AS INTEGER) + 1 AS "
                  "VARCHAR) WHERE key = 'n'");
            });
          }
        });
      }
    }
    const auto reader = store.core().borrow_reader();
    CHECK(number(*reader, "SELECT CAST(value AS INTEGER) FROM tape.store_facts WHERE key = 'n'") ==
          100);
  }
}

}  // namespace
}  // namespace tapedeck
