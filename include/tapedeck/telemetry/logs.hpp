// Logs and events as they are asked for. Everything acknowledged before a call is in its answer.
#pragma once

#include "tapedeck/market/log_record.hpp"
#include "tapedeck/store/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tapedeck {

constexpr int64_t kLogLimit = 1'000;  // rows of an answer, unless another is asked for

// What is absent is not asked for.
struct LogFilter {
  std::optional<LogLevel> at_least = {};
  std::optional<std::string> service = {};
  std::optional<std::string> component = {};
  std::optional<Uuid> correlation_id = {};
  std::optional<std::string> text = {};  // in the message, in either case
  TimeRange range = {};
  int64_t limit = kLogLimit;
};
// Newest first.
std::vector<LogRecord> logs(const Store& store, const LogFilter& filter = {});

struct EventFilter {
  std::optional<LogLevel> at_least = {};
  std::optional<std::string> type = {};
  std::optional<std::string> component = {};
  std::optional<Uuid> correlation_id = {};
  std::optional<std::string> text = {};  // in the message, in either case
  TimeRange range = {};
  int64_t limit = kLogLimit;
};
// Newest first.
std::vector<SystemEvent> events(const Store& store, const EventFilter& filter = {});

}  // namespace tapedeck
