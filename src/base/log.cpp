#include "base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>
#include <string>

namespace tapedeck::log {
namespace {

spdlog::level::level_enum level_from_environment() {
  const char* text = std::getenv("TAPEDECK_LOG");
  if (text == nullptr) text = std::getenv("RUST_LOG");
  return text == nullptr ? spdlog::level::warn : spdlog::level::from_str(text);
}

spdlog::logger& logger() {
  static const std::unique_ptr<spdlog::logger> instance = [] {
    auto made = std::make_unique<spdlog::logger>("tapedeck",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    made->set_level(level_from_environment());
    return made;
  }();
  return *instance;
}

}  // namespace

void write(Level level, std::string_view message) {
  switch (level) {
    case Level::debug: logger().debug(message); break;
    case Level::info: logger().info(message); break;
    case Level::warn: logger().warn(message); break;
    case Level::error: logger().error(message); break;
  }
}

}  // namespace tapedeck::log
