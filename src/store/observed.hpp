// Observer: where a store counts what it does; Observation: one piece of work while it runs.
#pragma once

#include "base/mutex.hpp"
#include "tapedeck/base/error.hpp"
#include "tapedeck/base/uuid.hpp"
#include "tapedeck/store/observe.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tapedeck {

class Observer {
 public:
  // Nothing of the options is absent.
  explicit Observer(ObserveOptions options)
      : options_{std::move(options)}, counters_{*options_.metrics} {}

  CounterRegistry& counters() { return counters_; }
  const ObserveOptions& options() const { return options_; }
  void keep(SlowQuery query);
  std::vector<SlowQuery> slow_queries() const;  // newest first

 private:
  // Constant after construction
  ObserveOptions options_;

  CounterRegistry counters_;
  mutable Mutex mutex_;
  std::deque<SlowQuery> slow_ GUARDED_BY(mutex_);
};

// Of one thread; ends with finish() or fail().
class Observation {
 public:
  // `observer` must outlive it, and so must the texts.
  Observation(Observer& observer, std::string_view operation, std::string_view statement);

  void add_rows(int64_t rows) { rows_ += rows; }
  void set_correlation_id(const Uuid& id) { span_.set("correlation_id", to_text(id)); }
  // Makes the plan of a slow query; its failure leaves the plan empty.
  void set_explain(std::function<std::string()> explain) { explain_ = std::move(explain); }

  void finish();
  void fail(const Error& error);

 private:
  void end(std::string_view status);

  // Constant after construction
  Observer& observer_;
  std::string_view operation_;
  std::string_view statement_;
  int64_t began_;

  Span span_;
  int64_t rows_ = 0;
  std::function<std::string()> explain_;
};

// Rows of an answer that has them.
template <typename Answer>
int64_t rows_of_answer(const Answer& answer) {
  if constexpr (requires { static_cast<int64_t>(answer.rows); }) {
    return static_cast<int64_t>(answer.rows);
  } else if constexpr (requires { answer.size(); }) {
    return static_cast<int64_t>(answer.size());
  } else {
    return 0;
  }
}

// Does `work`, and counts how it went. It may take the Observation, to say more of itself.
template <typename Work>
auto observed(Observer& observer, std::string_view operation, std::string_view statement,
              const Work& work) {
  Observation observation{observer, operation, statement};
  try {
    if constexpr (std::is_invocable_v<Work, Observation&>) {
      auto answer = work(observation);
      observation.finish();
      return answer;
    } else {
      auto answer = work();
      observation.add_rows(rows_of_answer(answer));
      observation.finish();
      return answer;
    }
  } catch (const Error& error) {
    observation.fail(error);
    throw;
  }
}

}  // namespace tapedeck
