#include "store/observed.hpp"

#include "base/clock.hpp"
#include "base/log.hpp"

namespace tapedeck {
namespace {

constexpr size_t kKept = 100;          // slow queries
constexpr size_t kShownBytes = 2'000;  // of a statement

double milliseconds(int64_t ns) {
  return static_cast<double>(ns) / 1e6;
}

}  // namespace

void Observer::keep(SlowQuery query) {
  const MutexLock lock{mutex_};
  slow_.push_front(std::move(query));
  if (slow_.size() > kKept) slow_.pop_back();
}

std::vector<SlowQuery> Observer::slow_queries() const {
  const MutexLock lock{mutex_};
  return {slow_.begin(), slow_.end()};
}

Observation::Observation(Observer& observer, std::string_view operation, std::string_view statement)
    : observer_{observer},
      operation_{operation},
      statement_{statement.substr(0, kShownBytes)},
      began_{steady_ns()},
      span_{*observer.options().tracing ? observer.options().spans.get() : nullptr,
            "database.query"} {
  span_.set("db.system", "duckdb");
  span_.set("db.operation", operation_);
  if (!statement_.empty()) span_.set("db.statement", statement_);
  observer_.counters()
      .counter("database.queries.total", {{"operation", std::string{operation}}})
      .add();
}

void Observation::finish() {
  observer_.counters()
      .counter("database.queries.success", {{"operation", std::string{operation_}}})
      .add();
  span_.set("db.rows_returned", rows_);
  span_.set("db.success", true);
  end("success");
}

void Observation::fail(const Error& error) {
  observer_.counters()
      .counter("database.queries.errors", {{"operation", std::string{operation_}},
                                           {"error_type", std::string{to_text(error.code())}}})
      .add();
  explain_ = {};  // it would fail too
  span_.set("db.success", false);
  span_.set("db.error", to_text(error.code()));
  end("error");
}

void Observation::end(std::string_view status) {
  const int64_t took = steady_ns() - began_;
  const std::string operation{operation_};
  observer_.counters()
      .histogram("database.query.duration_ms",
                 {{"operation", operation}, {"status", std::string{status}}})
      .observe(milliseconds(took));
  if (log::is_written(log::Level::info)) {
    log::info("query: {} {} after {:.3f} ms{}{}", operation, status, milliseconds(took),
              statement_.empty() ? "" : ": ", statement_);
  }
  const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(  // kNever fits
      std::chrono::nanoseconds{took});
  if (whole < *observer_.options().slow_query) return;
  observer_.counters().counter("database.slow_queries.total", {{"operation", operation}}).add();
  SlowQuery query{.at = from_epoch_ns(now_epoch_ns() - took),
                  .operation = operation,
                  .statement = std::string{statement_},
                  .duration = std::chrono::nanoseconds{took}};
  if (*observer_.options().slow_query_plans && explain_) query.plan = explain_();
  log::warn("slow query: {} took {:.0f} ms{}{}", operation, milliseconds(took),
            statement_.empty() ? "" : ": ", statement_);
  observer_.keep(std::move(query));
}

}  // namespace tapedeck
