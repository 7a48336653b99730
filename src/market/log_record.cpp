#include "tapedeck/market/log_record.hpp"

#include "base/clock.hpp"
#include "market/words.hpp"

#include <utility>

namespace tapedeck {
namespace {

constexpr std::array<Word<LogLevel>, 6> kLevels{{{"debug", LogLevel::debug},
                                                 {"info", LogLevel::info},
                                                 {"warning", LogLevel::warning},
                                                 {"error", LogLevel::error},
                                                 {"critical", LogLevel::critical},
                                                 {"warn", LogLevel::warning}}};

SystemEvent event_of(LogLevel severity, std::string message) {
  return {.timestamp = from_epoch_ns(now_epoch_ns()),
          .severity = severity,
          .message = std::move(message)};
}

}  // namespace

std::string_view to_text(LogLevel level) {
  return word_of(kLevels, level);
}

std::optional<LogLevel> parse_log_level(std::string_view word) {
  return find_by_word(kLevels, word);
}

SystemEvent SystemEvent::debug(std::string message) {
  return event_of(LogLevel::debug, std::move(message));
}
SystemEvent SystemEvent::info(std::string message) {
  return event_of(LogLevel::info, std::move(message));
}
SystemEvent SystemEvent::warning(std::string message) {
  return event_of(LogLevel::warning, std::move(message));
}
SystemEvent SystemEvent::error(std::string message) {
  return event_of(LogLevel::error, std::move(message));
}
SystemEvent SystemEvent::critical(std::string message) {
  return event_of(LogLevel::critical, std::move(message));
}

}  // namespace tapedeck
