// One contract, kept over a store and in memory.
#include "tapedeck/telemetry/repositories.hpp"

#include "telemetry/log_views.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <random>

namespace tapedeck {
namespace {

using test::at_ms;
using test::check_refused;
using test::interval;
using test::TempStore;

class StoredContract {
 public:
  explicit StoredContract(const TelemetryOptions& options = {})
      : repositories_{telemetry_repositories(*store_, options)} {}
  TelemetryRepositories& operator*() { return repositories_; }

 private:
  TempStore store_;
  TelemetryRepositories repositories_;
};

class MemoryContract {
 public:
  explicit MemoryContract(const TelemetryOptions& options = {})
      : repositories_{memory_telemetry_repositories(options)} {}
  TelemetryRepositories& operator*() { return repositories_; }

 private:
  TelemetryRepositories repositories_;
};

#define TAPEDECK_BOTH StoredContract, MemoryContract

MetricRecord latency(double value, int64_t ms, const std::string& venue = "a") {
  return MetricRecord{"latency_ms", value}.with_timestamp(at_ms(ms)).add_label("venue", venue);
}

std::vector<double> values(const std::vector<MetricRecord>& records) {
  std::vector<double> result;
  for (const MetricRecord& record : records)
    result.push_back(record.value);
  return result;
}
using Values = std::vector<double>;

TEST_CASE_TEMPLATE("metrics are found newest first, and gathered", Contract, TAPEDECK_BOTH) {
  Contract contract;
  MetricsRepository& metrics = *(*contract).metrics;
  metrics.insert_metrics({latency(1, 1'000), latency(3, 3'000), latency(2, 2'000, "b")});
  metrics.insert_metric(latency(4, 3'000).with_symbol("BTC"));
  metrics.insert_metric(MetricRecord{"other", 9}.with_timestamp(at_ms(1)));
  const MetricFilter all{.name = "latency_ms"};
  CHECK(values(metrics.find(all, 10)) == Values{4, 3, 2, 1});
  CHECK(values(metrics.find(all, 2)) == Values{4, 3});
  CHECK(values(metrics.find({.name = "latency_ms", .labels = {{"venue", "b"}}}, 10)) == Values{2});
  CHECK(values(metrics.find({.name = "latency_ms", .symbol = "BTC"}, 10)) == Values{4});
  CHECK(values(metrics.find({.name = "latency_ms", .range = {at_ms(1'000), at_ms(3'000)}}, 10)) ==
        Values{2, 1});
  CHECK(metrics.find({.name = "nothing"}, 10).empty());
  CHECK(values(metrics.find_current("latency_ms")) == Values{3, 2, 4});
  CHECK(metrics.find_current({}).size() == 4);
  CHECK(metrics.aggregate(all, interval("1s"), Aggregation::sum) ==
        std::vector<AggregatedMetric>{
            {at_ms(1'000), 1.0, 1}, {at_ms(2'000), 2.0, 1}, {at_ms(3'000), 7.0, 2}});
  CHECK(metrics.aggregate(all, interval("1m"), Aggregation::last)[0].value == 4);
  check_refused(ErrorCode::invalid_argument, {"'latency_ms'", "no finite number"}, [&] {
    metrics.insert_metrics({latency(5, 1), latency(std::numeric_limits<double>::infinity(), 1)});
  });
  CHECK(metrics.find(all, 10).size() == 4);
}

TEST_CASE_TEMPLATE("equal metrics follow the rule", Contract, TAPEDECK_BOTH) {
  for (const auto& [rule, expected] : {std::pair{EqualMetrics::keep, Values{3, 2, 1}},
                                       std::pair{EqualMetrics::last_wins, Values{3}},
                                       std::pair{EqualMetrics::reject, Values{1}}}) {
    Contract contract{TelemetryOptions{.duplicates = rule}};
    MetricsRepository& metrics = *(*contract).metrics;
    metrics.insert_metrics({latency(1, 7), latency(2, 7)});
    metrics.insert_metric(latency(3, 7));
    CHECK(values(metrics.find({.name = "latency_ms"}, 10)) == expected);
  }
}

TEST_CASE_TEMPLATE("logs are found by what they say", Contract, TAPEDECK_BOTH) {
  Contract contract;
  LogRepository& logs = *(*contract).logs;
  const Uuid id = named_uuid("trace");
  logs.insert({{.timestamp = at_ms(1),
                .level = LogLevel::warning,
                .service = "feed",
                .component = "ws",
                .message = "Reconnected",
                .correlation_id = id},
               {.timestamp = at_ms(3), .service = "feed", .message = "up", .symbol = "BTC"},
               {.timestamp = at_ms(3), .service = "desk", .message = "late", .source_line = 7}});
  const auto messages = [](const std::vector<LogRecord>& records) {
    std::vector<std::string> result;
    for (const LogRecord& record : records)
      result.push_back(record.message);
    return result;
  };
  using Messages = std::vector<std::string>;
  CHECK(messages(logs.find({})) == Messages{"late", "up", "Reconnected"});
  CHECK(messages(logs.find({.at_least = LogLevel::warning})) == Messages{"Reconnected"});
  CHECK(messages(logs.find({.service = "feed", .limit = 1})) == Messages{"up"});
  CHECK(messages(logs.find({.text = "CONNECT"})) == Messages{"Reconnected"});
  CHECK(messages(logs.find({.correlation_id = id})) == Messages{"Reconnected"});
  CHECK(messages(logs.find({.component = "x"})).empty());
  CHECK(messages(logs.find({.range = {at_ms(2), at_ms(4)}})) == Messages{"late", "up"});
  const auto all = [&](QueryFilter filter) { return messages(logs.find_all(filter)); };
  CHECK(all({}) == Messages{"late", "up", "Reconnected"});
  CHECK(all({.conditions = {{"message", Comparison::like, {"%e%"}}}, .order = {{"message"}}}) ==
        Messages{"Reconnected", "late"});
  CHECK(all({.conditions = {{"source_line", Comparison::at_least, {7}}}}) == Messages{"late"});
  CHECK(all({.conditions = {{"correlation_id", Comparison::equal, {to_text(id)}}}}) ==
        Messages{"Reconnected"});
  CHECK(all({.order = {{"symbol"}}, .limit = 2}) == Messages{"up", "late"});
  check_refused(ErrorCode::not_found, {"'main.application_logs' has no column 'context'"}, [&] {
    all({.conditions = {{"context", Comparison::is_null, {}}}});
  });
  check_refused(ErrorCode::invalid_argument, {"the service of a log is empty"},
                [&] { logs.insert(LogRecord{.message = "x"}); });
  check_refused(ErrorCode::invalid_argument, {"no JSON"},
                [&] { logs.insert(LogRecord{.service = "a", .message = "x", .fields = "{"}); });
  CHECK(all({}).size() == 3);
}

TEST_CASE_TEMPLATE("events are found by what they are", Contract, TAPEDECK_BOTH) {
  Contract contract;
  EventRepository& events = *(*contract).events;
  const SystemEvent up{.timestamp = at_ms(1), .message = "up", .type = "start"};
  const SystemEvent down{.timestamp = at_ms(2),
                         .severity = LogLevel::critical,
                         .message = "Down",
                         .type = "stop",
                         .details = R"({"code":1})"};
  events.insert(up);
  events.insert(down);
  CHECK(events.find({}) == std::vector{down, up});
  CHECK(events.find({.at_least = LogLevel::error}) == std::vector{down});
  CHECK(events.find({.type = "start"}) == std::vector{up});
  CHECK(events.find({.text = "down"}) == std::vector{down});
  CHECK(events.find_all({.order = {{"timestamp"}}}) == std::vector{up, down});
  CHECK(events.find_all({.conditions = {{"severity", Comparison::equal, {"critical"}}}}) ==
        std::vector{down});
  CHECK(events.find_all({.conditions = {{"details", Comparison::is_null, {}}}}) == std::vector{up});
  check_refused(ErrorCode::not_found, {"'main.system_events'", "did you mean 'severity'?"},
                [&] { events.find_all({.order = {{"severty"}}}); });
  check_refused(ErrorCode::invalid_argument, {"no message"}, [&] { events.insert({}); });
}

TEST_CASE("a store that was opened for reading has no repositories of telemetry") {
  TempStore store;
  store.reopen(OpenMode::read);
  check_refused(ErrorCode::read_only, {"for reading only"},
                [&] { telemetry_repositories(*store); });
}

TEST_CASE("random questions about logs have one answer, stored and in memory") {
  std::mt19937_64 random{3};
  const auto below = [&](int64_t n) {
    return std::uniform_int_distribution<int64_t>{0, n - 1}(random);
  };
  StoredContract stored;
  MemoryContract memory;
  std::vector<LogRecord> records;
  for (int i = 0; i < 200; ++i) {
    LogRecord& record = records.emplace_back();
    record.timestamp = at_ms(below(20));
    record.level = static_cast<LogLevel>(below(5));
    record.service = below(2) == 0 ? "feed" : "desk";
    record.message = "message " + std::to_string(below(9));
    if (below(2) == 0) record.symbol = "S" + std::to_string(below(3));
    if (below(2) == 0) record.source_line = below(4);
    if (below(2) == 0) record.order_id = named_uuid(std::to_string(below(3)));
  }
  (*stored).logs->insert(records);
  (*memory).logs->insert(records);
  for (const ViewColumn& column : log_view().shape().columns) {
    for (const Comparison comparison : {Comparison::is_null, Comparison::is_not_null}) {
      CAPTURE(column.name);
      const QueryFilter filter{.conditions = {{column.name, comparison, {}}},
                               .order = {{column.name, static_cast<SortOrder>(below(2))}},
                               .limit = below(200),
                               .offset = below(20)};
      CHECK((*stored).logs->find_all(filter) == (*memory).logs->find_all(filter));
    }
  }
}

}  // namespace
}  // namespace tapedeck
