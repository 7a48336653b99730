// How many may read a store at once, and what a store says of those who do.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace tapedeck {

struct PoolOptions {
  // Connections lent at once; who comes next waits, first come first served.
  size_t max_readers = 50;
  // So many stay open when nobody reads; others are closed when they were idle so long.
  size_t min_idle = 2;
  std::chrono::milliseconds idle_time{60'000};
  // After which who waits for a reader gets Error{timeout}.
  std::chrono::milliseconds acquire_timeout{5'000};
  // After which a statement of run_sql() is interrupted with Error{query_timeout}; nullopt: never.
  std::optional<std::chrono::milliseconds> query_timeout{std::chrono::seconds{30}};
  // Queries that run at once, the others wait their turn: more than there are cores would starve
  // the writer. 0: as many as cores.
  size_t running = 0;
  size_t running_long = 0;  // of them such as read millions of rows; 0: one less, at least 1

  // Presets: one connection shared by turns; a small pool; many readers beside one writer.
  static PoolOptions single() { return pooled(1, 1); }
  static PoolOptions pooled(size_t max, size_t idle) {
    PoolOptions options;
    options.max_readers = max;
    options.min_idle = idle;
    return options;
  }
  static PoolOptions rw(size_t readers) { return pooled(readers, 2); }
};

struct PoolStats {
  size_t max_readers = 0;
  size_t idle = 0;             // open connections that nobody uses
  size_t in_use = 0;           // lent
  size_t waiting = 0;          // for a connection
  size_t running = 0;          // queries at work
  size_t running_long = 0;     // of them long ones
  size_t waiting_to_run = 0;   // for their turn
  int64_t lent = 0;            // connections, since the store was opened
  int64_t timeouts = 0;        // nobody gave a connection back in time
  int64_t query_timeouts = 0;  // statements that were interrupted
  double longest_wait_ms = 0;  // for a connection
  bool writing = false;        // a transaction of the writer is going on
};

}  // namespace tapedeck
