// ReaderPool: connections for reading, lent first come first served, and the turns of the queries
// that run on them.
#pragma once

#include "base/mutex.hpp"
#include "duck/database.hpp"
#include "tapedeck/store/pool.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace tapedeck {

// A connection for reading.
using Reader = duck::Connection;

class ReaderPool {
 public:
  using Connect = std::function<Reader()>;
  ReaderPool(const PoolOptions& options, Connect connect);

  // Error{timeout} when none is given back in time.
  std::unique_ptr<Reader> take();
  void give_back(std::unique_ptr<Reader> reader);
  // Closes the idle ones; what is lent is closed when it is given back.
  void close_idle();

  // A query's turn: who reads much waits in a lane of its own. Whoever has a turn and asks again
  // on the same thread has it already.
  void begin_query(bool is_long);
  void end_query(bool is_long);

  void count_query_timeout();
  const PoolOptions& options() const { return options_; }
  PoolStats stats() const;

 private:
  using Tickets = std::deque<uint64_t>;
  struct Idle {
    std::unique_ptr<Reader> reader;
    std::chrono::steady_clock::time_point since;
  };
  bool may_run(uint64_t ticket, bool is_long) const REQUIRES(mutex_);

  // Constant after construction
  PoolOptions options_;
  Connect connect_;

  mutable Mutex mutex_;
  Condition changed_;
  std::deque<Idle> idle_ GUARDED_BY(mutex_);  // the one used last at the end
  Tickets waiting_ GUARDED_BY(mutex_);        // for a connection, in the order of their coming
  Tickets waiting_short_ GUARDED_BY(mutex_);  // for a turn
  Tickets waiting_long_ GUARDED_BY(mutex_);
  uint64_t next_ticket_ GUARDED_BY(mutex_) = 0;
  PoolStats stats_ GUARDED_BY(mutex_);
};

// A query's turn as long as it lives.
class QueryTurn {
 public:
  QueryTurn(ReaderPool& pool, int64_t rows);
  ~QueryTurn();
  QueryTurn(const QueryTurn&) = delete;
  QueryTurn& operator=(const QueryTurn&) = delete;

 private:
  ReaderPool* pool_ = nullptr;  // null: a turn that was there already
  bool is_long_ = false;
};

}  // namespace tapedeck
