// Many slices of tape.trades on all cores.
#pragma once

#include "base/mutex.hpp"
#include "query/tape_reading.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace tapedeck {

// As many as cores; DuckDB itself runs each query on the caller's thread.
inline size_t scan_threads() {
  return std::max(1U, std::thread::hardware_concurrency());
}

// Runs `fold(reader, slice)` for each slice on all cores and hands the results to `emit` in order,
// on the calling thread. At most a few results wait, so memory stays flat.
template <typename Result>
class OrderedScan {
 public:
  using Fold = std::function<Result(Reader&, const TapePiece&)>;
  using Emit = std::function<KeepGoing(Result&&)>;

  // A thread for each of `readers`, which must outlive the scan.
  OrderedScan(std::span<Reader* const> readers, std::vector<TapePiece> slices, Fold fold)
      : readers_{readers}, slices_{std::move(slices)}, fold_{std::move(fold)} {}

  void run(const Emit& emit) {
    const size_t workers = std::min(readers_.size(), slices_.size());
    if (workers <= 1) return run_here(emit);
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < workers; ++i)
      threads.emplace_back([this, i] { work(*readers_[i]); });
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
    for (const TapePiece& slice : slices_) {
      if (emit(fold_(*readers_.front(), slice)) == KeepGoing::stop) return;
    }
  }

  void work(Reader& reader) {
    try {
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
  std::span<Reader* const> readers_;
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
void unordered_scan(std::span<Reader* const> readers, const std::vector<TapePiece>& slices,
                    std::vector<State>& states,
                    const std::function<void(Reader&, const TapePiece&, State&)>& fold) {
  std::atomic<size_t> next{0};
  Mutex mutex;
  std::exception_ptr failure;
  auto work = [&](Reader& reader, State& state) {
    try {
      for (size_t i = next.fetch_add(1); i < slices.size(); i = next.fetch_add(1)) {
        fold(reader, slices[i], state);
      }
    } catch (...) {  // a thread's root: the failure goes to the caller
      const MutexLock lock{mutex};
      if (!failure) failure = std::current_exception();
      next.store(slices.size());
    }
  };
  {
    std::vector<std::jthread> threads;
    const size_t workers = std::min({states.size(), slices.size(), readers.size()});
    for (size_t i = 1; i < workers; ++i)
      threads.emplace_back([&, i] { work(*readers[i], states[i]); });
    if (workers > 0) work(*readers.front(), states[0]);
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace tapedeck
