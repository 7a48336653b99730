#include "tapedeck/market/log_record.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

TEST_CASE("levels are read in either case, and warn is a warning") {
  CHECK(parse_log_level("WARN") == LogLevel::warning);
  CHECK(parse_log_level("Critical") == LogLevel::critical);
  CHECK(to_text(LogLevel::warning) == "warning");
  CHECK_FALSE(parse_log_level("fatal"));
}

TEST_CASE("an event is made with its severity, at this moment") {
  const SystemEvent event = SystemEvent::warning("High latency");
  CHECK(event.severity == LogLevel::warning);
  CHECK(event.message == "High latency");
  CHECK(event.timestamp > from_epoch_ns(1'600'000'000'000'000'000));
  CHECK(SystemEvent::critical("x").severity == LogLevel::critical);
  CHECK(SystemEvent::error("x").severity == LogLevel::error);
  CHECK(SystemEvent::info("x").severity == LogLevel::info);
  CHECK(SystemEvent::debug("x").severity == LogLevel::debug);
}

}  // namespace
}  // namespace tapedeck
