// with_retry: does again what may succeed later.
#pragma once

#include "tapedeck/base/error.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>

namespace tapedeck {

// Waits first, then longer by `factor` each time, spread by ±`jitter`, at most `longest`; stops at
// whichever limit comes first.
struct RetryOptions {
  std::chrono::milliseconds first{500};
  double factor = 1.5;
  double jitter = 0.5;
  std::chrono::milliseconds longest{5'000};
  std::chrono::milliseconds total{30'000};
  int max_tries = 100;
  bool (*when)(ErrorCode) = is_retryable;
};

// How long to wait after so many failures (1 or more), or nullopt to give up. Throws nothing.
class RetrySchedule {
 public:
  explicit RetrySchedule(const RetryOptions& options, uint64_t seed = 0);
  // `elapsed` is since the first try.
  std::optional<std::chrono::milliseconds> next_wait(std::chrono::milliseconds elapsed);

 private:
  RetryOptions options_;
  uint64_t state_;
  int failures_ = 0;
};

// Runs `work` until it does not throw, and again after an Error whose code is_retryable(); each
// retry is logged as a warning. Throws the last Error, at once when `when` says no or `stop` is
// requested.
void with_retry(const std::function<void()>& work, const RetryOptions& options = {},
                const std::stop_token& stop = {});

}  // namespace tapedeck
