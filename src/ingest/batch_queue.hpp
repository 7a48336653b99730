// A bounded queue of one file's batches, between the thread that decodes and the one that stores.
#pragma once

#include "base/mutex.hpp"
#include "ingest/archive_reader.hpp"

#include <deque>
#include <exception>
#include <optional>

namespace tapedeck {

class BatchQueue {
 public:
  // 10 blocks of 122,880 trades: a file of 64 MB of text, about 40 MB in memory.
  static constexpr size_t kBatches = 10;

  // Waits while the queue is full. Returns false when the consumer has given up.
  bool push(ArchiveBatch&& batch) {
    const MutexLock lock{mutex_};
    while (batches_.size() >= kBatches && !abandoned_)
      changed_.wait(mutex_);
    if (abandoned_) return false;
    batches_.push_back(std::move(batch));
    changed_.notify_all();
    return true;
  }

  // No more batches; `failure` is rethrown by the consumer's next pop.
  void close(std::exception_ptr failure = {}) {
    const MutexLock lock{mutex_};
    closed_ = true;
    failure_ = std::move(failure);
    changed_.notify_all();
  }

  // nullopt at the end.
  std::optional<ArchiveBatch> pop() {
    const MutexLock lock{mutex_};
    while (batches_.empty() && !closed_)
      changed_.wait(mutex_);
    // A failed file is refused whole, so what was decoded before does not matter any more.
    if (closed_ && failure_) std::rethrow_exception(failure_);
    if (batches_.empty()) return std::nullopt;
    ArchiveBatch batch = std::move(batches_.front());
    batches_.pop_front();
    changed_.notify_all();
    return batch;
  }

  void abandon() {
    const MutexLock lock{mutex_};
    abandoned_ = true;
    batches_.clear();
    changed_.notify_all();
  }

 private:
  Mutex mutex_;
  Condition changed_;
  std::deque<ArchiveBatch> batches_ GUARDED_BY(mutex_);
  bool closed_ GUARDED_BY(mutex_) = false;
  bool abandoned_ GUARDED_BY(mutex_) = false;
  std::exception_ptr failure_ GUARDED_BY(mutex_);
};

}  // namespace tapedeck
