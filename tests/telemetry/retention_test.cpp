#include "tapedeck/telemetry/retention.hpp"

#include "sql_rows.hpp"
#include "tapedeck/ledger/performance.hpp"
#include "tapedeck/telemetry/logs.hpp"
#include "tapedeck/telemetry/metrics.hpp"
#include "tapedeck/telemetry/telemetry.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace tapedeck {
namespace {

using test::at;
using test::at_ms;
using test::check_refused;
using test::sql_line;
using test::TempStore;

constexpr int64_t kHour = 3'600'000;

MetricRecord metric(double value, Timestamp time) {
  return MetricRecord("latency", value).with_timestamp(time);
}

LogRecord line(LogLevel level, Timestamp time, std::string message) {
  return {.timestamp = time, .level = level, .service = "router", .message = std::move(message)};
}

SystemEvent event(Timestamp time) {
  SystemEvent made = SystemEvent::info("restarted");
  made.timestamp = time;
  return made;
}

TEST_CASE("before metrics are deleted, their minutes and hours are kept") {
  TempStore store;
  Telemetry telemetry{*store};
  std::vector<MetricRecord> records;
  for (int64_t second = 0; second < 7'200; second += 30)
    records.push_back(metric(static_cast<double>(second), at_ms(second * 1'000)));
  telemetry.insert_metrics(records).get();
  const TelemetryRetention retention{.metrics_before = at_ms(kHour + kHour / 2),
                                     .rollups_before = at_ms(0)};
  const RetentionResult first = apply_retention(*store, retention);
  CHECK(first.buckets_rolled_up == 61);
  CHECK(first.metrics_deleted == 120);
  CHECK(sql_line(*store,
                 "SELECT count, sum, min, max, avg, p50, is_approximate FROM "
                 "metrics_rollup WHERE interval = '1h'") == "120 214200 0 3570 1785 1770 false");
  const RetentionResult second = apply_retention(*store, retention);
  CHECK(second.buckets_rolled_up == 0);
  CHECK(second.metrics_deleted == 0);
  // A late value joins its minute, which says so.
  telemetry.insert_metric(metric(1'000'000, at_ms(0))).get();
  apply_retention(*store, retention);
  CHECK(sql_line(*store,
                 "SELECT count, max, is_approximate FROM metrics_rollup WHERE interval = "
                 "'1m' ORDER BY bucket LIMIT 1") == "3 1000000 true");
  CHECK(apply_retention(*store, {.rollups_before = at_ms(kHour)}).rollups_deleted == 63);
}

TEST_CASE("a metric whose values were all deleted has no newest one, also after opening again") {
  TempStore store;
  Telemetry telemetry{*store};
  telemetry.insert_metrics({metric(1, at_ms(0)), metric(2, at_ms(2 * kHour))}).get();
  telemetry.insert_metric(MetricRecord("idle", 3).with_timestamp(at_ms(5))).get();
  apply_retention(*store, {.metrics_before = at_ms(kHour)});
  const auto names = [&] {
    std::string text;
    for (const MetricRecord& record : current_metrics(*store, {}))
      text += record.series.name + " ";
    return text;
  };
  CHECK(names() == "latency ");
  store.reopen(OpenMode::write);
  CHECK(names() == "latency ");
}

TEST_CASE("seven days of metrics and logs, ninety of rollups, a year of events") {
  const Timestamp now = at("2026-11-21");
  const TelemetryRetention usual = usual_retention(now);
  CHECK(usual.metrics_before == at("2026-11-14"));
  CHECK(usual.logs_before == at("2026-11-14"));
  CHECK(usual.rollups_before == at("2026-08-23"));
  CHECK(usual.events_before == at("2025-11-21"));
  CHECK(usual.performance_before == at("2025-11-21"));
  CHECK(usual.archived_logs == LogLevel::error);

  TempStore store;
  Telemetry telemetry{*store};
  for (const int days : {0, 8, 91, 366}) {
    const Timestamp then = now - std::chrono::days{days};
    telemetry.insert_metric(metric(days, then)).get();
    telemetry.log(line(LogLevel::info, then, "ready")).get();
    telemetry.log_event(event(then)).get();
    keep_performance(*store, {{PerformanceSummary{.period_start = then, .period_end = then}}},
                     then);
  }
  const RetentionResult done = apply_retention(*store, usual);
  CHECK(done.metrics_deleted == 3);
  CHECK(done.logs_deleted == 3);
  CHECK(done.logs_archived == 0);
  CHECK(done.events_deleted == 1);
  CHECK(done.performance_deleted == 1);
  CHECK(done.buckets_rolled_up == 6);
  CHECK(done.rollups_deleted == 4);  // of those
  CHECK(sql_line(*store, "SELECT count(*) FROM metrics_rollup") == "2");
}

TEST_CASE("errors are written to a Parquet file before their logs are deleted") {
  TempStore store;
  Telemetry telemetry{*store};
  telemetry
      .log({line(LogLevel::info, at_ms(1), "ready"), line(LogLevel::error, at_ms(2), "cut"),
            line(LogLevel::critical, at_ms(3), "dark"),
            line(LogLevel::error, at_ms(kHour), "cut again")})
      .get();
  const TelemetryRetention retention{.logs_before = at_ms(kHour)};
  const RetentionResult done = apply_retention(*store, retention);
  CHECK(done.logs_deleted == 3);
  CHECK(done.logs_archived == 2);
  REQUIRE(done.log_file);
  CHECK(done.log_file->parent_path() == store->path() / "archive" / "logs");
  CHECK(sql_line(*store, fmt::format("SELECT string_agg(level || ' ' || message, ', ' ORDER BY "
                                     "log_id) FROM '{}'",
                                     done.log_file->string())) == "error cut, critical dark");
  CHECK(logs(*store).size() == 1);
  const RetentionResult again = apply_retention(*store, retention);
  CHECK(again.logs_deleted == 0);
  CHECK_FALSE(again.log_file);
}

TEST_CASE("each call has a file of its own, also when ids begin anew") {
  TempStore store;
  Telemetry telemetry{*store};
  for (int round = 0; round < 2; ++round) {
    telemetry.log(line(LogLevel::error, at_ms(2), fmt::format("cut {}", round))).get();
    CHECK(apply_retention(*store, {.logs_before = at_ms(kHour)}).logs_archived == 1);
  }
  const std::string files = (store->path() / "archive" / "logs" / "*.parquet").string();
  CHECK(sql_line(*store, fmt::format("SELECT string_agg(message, ', ' ORDER BY message) FROM '{}'",
                                     files)) == "cut 0, cut 1");
}

TEST_CASE("logs of any level can be archived, anywhere") {
  TempStore store;
  Telemetry telemetry{*store};
  telemetry.log({line(LogLevel::debug, at_ms(1), "a"), line(LogLevel::warning, at_ms(2), "b")})
      .get();
  const RetentionResult done =
      apply_retention(*store, {.logs_before = at_ms(kHour),
                               .archived_logs = LogLevel::warning,
                               .log_archive = store.folder() / "it's mine"});
  CHECK(done.logs_archived == 1);
  CHECK(done.logs_deleted == 2);
  CHECK(std::filesystem::exists(store.folder() / "it's mine"));
}

TEST_CASE("when the archive cannot be written nothing is deleted") {
  TempStore store;
  Telemetry telemetry{*store};
  telemetry.log(line(LogLevel::error, at_ms(1), "cut")).get();
  telemetry.insert_metric(metric(1, at_ms(1))).get();
  test::write_file(store.folder() / "file", "");
  check_refused(ErrorCode::io, {"cannot make the folder", "/file'"}, [&] {
    apply_retention(*store, {.metrics_before = at_ms(kHour),
                             .logs_before = at_ms(kHour),
                             .log_archive = store.folder() / "file" / "logs"});
  });
  CHECK(logs(*store).size() == 1);
  CHECK(sql_line(*store, "SELECT count(*) FROM metrics") == "1");
}

TEST_CASE("a store in memory keeps its errors") {
  Store store{":memory:", {.mode = OpenMode::create}};
  Telemetry telemetry{store};
  telemetry.log({line(LogLevel::info, at_ms(1), "ready"), line(LogLevel::error, at_ms(2), "cut")})
      .get();
  const RetentionResult done = apply_retention(store, {.logs_before = at_ms(kHour)});
  CHECK(done.logs_deleted == 1);
  CHECK(done.logs_archived == 0);
}

TEST_CASE("old records of a table are deleted by its name") {  // QB-15
  TempStore store;
  Telemetry telemetry{*store};
  for (const int64_t ms : {1, 2, 3}) {
    telemetry.insert_metric(metric(1, at_ms(ms))).get();
    telemetry.log(line(LogLevel::error, at_ms(ms), "cut")).get();
    telemetry.log_event(event(at_ms(ms))).get();
  }
  CHECK(delete_old_records(*store, "trading_metrics", at_ms(2)) == 1);
  CHECK(delete_old_records(*store, "metrics", at_ms(3)) == 1);
  CHECK(delete_old_records(*store, "application_logs", at_ms(3)) == 2);
  CHECK(delete_old_records(*store, "system_events", at_ms(4)) == 3);
  CHECK(delete_old_records(*store, "performance_history", at_ms(4)) == 0);
  check_refused(ErrorCode::invalid_argument,
                {"does not delete from 'fills; --', only from metrics", "Writer::delete_before()"},
                [&] { delete_old_records(*store, "fills; --", at_ms(4)); });
}

TEST_CASE("a store opened for reading deletes nothing") {
  TempStore store;
  store.reopen(OpenMode::read);
  check_refused(ErrorCode::read_only, {"reading"},
                [&] { apply_retention(*store, usual_retention(at("2026-11-21"))); });
}

}  // namespace
}  // namespace tapedeck
