// Spans: pieces of work with their begin, duration and fields, handed to an exporter as they end.
// The canonical one is `database.query` with the fields db.system, db.operation, db.statement,
// correlation_id, db.rows_returned, db.success and, of a failure, db.error.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace tapedeck {

using SpanValue = std::variant<bool, int64_t, double, std::string>;

struct SpanField {
  std::string name;
  SpanValue value;

  friend bool operator==(const SpanField&, const SpanField&) = default;
};

// A span that has ended.
struct SpanRecord {
  std::string name;
  std::chrono::sys_time<std::chrono::nanoseconds> begin;  // UTC
  std::chrono::nanoseconds duration{0};                   // by a clock that never goes back
  std::vector<SpanField> fields;                          // in the order of their first setting

  // Valid as long as the field; null when it was not set.
  const SpanValue* find_field(std::string_view field) const;
  // False only where db.success says so.
  bool succeeded() const;
};

// Where spans go: called by any thread, also while an exception passes by. It must be quick, and it
// keeps its own failures to itself: the work that was observed has nothing to do with them.
class SpanExporter {
 public:
  SpanExporter() = default;
  virtual ~SpanExporter() = default;
  SpanExporter(const SpanExporter&) = delete;
  SpanExporter& operator=(const SpanExporter&) = delete;

  virtual void export_span(const SpanRecord& span) noexcept = 0;
};

// Begins as it is made and is exported as it is destroyed; then by an exception, with
// db.success = false. Of one thread, and destroyed in the scope that made it.
class Span {
 public:
  // `exporter` must outlive the span. Null: nothing is kept, copied or timed.
  Span(SpanExporter* exporter, std::string_view name) : exporter_{exporter} {
    if (exporter_ != nullptr) begin(name);
  }
  ~Span() {
    if (exporter_ != nullptr) end();
  }
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;

  // `value` is a bool, a number or text. The last value of a field stands.
  template <typename Value>
  void set(std::string_view field, const Value& value) {
    if (exporter_ == nullptr) return;
    if constexpr (std::is_same_v<Value, bool>) {
      put(field, value);
    } else if constexpr (std::is_integral_v<Value>) {
      put(field, static_cast<int64_t>(value));
    } else if constexpr (std::is_floating_point_v<Value>) {
      put(field, static_cast<double>(value));
    } else {
      put(field, std::string{std::string_view{value}});
    }
  }

 private:
  void begin(std::string_view name);
  void end() noexcept;
  void put(std::string_view field, SpanValue value);

  SpanExporter* exporter_;  // Constant after construction

  SpanRecord record_;
  int64_t began_ns_ = 0;
  int exceptions_ = 0;
};

}  // namespace tapedeck
