#include "tape/telemetry_payload.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

template <typename Rows>
Rows again(const Rows& rows) {
  const FrameContent content{rows};
  const auto read = read_payload(
      {.kind = kind_of(content), .count = rows_of(content), .payload = to_payload(content)});
  REQUIRE(read.has_value());
  return std::get<Rows>(*read);
}

TEST_CASE("metrics come back with their series, quantiles and ids") {
  const MetricRows rows{
      .source = "api",
      .duplicates = EqualMetrics::last_wins,
      .series = {{.name = "latency", .labels = {{"venue", "alpaca"}, {"a", ""}}},
                 {.name = "queue", .type = MetricType::histogram, .symbol = "BTC/USD"}},
      .series_of = {1, 0, 1},
      .timestamps = {3, 1, 2},
      .values = {42.5, -0.0, 1e300},
      .quantiles = {{0, {.p50 = 1, .p95 = 2, .p99 = 3, .p999 = 4}}},
      .correlation_ids = {{2, named_uuid("one")}}};
  const MetricRows read = again(rows);
  CHECK(read.duplicates == rows.duplicates);
  CHECK(read.series == rows.series);
  CHECK(read.series_of == rows.series_of);
  CHECK(read.timestamps == rows.timestamps);
  CHECK(read.values == rows.values);
  CHECK(read.quantiles == rows.quantiles);
  CHECK(read.correlation_ids == rows.correlation_ids);
}

TEST_CASE("a metric of a series that is not there is refused") {
  const FrameContent content{MetricRows{.series_of = {0}, .timestamps = {1}, .values = {1}}};
  CHECK_FALSE(
      read_payload({.kind = FrameKind::metrics, .count = 1, .payload = to_payload(content)}));
}

TEST_CASE("logs and events come back as they were given") {
  LogRecord full{.timestamp = from_epoch_ns(1),
                 .level = LogLevel::critical,
                 .service = "execution_engine",
                 .component = "router",
                 .message = std::string(100'000, 'x'),
                 .event = "order_lost",
                 .correlation_id = named_uuid("c"),
                 .order_id = named_uuid("o"),
                 .symbol = "AAPL",
                 .user_id = "u",
                 .session_id = "s",
                 .fields = "{}",
                 .exception_type = "std::bad_alloc",
                 .exception_message = "no memory",
                 .stack_trace = "at main\n",
                 .source_file = "main.cpp",
                 .source_line = 7,
                 .source_function = "main"};
  const LogRows logs = again(LogRows{.source = "api", .rows = {full, LogRecord{}}});
  REQUIRE(logs.rows.size() == 2);
  CHECK(logs.rows[0] == full);
  CHECK(logs.rows[1] == LogRecord{});
  const SystemEvent event{.timestamp = from_epoch_ns(2),
                          .severity = LogLevel::warning,
                          .message = "High latency",
                          .type = "latency",
                          .component = "feed",
                          .details = "[1]",
                          .correlation_id = named_uuid("c")};
  const EventRows events = again(EventRows{.rows = {event, SystemEvent{}}});
  REQUIRE(events.rows.size() == 2);
  CHECK(events.rows[0] == event);
  CHECK(events.rows[1] == SystemEvent{});
}

}  // namespace
}  // namespace tapedeck
