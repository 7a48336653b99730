#include "tapedeck/store/observe.hpp"

#include "base/mutex.hpp"
#include "logged.hpp"
#include "sql_rows.hpp"
#include "tapedeck/query/bars.hpp"
#include "tapedeck/query/trace.hpp"
#include "tapedeck/telemetry/telemetry.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

namespace tapedeck {
namespace {

using test::sql;
using test::TempFolder;

class KeptSpans final : public SpanExporter {
 public:
  void export_span(const SpanRecord& span) noexcept override {
    const MutexLock lock{mutex_};
    spans_.push_back(span);
  }
  std::vector<SpanRecord> spans() const {
    const MutexLock lock{mutex_};
    return spans_;
  }

 private:
  mutable Mutex mutex_;
  std::vector<SpanRecord> spans_ GUARDED_BY(mutex_);
};

// Of the one series with these labels.
double value_of(const Store& store, std::string_view name, const Labels& labels = {}) {
  for (const CounterReading& reading : readings(store)) {
    if (reading.name != name || reading.labels != labels) continue;
    if (const auto* const count = std::get_if<int64_t>(&reading.value)) {
      return static_cast<double>(*count);
    }
    if (const auto* const gauge = std::get_if<double>(&reading.value)) return *gauge;
    return static_cast<double>(std::get<HistogramReading>(reading.value).count);
  }
  return -1;
}

TEST_CASE("queries are counted by operation, and failures by their class") {
  Store store{":memory:"};
  const Instrument instrument = test::new_instrument(store);
  Writer{store}.append(instrument.id, test::four_trades());
  for (int i = 0; i < 3; ++i) {
    for_each_kline(store, {.instrument = store.instruments()[0]}, test::interval("1m"),
                   [](const BarAnswer&) { return KeepGoing::go_on; });
  }
  sql(store, "SELECT 1");
  test::check_refused(ErrorCode::invalid_argument, {}, [&] { sql(store, "SELECT nothing"); });
  CHECK(value_of(store, "database.queries.total", {{"operation", "klines"}}) == 3);
  CHECK(value_of(store, "database.queries.success", {{"operation", "klines"}}) == 3);
  CHECK(value_of(store, "database.query.duration_ms",
                 {{"operation", "klines"}, {"status", "success"}}) == 3);
  CHECK(value_of(store, "database.queries.total", {{"operation", "sql"}}) == 2);
  CHECK(value_of(store, "database.queries.errors",
                 {{"error_type", "invalid_argument"}, {"operation", "sql"}}) == 1);
  CHECK(value_of(store, "database.query.duration_ms",
                 {{"operation", "sql"}, {"status", "error"}}) == 1);
}

TEST_CASE("what is written and recorded is counted, with gauges of the moment") {
  test::TempStore store;
  Telemetry telemetry{*store};
  for (int i = 0; i < 10; ++i)
    telemetry.insert_metric({"x", 1.0 * i}).get();
  telemetry.flush();
  CHECK(value_of(*store, "database_metrics_inserted_total") == 10);
  CHECK(value_of(*store, "database_batch_insert_duration_ms") == 10);
  CHECK(value_of(*store, "tapedeck.ingest.rows") == 10);
  CHECK(value_of(*store, "tapedeck.ingest.commit_ms") >= 1);
  CHECK(value_of(*store, "database.writes.total") >= 1);
  CHECK(value_of(*store, "tapedeck.ingest.queue_depth") == 0);
  CHECK(value_of(*store, "tapedeck.ingest.pending_rows") == 0);
  CHECK(value_of(*store, "tapedeck.journal.lag_frames") == 0);
  CHECK(value_of(*store, "database.size_mb") > 0);
  CHECK(value_of(*store, "database.pool.readers.active") == 0);
  CHECK(value_of(*store, "database.pool.readers.available") == 50);
  CHECK(value_of(*store, "database.pool.writer.locked") == 0);
  const std::string text = prometheus_text(*store);
  CHECK(text.find("# TYPE database_metrics_inserted_total counter\n"
                  "database_metrics_inserted_total 10\n") != std::string::npos);
  CHECK(text.find("database_writes_total") != std::string::npos);
}

TEST_CASE("a query is a span with its statement, rows and outcome") {
  const auto spans = std::make_shared<KeptSpans>();
  Store store{":memory:", {.observe = {.spans = spans}}};
  sql(store, "SELECT * FROM range(7)");
  test::check_refused(ErrorCode::invalid_argument, {}, [&] { sql(store, "SELECT nothing"); });
  const auto all = spans->spans();
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "database.query");
  CHECK(*all[0].find_field("db.system") == SpanValue{std::string{"duckdb"}});
  CHECK(*all[0].find_field("db.operation") == SpanValue{std::string{"sql"}});
  CHECK(*all[0].find_field("db.statement") == SpanValue{std::string{"SELECT * FROM range(7)"}});
  CHECK(*all[0].find_field("db.rows_returned") == SpanValue{int64_t{7}});
  CHECK(all[0].succeeded());
  CHECK(all[0].duration.count() > 0);
  CHECK_FALSE(all[1].succeeded());
  CHECK(*all[1].find_field("db.error") == SpanValue{std::string{"invalid_argument"}});
}

TEST_CASE("the span of a question by correlation id has the id") {
  const auto spans = std::make_shared<KeptSpans>();
  Store store{":memory:", {.observe = {.spans = spans}}};
  trace(store, named_uuid("decision"));
  const auto all = spans->spans();
  REQUIRE(all.size() == 1);
  CHECK(*all[0].find_field("db.operation") == SpanValue{std::string{"trace"}});
  REQUIRE(all[0].find_field("correlation_id") != nullptr);
  CHECK(*all[0].find_field("correlation_id") == SpanValue{to_text(named_uuid("decision"))});
  CHECK(*all[0].find_field("db.rows_returned") == SpanValue{int64_t{0}});
}

TEST_CASE("a slow query is a line in the log, with its statement") {
  Store slow{":memory:", {.observe = {.slow_query = std::chrono::milliseconds{0}}}};
  const std::string text = test::logged([&] { sql(slow, "SELECT 'this one'"); });
  CHECK(text.find("slow query: sql took ") != std::string::npos);
  CHECK(text.find("SELECT 'this one'") != std::string::npos);
  Store quick{":memory:", {.observe = {.slow_query = ObserveOptions::kNever}}};
  CHECK(test::logged([&] { sql(quick, "SELECT 'this one'"); }).empty());
}

TEST_CASE("slow queries are kept with their plan, the newest hundred") {
  Store store{":memory:",
              {.observe = {.slow_query = std::chrono::milliseconds{0}, .slow_query_plans = true}}};
  sql(store, "SELECT sum(range) FROM range(1000)");
  REQUIRE(slow_queries(store).size() == 1);
  const SlowQuery slow = slow_queries(store)[0];
  CHECK(slow.operation == "sql");
  CHECK(slow.statement == "SELECT sum(range) FROM range(1000)");
  CHECK(slow.duration.count() > 0);
  CHECK(slow.plan.find("RANGE") != std::string::npos);
  for (int i = 0; i < 120; ++i)
    sql(store, "SELECT " + std::to_string(i));
  CHECK(slow_queries(store).size() == 100);
  CHECK(slow_queries(store)[0].statement == "SELECT 119");
  CHECK(value_of(store, "database.slow_queries.total", {{"operation", "sql"}}) == 121);
}

TEST_CASE("a store that counts nothing answers all the same") {
  Store store{":memory:", {.observe = {.metrics = false}}};
  CHECK(test::sql_line(store, "SELECT 1") == "1");
  Telemetry{store}.insert_metric({"latency", 1}).get();
  CHECK(readings(store).empty());
  CHECK(prometheus_text(store).empty());
}

TEST_CASE("spans can be switched off beside the program") {
  const TempFolder folder;
  test::write_file(folder / "a.deck" / "tapedeck.toml",
                   "[observability]\nenable_tracing = false\n");
  const auto spans = std::make_shared<KeptSpans>();
  Store store{folder / "a.deck", {.mode = OpenMode::create, .observe = {.spans = spans}}};
  sql(store, "SELECT 1");
  CHECK(spans->spans().empty());
}

TEST_CASE("no query is slow where nobody asked") {
  Store store{":memory:", {.observe = {.slow_query = ObserveOptions::kNever}}};
  sql(store, "SELECT 1");
  CHECK(slow_queries(store).empty());
}

TEST_SUITE("threads") {
  TEST_CASE("queries of many threads are all counted") {
    Store store{":memory:"};
    {
      std::vector<std::jthread> threads;
      for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&] {
          for (int i = 0; i < 25; ++i)
            sql(store, "SELECT 1");
        });
      }
    }
    CHECK(value_of(store, "database.queries.success", {{"operation", "sql"}}) == 100);
  }
}

}  // namespace
}  // namespace tapedeck
