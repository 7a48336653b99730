// The log: one line an event on stderr, level from TAPEDECK_LOG (or RUST_LOG): trace, debug, info,
// warn, error, off. Default: warn, so that a command's own words stand alone. TAPEDECK_LOG_FILE
// names a file that gets the lines too.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace tapedeck::log {

constexpr size_t kFileBytes = size_t{16} << 20;

// A file that gets the lines too, as long as this lives. When it is full it becomes `name.1.log`,
// in the place of the one before it, and begins anew. Error{io}.
class File {
 public:
  explicit File(const std::string& path, size_t most_bytes = kFileBytes);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

 private:
  std::shared_ptr<void> sink_;
};

enum class Level { debug, info, warn, error };
// Whether such a line goes anywhere.
bool is_written(Level level);
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
