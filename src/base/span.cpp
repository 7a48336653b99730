#include "tapedeck/base/span.hpp"

#include "base/clock.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace tapedeck {

const SpanValue* SpanRecord::find_field(std::string_view field) const {
  const auto found = std::ranges::find(fields, field, &SpanField::name);
  return found == fields.end() ? nullptr : &found->value;
}

bool SpanRecord::succeeded() const {
  const SpanValue* success = find_field("db.success");
  return success == nullptr || *success != SpanValue{false};
}

void Span::begin(std::string_view name) {
  using std::chrono::nanoseconds;
  record_.name = name;
  record_.begin = std::chrono::sys_time<nanoseconds>{nanoseconds{now_epoch_ns()}};
  exceptions_ = std::uncaught_exceptions();
  began_ns_ = steady_ns();
}

void Span::end() noexcept {
  record_.duration = std::chrono::nanoseconds{steady_ns() - began_ns_};
  // More than at the begin: this span ends by one of them. A span made while another exception
  // already passes by (in a destructor) may still end well.
  if (std::uncaught_exceptions() > exceptions_) put("db.success", false);
  exporter_->export_span(record_);
}

void Span::put(std::string_view field, SpanValue value) {
  const auto known = std::ranges::find(record_.fields, field, &SpanField::name);
  if (known != record_.fields.end()) {
    known->value = std::move(value);
  } else {
    record_.fields.push_back({std::string{field}, std::move(value)});
  }
}

}  // namespace tapedeck
