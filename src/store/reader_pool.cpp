#include "store/reader_pool.hpp"

#include "base/clock.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace tapedeck {
namespace {

using std::chrono::steady_clock;

// The pools that this thread has a turn in.
std::vector<const ReaderPool*>& turns_of_thread() {
  static thread_local std::vector<const ReaderPool*> turns;
  return turns;
}

PoolOptions with_defaults(PoolOptions options) {
  const size_t cores = std::max(1U, std::thread::hardware_concurrency());
  if (options.running == 0) options.running = cores;
  if (options.running_long == 0) options.running_long = std::max<size_t>(1, options.running - 1);
  options.max_readers = std::max<size_t>(1, options.max_readers);
  return options;
}

}  // namespace

ReaderPool::ReaderPool(const PoolOptions& options, Connect connect)
    : options_{with_defaults(options)}, connect_{std::move(connect)} {}

std::unique_ptr<Reader> ReaderPool::take() {
  const int64_t began = steady_ns();
  const auto deadline = steady_clock::now() + options_.acquire_timeout;
  const MutexLock lock{mutex_};
  const uint64_t ticket = next_ticket_++;
  waiting_.push_back(ticket);
  while (waiting_.front() != ticket || !may_lend()) {
    changed_.wait_until(mutex_, deadline);
    const bool may_go = waiting_.front() == ticket && may_lend();
    if (may_go || steady_clock::now() < deadline) continue;
    std::erase(waiting_, ticket);
    ++stats_.timeouts;
    changed_.notify_all();
    if (suspended_) {
      throw Error{ErrorCode::timeout,
                  "the store's database is being opened again after a fatal error of DuckDB; try "
                  "again"};
    }
    throw Error{ErrorCode::timeout,
                fmt::format("all {} readers of the store were busy for {} ms; try again, or allow "
                            "more of them (PoolOptions::max_readers)",
                            options_.max_readers, options_.acquire_timeout.count())};
  }
  waiting_.pop_front();
  changed_.notify_all();
  stats_.longest_wait_ms =
      std::max(stats_.longest_wait_ms, static_cast<double>(steady_ns() - began) / 1e6);
  return lend();
}

std::unique_ptr<Reader> ReaderPool::try_take() {
  const MutexLock lock{mutex_};
  if (!waiting_.empty() || !may_lend()) return nullptr;
  return lend();
}

bool ReaderPool::may_lend() const {
  return !suspended_ && stats_.in_use < options_.max_readers;
}

std::unique_ptr<Reader> ReaderPool::lend() {
  std::unique_ptr<Reader> reader;
  if (idle_.empty()) {
    reader = std::make_unique<Reader>(connect_());
  } else {
    reader = std::move(idle_.back().reader);
    idle_.pop_back();
  }
  ++stats_.in_use;
  ++stats_.lent;
  return reader;
}

void ReaderPool::give_back(std::unique_ptr<Reader> reader) {
  const MutexLock lock{mutex_};
  --stats_.in_use;
  const auto now = steady_clock::now();
  if (!suspended_) idle_.push_back({std::move(reader), now});  // its statements are prepared
  while (idle_.size() > options_.min_idle && now - idle_.front().since >= options_.idle_time)
    idle_.pop_front();
  changed_.notify_all();
}

void ReaderPool::suspend() {
  const MutexLock lock{mutex_};
  suspended_ = true;
  idle_.clear();
}

void ReaderPool::resume() {
  const MutexLock lock{mutex_};
  suspended_ = false;
  changed_.notify_all();
}

bool ReaderPool::may_run(uint64_t ticket, bool is_long) const {
  if (stats_.running >= options_.running) return false;
  if (!is_long) return waiting_short_.front() == ticket;
  return waiting_long_.front() == ticket && stats_.running_long < options_.running_long;
}

void ReaderPool::begin_query(bool is_long) {
  const MutexLock lock{mutex_};
  const uint64_t ticket = next_ticket_++;
  Tickets& lane = is_long ? waiting_long_ : waiting_short_;
  lane.push_back(ticket);
  while (!may_run(ticket, is_long))
    changed_.wait(mutex_);
  lane.pop_front();
  ++stats_.running;
  if (is_long) ++stats_.running_long;
  changed_.notify_all();
}

void ReaderPool::end_query(bool is_long) {
  const MutexLock lock{mutex_};
  --stats_.running;
  if (is_long) --stats_.running_long;
  changed_.notify_all();
}

void ReaderPool::count_query_timeout() {
  const MutexLock lock{mutex_};
  ++stats_.query_timeouts;
}

PoolStats ReaderPool::stats() const {
  const MutexLock lock{mutex_};
  PoolStats stats = stats_;
  stats.max_readers = options_.max_readers;
  stats.idle = idle_.size();
  stats.waiting = waiting_.size();
  stats.waiting_to_run = waiting_short_.size() + waiting_long_.size();
  return stats;
}

QueryTurn::QueryTurn(ReaderPool& pool, bool is_long) : is_long_{is_long} {
  if (std::ranges::find(turns_of_thread(), &pool) != turns_of_thread().end()) return;
  pool.begin_query(is_long_);
  turns_of_thread().push_back(&pool);
  pool_ = &pool;
}

QueryTurn::~QueryTurn() {
  if (pool_ == nullptr) return;
  std::erase(turns_of_thread(), pool_);
  pool_->end_query(is_long_);
}

}  // namespace tapedeck
