// Many slices of tape.trades on all cores.
#pragma once

#include "base/mutex.hpp"
#include "query/moment.hpp"
#include "query/tape_plan.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace tapedeck {

// As many as cores; DuckDB itself runs each query on the caller's thread.
inline size_t scan_threads() {
  return std::max(1U, std::thread::hardware_concurrency());
}

// Of one query: all that run at once get on with the readers that there are.
inline size_t workers_of(StoreCore& core) {
  const PoolOptions& pool = core.readers().options();
  return std::clamp<size_t>(pool.max_readers / pool.running, 1, scan_threads());
}

// Rows from which a further core is worth its start.
constexpr int64_t kRowsWorthACore = 150'000;

// Runs `fold(reader, slice)` for each slice on all cores and hands the results to `emit` in order,
// on the calling thread. At most a few results wait, so memory stays flat.
template <typename Result>
class OrderedScan {
 public:
  using Fold = std::function<Result(Reader&, const TapePiece&)>;
  using Emit = std::function<KeepGoing(Result&&)>;

  OrderedScan(StoreCore& core, std::vector<TapePiece> slices, Fold fold)
      : core_{core}, slices_{std::move(slices)}, fold_{std::move(fold)} {}
  // Reads at `moment`, with its first scan_threads() readers.
  OrderedScan(StoreCore& core, Moment& moment, std::vector<TapePiece> slices, Fold fold)
      : core_{core}, moment_{&moment}, slices_{std::move(slices)}, fold_{std::move(fold)} {}

  void run(const Emit& emit) {
    const size_t most = moment_ != nullptr ? scan_threads() : workers_of(core_);
    const size_t workers = std::min(most, slices_.size());
    if (workers <= 1) return run_here(emit);
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < workers; ++i)
      threads.emplace_back([this, i] { work(i); });
    try {
      collect(emit);
    } catch (...) {  // the threads wait for a reader of their results
      stop();
      throw;
    }
    stop();
    threads.clear();
    const MutexLock lock{mutex_};
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void stop() {
    const MutexLock lock{mutex_};
    stopped_ = true;
    changed_.notify_all();
  }

  void run_here(const Emit& emit) {
    const auto borrowed = moment_ != nullptr ? StoreCore::ReaderLease{} : core_.borrow_reader();
    Reader& reader = moment_ != nullptr ? moment_->reader(0) : *borrowed;
    for (const TapePiece& slice : slices_) {
      if (emit(fold_(reader, slice)) == KeepGoing::stop) return;
    }
  }

  void work(size_t worker) {
    try {
      const auto borrowed = moment_ != nullptr ? StoreCore::ReaderLease{} : core_.borrow_reader();
      Reader& reader = moment_ != nullptr ? moment_->reader(worker) : *borrowed;
      while (const std::optional<size_t> index = next_slice()) {
        Result result = fold_(reader, slices_[*index]);
        const MutexLock lock{mutex_};
        results_.emplace(*index, std::move(result));
        changed_.notify_all();
      }
    } catch (...) {  // a thread's root: the failure goes to the caller
      const MutexLock lock{mutex_};
      if (!failure_) failure_ = std::current_exception();
      stopped_ = true;
      changed_.notify_all();
    }
  }

  std::optional<size_t> next_slice() {
    const MutexLock lock{mutex_};
    const size_t ahead = 4 * scan_threads();
    while (!stopped_ && next_ < slices_.size() && next_ >= emitted_ + ahead)
      changed_.wait(mutex_);
    if (stopped_ || next_ >= slices_.size()) return std::nullopt;
    return next_++;
  }

  void collect(const Emit& emit) {
    for (size_t index = 0; index < slices_.size(); ++index) {
      std::optional<Result> result;
      {
        const MutexLock lock{mutex_};
        while (!stopped_ && !results_.contains(index))
          changed_.wait(mutex_);
        if (stopped_) return;
        auto node = results_.extract(index);
        result.emplace(std::move(node.mapped()));
        emitted_ = index + 1;
        changed_.notify_all();
      }
      if (emit(std::move(*result)) == KeepGoing::stop) return;
    }
  }

  // Constant after construction
  StoreCore& core_;
  Moment* moment_ = nullptr;
  std::vector<TapePiece> slices_;
  Fold fold_;

  Mutex mutex_;
  Condition changed_;
  std::map<size_t, Result> results_ GUARDED_BY(mutex_);
  size_t next_ GUARDED_BY(mutex_) = 0;
  size_t emitted_ GUARDED_BY(mutex_) = 0;
  bool stopped_ GUARDED_BY(mutex_) = false;
  std::exception_ptr failure_ GUARDED_BY(mutex_);
};

// Runs `fold(reader, slice, states[worker])` for every slice, in any order, on all cores; each
// worker has a state of its own. For folds that do not depend on order.
template <typename State>
void unordered_scan(StoreCore& core, const std::vector<TapePiece>& slices,
                    std::vector<State>& states,
                    const std::function<void(Reader&, const TapePiece&, State&)>& fold) {
  std::atomic<size_t> next{0};
  Mutex mutex;
  std::exception_ptr failure;
  auto work = [&](State& state) {
    try {
      const auto reader = core.borrow_reader();
      for (size_t i = next.fetch_add(1); i < slices.size(); i = next.fetch_add(1)) {
        fold(*reader, slices[i], state);
      }
    } catch (...) {  // a thread's root: the failure goes to the caller
      const MutexLock lock{mutex};
      if (!failure) failure = std::current_exception();
      next.store(slices.size());
    }
  };
  {
    std::vector<std::jthread> threads;
    const size_t workers = std::min({states.size(), slices.size(), workers_of(core)});
    for (size_t i = 1; i < workers; ++i)
      threads.emplace_back([&, i] { work(states[i]); });
    if (workers > 0) work(states[0]);
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace tapedeck
