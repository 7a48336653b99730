#include "store/reader_pool.hpp"

#include "sql_rows.hpp"
#include "store/core.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

namespace tapedeck {
namespace {

using std::chrono::milliseconds;
using test::check_refused;

StoreOptions with_pool(const PoolOptions& pool) {
  StoreOptions options;
  options.mode = OpenMode::create;
  options.pool = pool;
  return options;
}

TEST_CASE("presets: one connection, a small pool, many readers") {
  CHECK(PoolOptions::single().max_readers == 1);
  CHECK(PoolOptions::pooled(10, 2).max_readers == 10);
  CHECK(PoolOptions::pooled(10, 2).min_idle == 2);
  CHECK(PoolOptions::rw(50).max_readers == 50);
  CHECK(PoolOptions{}.acquire_timeout == milliseconds{5'000});
  CHECK(PoolOptions{}.query_timeout == milliseconds{30'000});
}

TEST_CASE("who waits too long for a reader gets an error that says what to do") {
  PoolOptions pool = PoolOptions::pooled(2, 1);
  pool.acquire_timeout = milliseconds{20};
  Store store{":memory:", with_pool(pool)};
  const auto first = store.core().borrow_reader();
  const auto second = store.core().borrow_reader();
  check_refused(ErrorCode::timeout, {"all 2 readers", "20 ms", "max_readers"},
                [&] { store.core().borrow_reader(); });
  const PoolStats stats = store.pool_stats();
  CHECK(stats.in_use == 2);
  CHECK(stats.timeouts == 1);
  CHECK(stats.waiting == 0);
}

TEST_CASE("counters say who reads, and whether somebody writes") {
  Store store{":memory:"};
  {
    const auto reader = store.core().borrow_reader();
    CHECK(store.pool_stats().in_use == 1);
  }
  CHECK(store.pool_stats().in_use == 0);
  CHECK(store.pool_stats().idle == 1);
  CHECK(store.pool_stats().lent >= 1);
  CHECK_FALSE(store.pool_stats().writing);
  store.core().write([&](duck::Transaction&) { CHECK(store.pool_stats().writing); });
}

TEST_CASE("readers that were idle too long are closed, but for a few") {
  for (const auto& [idle_time, open] : {std::pair{milliseconds{0}, 2}, {milliseconds{60'000}, 5}}) {
    PoolOptions pool = PoolOptions::pooled(10, 2);
    pool.idle_time = idle_time;
    Store store{":memory:", with_pool(pool)};
    {
      std::vector<StoreCore::ReaderLease> readers;
      for (int i = 0; i < 5; ++i)
        readers.push_back(store.core().borrow_reader());
    }
    CHECK(store.pool_stats().idle == static_cast<size_t>(open));
  }
}

TEST_CASE("a statement that takes too long is stopped; the store works on") {
  PoolOptions pool;
  pool.query_timeout = milliseconds{50};
  Store store{":memory:", with_pool(pool)};
  check_refused(ErrorCode::query_timeout, {"longer than 50 ms", "range(100000000000)"},
                [&] { test::sql(store, "SELECT sum(i * i % 7) FROM range(100000000000) t(i)"); });
  CHECK(store.pool_stats().query_timeouts == 1);
  CHECK(test::sql_line(store, "SELECT 1") == "1");
}

TEST_CASE("a turn inside a turn is the same one") {
  PoolOptions pool;
  pool.running = 1;
  Store store{":memory:", with_pool(pool)};
  const QueryTurn outer{store.core().readers(), false};
  const QueryTurn inner{store.core().readers(), true};
  CHECK(store.pool_stats().running == 1);
  CHECK(store.pool_stats().running_long == 0);
}

TEST_SUITE("threads") {
  TEST_CASE("threads: a hundred tasks on three connections all end, first come first served") {
    Store store{":memory:", with_pool(PoolOptions::pooled(3, 1))};
    std::atomic<size_t> most{0};
    std::atomic<int> done{0};
    {
      std::vector<std::jthread> tasks;
      for (int i = 0; i < 100; ++i) {
        tasks.emplace_back([&] {
          const auto reader = store.core().borrow_reader();
          const size_t now = store.pool_stats().in_use;
          size_t before = most.load();
          while (now > before && !most.compare_exchange_weak(before, now)) {
          }
          reader->run("SELECT 1");
          ++done;
        });
      }
    }
    CHECK(done == 100);
    CHECK(most <= 3);
    CHECK(store.pool_stats().in_use == 0);
  }

  TEST_CASE("threads: no more queries run than may, and a long one does not hold up the short") {
    PoolOptions pool;
    pool.running = 2;
    pool.running_long = 1;
    Store store{":memory:", with_pool(pool)};
    ReaderPool& readers = store.core().readers();
    std::latch long_runs{1};
    std::latch may_end{1};
    std::atomic<int> shorts{0};
    std::jthread first{[&] {
      const QueryTurn turn{readers, true};
      long_runs.count_down();
      may_end.wait();
    }};
    long_runs.wait();
    std::jthread second{[&] { const QueryTurn turn{readers, true}; }};
    {
      std::vector<std::jthread> tasks;
      for (int i = 0; i < 20; ++i) {
        tasks.emplace_back([&] {
          const QueryTurn turn{readers, false};
          CHECK(store.pool_stats().running <= 2);
          ++shorts;
        });
      }
    }
    CHECK(shorts == 20);
    CHECK(store.pool_stats().running_long == 1);
    may_end.count_down();
  }
}

}  // namespace
}  // namespace tapedeck
