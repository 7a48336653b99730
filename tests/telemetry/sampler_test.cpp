#include "tapedeck/telemetry/sampler.hpp"

#include "sql_rows.hpp"
#include "tapedeck/telemetry/metrics.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

#include <map>
#include <thread>

namespace tapedeck {
namespace {

using test::check_refused;
using test::sql_line;
using test::TempStore;

const SamplerOptions kOnce{.every = std::chrono::hours{1}};

TEST_CASE("a sample has every reading of the store") {
  TempStore store;
  sql_line(*store, "SELECT 1");
  StoreSampler sampler{*store, kOnce};
  std::map<std::string, CounterReading> expected;
  for (CounterReading& reading : readings(*store)) {
    if (reading.name == "database.queries.total") {
      expected.emplace(to_json({reading.labels.begin(), reading.labels.end()}), reading);
    }
  }
  REQUIRE(expected.size() == 1);
  const int64_t stored = sampler.sample();
  CHECK(stored >= 10);
  const auto queries = current_metrics(*store, "database.queries.total");
  REQUIRE(queries.size() == 1);
  CHECK(queries[0].series.type == MetricType::counter);
  CHECK(queries[0].series.labels == MetricLabels{{"operation", "sql"}});
  CHECK(queries[0].value == 1);
  const auto durations = current_metrics(*store, "database.query.duration_ms");
  REQUIRE(durations.size() == 1);
  CHECK(durations[0].series.type == MetricType::histogram);
  REQUIRE(durations[0].quantiles);
  CHECK(durations[0].quantiles->p50 > 0);
  CHECK(current_metrics(*store, "database.size_mb").size() == 1);
  CHECK(current_metrics(*store, "database.pool.readers.available").size() == 1);
}

TEST_CASE("samples have labels of their own, and one time") {
  TempStore store;
  StoreSampler sampler{*store,
                       {.every = std::chrono::hours{1}, .labels = {{"instance", "desk-1"}}}};
  sampler.sample();
  for (const MetricRecord& record : current_metrics(*store, {})) {
    INFO(record.series.name);
    CHECK(record.series.labels.at("instance") == "desk-1");
    CHECK(record.timestamp == current_metrics(*store, "database.size_mb").at(0).timestamp);
  }
}

TEST_CASE("sampling adds one write a sample to what is counted") {
  TempStore store;
  StoreSampler sampler{*store, kOnce};
  const auto inserted = [&] {
    int64_t rows = 0;
    for (const CounterReading& reading : readings(*store)) {
      if (reading.name == "database_metrics_inserted_total")
        rows = std::get<int64_t>(reading.value);
    }
    return rows;
  };
  const int64_t first = inserted();
  const int64_t stored = sampler.sample();
  CHECK(inserted() == first + stored);
  CHECK(sampler.sample() == stored);
}

TEST_CASE("what cannot be sampled is refused") {
  TempStore store;
  check_refused(ErrorCode::invalid_argument, {"a sample every 0 ms: it must be above 0"}, [&] {
    StoreSampler{*store, {.every = std::chrono::milliseconds{0}}};
  });
  store.reopen(OpenMode::read);
  check_refused(ErrorCode::read_only, {"opened for reading only"}, [&] { StoreSampler{*store}; });
}

TEST_SUITE("threads") {
  TEST_CASE("a sampler samples until it is destroyed") {
    TempStore store;
    const auto samples = [&] {
      return sql_line(*store,
                      "SELECT count(*) FROM metrics WHERE metric_name = 'database.size_mb'");
    };
    {
      StoreSampler sampler{*store, {.every = std::chrono::milliseconds{1}}};
      while (std::stoi(samples()) < 3)
        std::this_thread::yield();
      CHECK(sampler.failures() == 0);
    }
    const std::string before = samples();
    CHECK(samples() == before);
  }
}

}  // namespace
}  // namespace tapedeck
