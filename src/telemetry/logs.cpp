#include "tapedeck/telemetry/logs.hpp"

#include "store/conditions.hpp"
#include "store/core.hpp"
#include "store/live_tape.hpp"
#include "store/log_rows.hpp"
#include "store/observed.hpp"

#include <fmt/format.h>

#include <array>

namespace tapedeck {
namespace {

StoreCore::ReaderLease settled_reader(const Store& store) {
  if (store.core().mode() != OpenMode::read) store.core().live_tape().flush();
  return store.core().borrow_reader();
}

// `column` holds the word of a level, which is at least this one. The words are ours.
void add_level(Conditions& conditions, std::string_view column, std::optional<LogLevel> at_least) {
  if (!at_least) return;
  std::string words;
  for (auto level = static_cast<uint8_t>(*at_least);
       level <= static_cast<uint8_t>(LogLevel::critical); ++level) {
    words +=
        fmt::format("{}'{}'", words.empty() ? "" : ", ", to_text(static_cast<LogLevel>(level)));
  }
  conditions.add_text(fmt::format("{} IN ({})", column, words));
}

template <typename Filter>
void add_shared(Conditions& conditions, const Filter& filter) {
  conditions.add("component = ?", filter.component);
  conditions.add("correlation_id = ?", filter.correlation_id);
  conditions.add("contains(lower(message), lower(?))", filter.text);
  conditions.add_range("\"timestamp\"", filter.range);
}

std::string newest_first(const Conditions& conditions, std::string_view id, int64_t limit) {
  return fmt::format("{} ORDER BY \"timestamp\" DESC, {} DESC LIMIT {}", conditions.where(), id,
                     limit);
}

}  // namespace

std::vector<LogRecord> logs(const Store& store, const LogFilter& filter) {
  return observed(store.core().observer(), "logs", {}, [&]() -> std::vector<LogRecord> {
    Conditions conditions;
    add_level(conditions, "level", filter.at_least);
    conditions.add("service = ?", filter.service);
    add_shared(conditions, filter);
    const auto reader = settled_reader(store);
    return read_logs(*reader, newest_first(conditions, "log_id", filter.limit),
                     [&](duck::Statement& s) { conditions.bind(s); });
  });
}

std::vector<SystemEvent> events(const Store& store, const EventFilter& filter) {
  return observed(store.core().observer(), "events", {}, [&]() -> std::vector<SystemEvent> {
    Conditions conditions;
    add_level(conditions, "severity", filter.at_least);
    conditions.add("event_type = ?", filter.type);
    add_shared(conditions, filter);
    const auto reader = settled_reader(store);
    return read_events(*reader, newest_first(conditions, "event_id", filter.limit),
                       [&](duck::Statement& s) { conditions.bind(s); });
  });
}

}  // namespace tapedeck
