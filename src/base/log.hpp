// The log: one line an event on stderr, level from TAPEDECK_LOG (or RUST_LOG): trace, debug, info,
// warn, error, off. Default: warn, so that a command's own words stand alone.
#pragma once

#include <fmt/format.h>

#include <string_view>

namespace tapedeck::log {

enum class Level { debug, info, warn, error };
void write(Level level, std::string_view message);

template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::warn, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace tapedeck::log
