#include "telemetry/record_checks.hpp"

#include "tapedeck/base/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <optional>
#include <string>
#include <string_view>

namespace tapedeck {
namespace {

constexpr size_t kMostNameBytes = 255;
constexpr size_t kMostLabels = 64;
constexpr size_t kMostTextBytes = size_t{1} << 20;

[[noreturn]] void refuse(const std::string& reason) {
  throw Error{ErrorCode::invalid_argument, reason};
}

void check_name(std::string_view what, const std::string& name) {
  if (name.empty()) refuse(fmt::format("{} is empty", what));
  if (name.size() > kMostNameBytes) {
    refuse(fmt::format("{} '{}…' has {} bytes, and may have {}", what, name.substr(0, 40),
                       name.size(), kMostNameBytes));
  }
}

void check_text(std::string_view what, const std::optional<std::string>& text) {
  if (!text || text->size() <= kMostTextBytes) return;
  refuse(fmt::format("{} has {} bytes, and may have {}; log where the rest is instead", what,
                     text->size(), kMostTextBytes));
}

void check_json(std::string_view what, const std::optional<std::string>& text) {
  check_text(what, text);
  if (text && !nlohmann::json::accept(*text)) {
    refuse(fmt::format("{} are no JSON: {}", what, text->substr(0, 80)));
  }
}

}  // namespace

void check(const MetricRecord& record) {
  check_name("the name of a metric", record.series.name);
  const std::string& name = record.series.name;
  if (!std::isfinite(record.value)) {
    refuse(fmt::format("metric '{}' is {}, which is no finite number", name, record.value));
  }
  if (record.series.symbol) check_name("the symbol of a metric", *record.series.symbol);
  if (record.series.labels.size() > kMostLabels) {
    refuse(fmt::format("metric '{}' has {} labels, and may have {}", name,
                       record.series.labels.size(), kMostLabels));
  }
  for (const auto& [key, value] : record.series.labels) {
    check_name(fmt::format("a label of metric '{}'", name), key);
    if (value.size() > kMostNameBytes) {
      refuse(fmt::format("label '{}' of metric '{}' has {} bytes, and may have {}", key, name,
                         value.size(), kMostNameBytes));
    }
  }
}

void check(const LogRecord& record) {
  check_name("the service of a log", record.service);
  const std::string of = fmt::format("a log of '{}'", record.service);
  check_text(fmt::format("the message of {}", of), record.message);
  check_text(fmt::format("the stack trace of {}", of), record.stack_trace);
  check_text(fmt::format("the exception of {}", of), record.exception_message);
  check_json(fmt::format("the fields of {}", of), record.fields);
}

void check(const SystemEvent& event) {
  if (event.message.empty()) refuse("an event has no message");
  check_text("the message of an event", event.message);
  check_json("the details of an event", event.details);
}

}  // namespace tapedeck
