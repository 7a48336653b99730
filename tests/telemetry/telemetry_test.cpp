#include "tapedeck/telemetry/telemetry.hpp"

#include "sql_rows.hpp"
#include "tapedeck/telemetry/logs.hpp"
#include "tapedeck/telemetry/metrics.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace tapedeck {
namespace {

using test::at_ms;
using test::check_refused;
using test::sql_line;
using test::TempStore;

MetricRecord metric(const std::string& name, double value, int64_t ms) {
  return MetricRecord(name, value).with_timestamp(at_ms(ms));
}

TEST_CASE("metrics are stored with symbol, labels and quantiles, under every name") {
  TempStore store;
  Telemetry telemetry{*store};
  telemetry
      .insert_metric(metric("order_latency_ms", 42.5, 1'000)
                         .with_symbol("BTC/USD")
                         .add_label("venue", "alpaca")
                         .add_label("service", "execution_engine"))
      .get();
  telemetry
      .insert_metric(metric("queue", 3, 2'000)
                         .with_quantiles({.p50 = 1, .p95 = 2, .p99 = 3, .p999 = 4})
                         .with_correlation_id(named_uuid("one")))
      .get();
  telemetry.flush();
  CHECK(sql_line(*store,
                 "SELECT metric_name, metric_type, value, symbol, labels['venue'], "
                 "labels_key FROM metrics ORDER BY metric_id LIMIT 1") ==
        "order_latency_ms gauge 42.5 BTC/USD alpaca service=execution_engine,venue=alpaca");
  CHECK(sql_line(*store, "SELECT * FROM pyrt.trading_metrics LIMIT 1") ==
        "1970-01-01T00:00:01Z order_latency_ms 42.5 BTC/USD "
        "{\"service\":\"execution_engine\",\"venue\":\"alpaca\"}");
  CHECK(sql_line(*store,
                 "SELECT labels.service, labels.component FROM "
                 "dreammaker.system_metrics ORDER BY metric_id LIMIT 1") ==
        "execution_engine NULL");
  CHECK(sql_line(*store,
                 "SELECT metric_type, quantiles.p99, quantiles.p999 FROM system_metrics "
                 "WHERE metric_name = 'queue'") == "histogram 3 4");
}

TEST_CASE("a metric comes back as it was given, its labels and quantiles as structs too") {
  TempStore store;
  const MetricRecord given = metric("request_ms", 17.25, 5)
                                 .with_quantiles({.p50 = 1.5, .p95 = 2.5, .p99 = 3.5, .p999 = 4.5})
                                 .with_symbol("BTC/USD")
                                 .with_correlation_id(named_uuid("one"))
                                 .add_label("service", "router")
                                 .add_label("component", "risk")
                                 .add_label("environment", "test")
                                 .add_label("instance", "a-1")
                                 .add_label("zone", "it's; {\"}");
  Telemetry{*store}.insert_metric(given).get();
  CHECK(metrics(*store, {.name = "request_ms"}) == std::vector{given});
  store.reopen(OpenMode::read);
  CHECK(metrics(*store, {.name = "request_ms"}) == std::vector{given});
  CHECK(sql_line(*store,
                 "SELECT labels.service, labels.component, labels.environment, labels.instance, "
                 "quantiles.p50, quantiles.p95, quantiles.p99, quantiles.p999 FROM "
                 "dreammaker.system_metrics") == "router risk test a-1 1.5 2.5 3.5 4.5");
}

TEST_CASE("equal metrics are kept, replaced or left out, as the writer says") {
  const struct {
    EqualMetrics rule;
    const char* values;
  } cases[]{
      {EqualMetrics::keep, "1 2 3 4"}, {EqualMetrics::last_wins, "4"}, {EqualMetrics::reject, "1"}};
  for (const auto& one : cases) {
    CAPTURE(to_text(one.rule));
    TempStore store;
    Telemetry telemetry{*store, {.duplicates = one.rule}};
    telemetry.insert_metrics({metric("x", 1, 5), metric("x", 2, 5)}).get();
    telemetry.flush();
    telemetry.insert_metrics({metric("x", 3, 5), metric("x", 4, 5)}).get();
    telemetry.flush();
    CHECK(sql_line(*store,
                   "SELECT string_agg(CAST(value AS INTEGER)::VARCHAR, ' ' ORDER BY "
                   "metric_id) FROM metrics") == one.values);
  }
}

TEST_CASE("what is acknowledged is there after the store is opened again, once") {
  TempStore store;
  {
    Telemetry telemetry{*store};
    for (int i = 0; i < 100; ++i)
      telemetry.insert_metric(metric("x", i, i).add_label("n", std::to_string(i % 3))).get();
    telemetry.log({.timestamp = at_ms(1), .service = "feed", .message = "started"}).get();
    telemetry.log_event(SystemEvent::warning("High latency")).get();
  }
  store.reopen(OpenMode::write);
  CHECK(sql_line(*store, "SELECT count(*), count(DISTINCT labels_key) FROM metrics") == "100 3");
  CHECK(sql_line(*store, "SELECT message FROM application_logs") == "started");
  CHECK(sql_line(*store, "SELECT event_id, severity, message FROM system_events") ==
        "1 warning High latency");
  Telemetry telemetry{*store};
  telemetry.insert_metric(metric("x", 7, 500).add_label("n", "2")).get();
  telemetry.flush();
  CHECK(sql_line(*store, "SELECT count(*) FROM telemetry.series") == "3");
  CHECK(sql_line(*store, "SELECT count(DISTINCT metric_id) FROM metrics") == "101");
}

TEST_CASE("what is no metric or log is refused with its name") {
  TempStore store;
  Telemetry telemetry{*store};
  const auto refused = [&](std::initializer_list<std::string_view> words, const MetricRecord& m) {
    check_refused(ErrorCode::invalid_argument, words, [&] { telemetry.insert_metric(m); });
  };
  refused({"the name of a metric is empty"}, metric("", 1, 1));
  refused({"300 bytes", "may have 255"}, metric(std::string(300, 'n'), 1, 1));
  refused({"metric 'x' is nan"}, metric("x", std::numeric_limits<double>::quiet_NaN(), 1));
  refused({"metric 'x' is -inf"}, metric("x", -std::numeric_limits<double>::infinity(), 1));
  MetricRecord many = metric("x", 1, 1);
  for (int i = 0; i < 65; ++i)
    many.add_label("k" + std::to_string(i), "v");
  refused({"has 65 labels, and may have 64"}, many);
  refused({"label 'k' of metric 'x' has 256 bytes"},
          metric("x", 1, 1).add_label("k", std::string(256, 'v')));
  check_refused(ErrorCode::invalid_argument, {"10485760 bytes", "may have 1048576", "'feed'"}, [&] {
    telemetry.log(
        {.timestamp = at_ms(1), .service = "feed", .message = std::string(size_t{10} << 20, 'x')});
  });
  check_refused(ErrorCode::invalid_argument, {"fields of a log of 'feed' are no JSON: {"}, [&] {
    telemetry.log({.timestamp = at_ms(1), .service = "feed", .message = "m", .fields = "{\"a\""});
  });
  check_refused(ErrorCode::invalid_argument, {"service of a log is empty"},
                [&] { telemetry.log({.timestamp = at_ms(1), .service = "", .message = "m"}); });
  store.reopen(OpenMode::read);
  check_refused(ErrorCode::read_only, {"reading only"}, [&] { Telemetry{*store}; });
}

TEST_CASE("labels by the thousand meet a limit that names the label") {
  Store store{":memory:"};
  Telemetry telemetry{store};
  std::vector<MetricRecord> records;
  for (int i = 0; i < 10'000; ++i)
    records.push_back(
        metric("fill", 1, i).add_label("venue", "a").add_label("order_id", std::to_string(i)));
  telemetry.insert_metrics(records).get();
  check_refused(ErrorCode::invalid_argument,
                {"metric 'fill'", "one series too many", "'order_id' has 10000 values"}, [&] {
                  telemetry.insert_metric(metric("fill", 1, 1).add_label("order_id", "another"));
                });
  telemetry.insert_metric(metric("other", 1, 1)).get();  // goes on
  telemetry.insert_metric(records[77]).get();
}

TEST_CASE("logs are found by level, service, correlation id, text and time") {
  TempStore store;
  Telemetry telemetry{*store};
  const Uuid id = named_uuid("order 1");
  telemetry
      .log(
          {{.timestamp = at_ms(1), .level = LogLevel::debug, .service = "feed", .message = "a"},
           {.timestamp = at_ms(2),
            .level = LogLevel::error,
            .service = "router",
            .component = "risk",
            .message = "Order REFUSED; 100%",
            .correlation_id = id,
            .order_id = named_uuid("o"),
            .fields = R"({"limit":10})",
            .exception_type = "std::runtime_error",
            .source_file = "risk.cpp",
            .source_line = 7},
           {.timestamp = at_ms(3), .level = LogLevel::critical, .service = "feed", .message = "c"}})
      .get();
  const auto messages = [&](const LogFilter& filter) {
    std::string all;
    for (const LogRecord& record : logs(*store, filter))
      all += record.message + "|";
    return all;
  };
  CHECK(messages({}) == "c|Order REFUSED; 100%|a|");
  CHECK(messages({.at_least = LogLevel::error}) == "c|Order REFUSED; 100%|");
  CHECK(messages({.service = "feed"}) == "c|a|");
  CHECK(messages({.correlation_id = id}) == "Order REFUSED; 100%|");
  CHECK(messages({.text = "order refused"}) == "Order REFUSED; 100%|");
  CHECK(messages({.text = "%"}) == "Order REFUSED; 100%|");  // no pattern
  CHECK(messages({.text = "'"}).empty());
  CHECK(messages({.range = {at_ms(1), at_ms(3)}}) == "Order REFUSED; 100%|a|");
  CHECK(messages({.limit = 1}) == "c|");
  CHECK(sql_line(*store,
                 "SELECT context.order_id IS NOT NULL, data->>'limit', exception.type, "
                 "source.line, correlation_id = context.correlation_id FROM "
                 "dreammaker.application_logs WHERE level = 'error'") ==
        "true 10 std::runtime_error 7 true");
}

TEST_CASE("events are found by severity, type and text") {
  TempStore store;
  Telemetry telemetry{*store};
  SystemEvent event = SystemEvent::critical("disk nearly full");
  event.type = "storage";
  event.details = R"({"free_mb":12})";
  telemetry.log_event(event).get();
  telemetry.log_event(SystemEvent::info("started")).get();
  CHECK(events(*store).size() == 2);
  REQUIRE(events(*store, {.at_least = LogLevel::error}).size() == 1);
  CHECK(events(*store, {.type = "storage"})[0].details == event.details);
  CHECK(events(*store, {.text = "NEARLY"})[0].message == "disk nearly full");
  CHECK(events(*store, {.at_least = LogLevel::critical, .text = "started"}).empty());
  check_refused(ErrorCode::invalid_argument, {"an event has no message"},
                [&] { telemetry.log_event(SystemEvent::info("")); });
}

}  // namespace
}  // namespace tapedeck
