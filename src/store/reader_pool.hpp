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
  // nullptr when none is free, or others wait for one.
  std::unique_ptr<Reader> try_take();
  void give_back(std::unique_ptr<Reader> reader);
  // Closes the idle ones, and lends none until resume().
  void suspend();
  void resume();

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
  std::unique_ptr<Reader> lend() REQUIRES(mutex_);
  bool may_lend() const REQUIRES(mutex_);
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
  bool suspended_ GUARDED_BY(mutex_) = false;
  PoolStats stats_ GUARDED_BY(mutex_);
};

// A query's turn as long as it lives.
class QueryTurn {
 public:
  // `is_long`: it takes a core for a tenth of a second or more.
  QueryTurn(ReaderPool& pool, bool is_long);
  ~QueryTurn();
  QueryTurn(const QueryTurn&) = delete;
  QueryTurn& operator=(const QueryTurn&) = delete;

 private:
  ReaderPool* pool_ = nullptr;  // null: a turn that was there already
  bool is_long_ = false;
};

}  // namespace tapedeck
