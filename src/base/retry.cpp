#include "tapedeck/base/retry.hpp"

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/mutex.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace tapedeck {
namespace {

using std::chrono::milliseconds;

// False when it was asked to stop meanwhile.
bool wait(milliseconds time, const std::stop_token& stop) {
  Mutex mutex;
  Condition woken;
  const std::stop_callback wake{stop, [&] {
                                  const MutexLock lock{mutex};
                                  woken.notify_all();
                                }};
  const auto deadline = std::chrono::steady_clock::now() + time;
  const MutexLock lock{mutex};
  while (!stop.stop_requested() && std::chrono::steady_clock::now() < deadline)
    woken.wait_until(mutex, deadline);
  return !stop.stop_requested();
}

}  // namespace

RetrySchedule::RetrySchedule(const RetryOptions& options, uint64_t seed)
    : options_{options}, state_{seed != 0 ? seed : std::random_device{}()} {}

std::optional<milliseconds> RetrySchedule::next_wait(milliseconds elapsed) {
  if (++failures_ >= options_.max_tries) return std::nullopt;
  const double plain = std::min(static_cast<double>(options_.first.count()) *
                                    std::pow(options_.factor, static_cast<double>(failures_ - 1)),
                                static_cast<double>(options_.longest.count()));
  std::mt19937_64 random{state_};
  state_ = random();
  const double spread =
      std::uniform_real_distribution{1 - options_.jitter, 1 + options_.jitter}(random);
  const milliseconds wait{static_cast<int64_t>(plain * spread)};
  if (elapsed + wait > options_.total) return std::nullopt;
  return wait;
}

void with_retry(const std::function<void()>& work, const RetryOptions& options,
                const std::stop_token& stop) {
  RetrySchedule schedule{options};
  const int64_t began = steady_ns();
  for (;;) {
    try {
      return work();
    } catch (const Error& error) {
      if (!options.when(error.code())) throw;
      const auto pause = schedule.next_wait(milliseconds{(steady_ns() - began) / 1'000'000});
      if (!pause) throw;
      log::warn("{}; trying again in {} ms", error.what(), pause->count());
      if (!wait(*pause, stop)) throw;
    }
  }
}

}  // namespace tapedeck
