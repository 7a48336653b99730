// LogRecord and SystemEvent: what a program says of itself, a line at a time.
#pragma once

#include "tapedeck/base/uuid.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tapedeck {

// How much a line matters; of events it is called their severity.
enum class LogLevel : uint8_t { debug, info, warning, error, critical };
std::string_view to_text(LogLevel level);
// Takes "warn" too, and either case.
std::optional<LogLevel> parse_log_level(std::string_view word);

struct LogRecord {
  Timestamp timestamp;
  LogLevel level = LogLevel::info;
  std::string service;
  std::optional<std::string> component = {};
  std::string message;
  std::optional<std::string> event = {};  // what happened, as a word for machines
  std::optional<Uuid> correlation_id = {};
  std::optional<Uuid> order_id = {};
  std::optional<std::string> symbol = {};
  std::optional<std::string> user_id = {};
  std::optional<std::string> session_id = {};
  std::optional<std::string> fields = {};  // a JSON object
  std::optional<std::string> exception_type = {};
  std::optional<std::string> exception_message = {};
  std::optional<std::string> stack_trace = {};
  std::optional<std::string> source_file = {};
  std::optional<int64_t> source_line = {};
  std::optional<std::string> source_function = {};
  bool operator==(const LogRecord&) const = default;
};

struct SystemEvent {
  Timestamp timestamp;
  LogLevel severity = LogLevel::info;
  std::string message;
  std::optional<std::string> type = {};
  std::optional<std::string> component = {};
  std::optional<std::string> details = {};  // JSON
  std::optional<Uuid> correlation_id = {};
  bool operator==(const SystemEvent&) const = default;

  // At this moment.
  static SystemEvent debug(std::string message);
  static SystemEvent info(std::string message);
  static SystemEvent warning(std::string message);
  static SystemEvent error(std::string message);
  static SystemEvent critical(std::string message);
};

}  // namespace tapedeck
