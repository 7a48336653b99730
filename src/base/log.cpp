#include "base/log.hpp"

#include "tapedeck/base/error.hpp"

#include <spdlog/sinks/dist_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
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
  if (text == nullptr) return spdlog::level::warn;
  const auto level = spdlog::level::from_str(text);  // off for what it does not know
  return level == spdlog::level::off && std::string_view{text} != "off" ? spdlog::level::warn
                                                                        : level;
}

spdlog::sink_ptr open_file(const std::string& path, size_t most_bytes) {
  try {
    return std::make_shared<spdlog::sinks::rotating_file_sink_mt>(path, most_bytes, 1);
  } catch (const spdlog::spdlog_ex& error) {
    throw Error{ErrorCode::io, fmt::format("cannot write the log to '{}': {}", path, error.what())};
  }
}

// Where lines go, and the logger over it.
struct Log {
  Log() {
    sinks->add_sink(std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger.set_level(level_from_environment());
    logger.flush_on(spdlog::level::trace);
    set_pattern();
    const char* const file = std::getenv("TAPEDECK_LOG_FILE");
    if (file == nullptr || *file == '\0') return;
    try {
      add(open_file(file, kFileBytes));
    } catch (const Error& error) {
      logger.warn("{}; it goes to standard error alone", error.what());
    }
  }

  void add(const spdlog::sink_ptr& sink) {
    sinks->add_sink(sink);
    set_pattern();
  }
  void set_pattern() {
    logger.set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  }

  std::shared_ptr<spdlog::sinks::dist_sink_mt> sinks =
      std::make_shared<spdlog::sinks::dist_sink_mt>();
  spdlog::logger logger{"tapedeck", sinks};
};

Log& the_log() {
  static Log log;
  return log;
}

}  // namespace

File::File(const std::string& path, size_t most_bytes) {
  const spdlog::sink_ptr sink = open_file(path, most_bytes);
  the_log().add(sink);
  sink_ = sink;
}

File::~File() {
  the_log().sinks->remove_sink(std::static_pointer_cast<spdlog::sinks::sink>(sink_));
}

bool is_written(Level level) {
  switch (level) {
    case Level::debug: return the_log().logger.should_log(spdlog::level::debug);
    case Level::info: return the_log().logger.should_log(spdlog::level::info);
    case Level::warn: return the_log().logger.should_log(spdlog::level::warn);
    case Level::error: return the_log().logger.should_log(spdlog::level::err);
  }
  return true;
}

void write(Level level, std::string_view message) {
  spdlog::logger& logger = the_log().logger;
  switch (level) {
    case Level::debug: logger.debug(message); break;
    case Level::info: logger.info(message); break;
    case Level::warn: logger.warn(message); break;
    case Level::error: logger.error(message); break;
  }
}

}  // namespace tapedeck::log
