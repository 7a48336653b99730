// Mutex and MutexLock carry clang's thread-safety annotations, which libstdc++'s std::mutex lacks:
// under clang a read of a GUARDED_BY member without its lock does not compile.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define TAPEDECK_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define TAPEDECK_THREAD_ANNOTATION(x)
#endif
#define GUARDED_BY(x) TAPEDECK_THREAD_ANNOTATION(guarded_by(x))
#define REQUIRES(...) TAPEDECK_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))

namespace tapedeck {

class TAPEDECK_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void lock() TAPEDECK_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  bool try_lock() TAPEDECK_THREAD_ANNOTATION(try_acquire_capability(true)) {
    return mutex_.try_lock();
  }
  void unlock() TAPEDECK_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }

 private:
  friend class Condition;
  std::mutex mutex_;
};

class TAPEDECK_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) TAPEDECK_THREAD_ANNOTATION(acquire_capability(mutex))
      : mutex_{mutex} {
    mutex_.lock();
  }
  ~MutexLock() TAPEDECK_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// A condition variable over Mutex. The caller holds `mutex` around wait and re-checks in a loop.
class Condition {
 public:
  void wait(Mutex& mutex) REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock{mutex.mutex_, std::adopt_lock};
    condition_.wait(lock);
    lock.release();
  }
  // False when `deadline` came first.
  bool wait_until(Mutex& mutex, std::chrono::steady_clock::time_point deadline) REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock{mutex.mutex_, std::adopt_lock};
    const bool in_time = condition_.wait_until(lock, deadline) == std::cv_status::no_timeout;
    lock.release();
    return in_time;
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace tapedeck
