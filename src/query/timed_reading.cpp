#include "query/timed_reading.hpp"

#include "base/mutex.hpp"
#include "duck/transaction.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <thread>

namespace tapedeck {
namespace {

// Interrupts what runs on a connection when its time is over.
class Deadline {
 public:
  Deadline(duck::Connection& connection, std::optional<std::chrono::milliseconds> timeout) {
    if (!timeout) return;
    thread_ = std::jthread{[this, &connection, timeout](const std::stop_token& stop) {
      const std::stop_callback wake{stop, [this] {
                                      const MutexLock lock{mutex_};
                                      changed_.notify_all();
                                    }};
      const auto end = std::chrono::steady_clock::now() + *timeout;
      const MutexLock lock{mutex_};
      while (!stop.stop_requested() && std::chrono::steady_clock::now() < end)
        changed_.wait_until(mutex_, end);
      if (stop.stop_requested()) return;
      passed_ = true;
      connection.interrupt();
    }};
  }
  bool passed() const { return passed_; }

 private:
  Mutex mutex_;
  Condition changed_;
  std::atomic<bool> passed_{false};
  std::jthread thread_;
};

}  // namespace

int64_t read_in_turn(ReaderPool& readers, duck::Connection& connection, const std::string& sql,
                     const std::function<int64_t()>& work) {
  const QueryTurn turn{readers, false};
  const duck::Snapshot snapshot{connection};
  const Deadline deadline{connection, readers.options().query_timeout};
  try {
    return work();
  } catch (const Error&) {
    if (!deadline.passed()) throw;
    readers.count_query_timeout();
    constexpr size_t kShown = 120;
    throw Error{ErrorCode::query_timeout,
                fmt::format("the statement took longer than {} ms and was stopped: {}{}",
                            readers.options().query_timeout->count(), sql.substr(0, kShown),
                            sql.size() > kShown ? "…" : "")};
  }
}

}  // namespace tapedeck
