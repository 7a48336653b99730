#include "tapedeck/telemetry/metrics.hpp"

#include "sql_rows.hpp"
#include "tapedeck/telemetry/telemetry.hpp"
#include "temp_store.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

namespace tapedeck {
namespace {

using test::at;
using test::at_ms;
using test::interval;
using test::sql_line;
using test::TempStore;

MetricRecord metric(double value, Timestamp time) {
  return MetricRecord("latency", value).with_timestamp(time);
}

TEST_CASE("metrics are averaged by minute") {  // OR-08
  TempStore store;
  Telemetry telemetry{*store};
  telemetry
      .insert_metrics({metric(1, at("2026-11-21T10:00:01")), metric(2, at("2026-11-21T10:00:30")),
                       metric(3, at("2026-11-21T10:01:00"))})
      .get();
  const auto rows =
      aggregated_metrics(*store, {.name = "latency"}, interval("1m"), Aggregation::average);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0] == AggregatedMetric{.bucket = at("2026-11-21T10:00"), .value = 1.5, .count = 2});
  CHECK(rows[1] == AggregatedMetric{.bucket = at("2026-11-21T10:01"), .value = 3, .count = 1});
}

// By the definition of each, from all values of a bucket in the order of time.
double expected(Aggregation aggregation, std::vector<double> values) {
  const auto count = static_cast<double>(values.size());
  long double sum = 0;
  for (const double value : values)
    sum += value;
  std::vector<double> sorted = values;
  std::ranges::sort(sorted);
  const auto rank = [&](double share) {
    return sorted[static_cast<size_t>(std::ceil(share * count)) - 1];
  };
  switch (aggregation) {
    case Aggregation::average: return static_cast<double>(sum / count);
    case Aggregation::sum: return static_cast<double>(sum);
    case Aggregation::min: return sorted.front();
    case Aggregation::max: return sorted.back();
    case Aggregation::count: return count;
    case Aggregation::first: return values.front();
    case Aggregation::last: return values.back();
    case Aggregation::stddev: {
      long double squares = 0;
      for (const double value : values)
        squares += (value - sum / count) * (value - sum / count);
      return static_cast<double>(std::sqrt(squares / (count - 1)));
    }
    case Aggregation::p50: return rank(0.5);
    case Aggregation::p95: return rank(0.95);
    case Aggregation::p99: return rank(0.99);
  }
  return 0;
}

TEST_CASE("every aggregate equals its definition, whatever order the values came in") {
  TempStore store;
  Telemetry telemetry{*store};
  std::mt19937 random{5};
  std::vector<MetricRecord> records;
  std::map<int64_t, std::vector<double>> minutes;
  for (int64_t ms = 0; ms < 600'000; ms += 1 + static_cast<int64_t>(random() % 500)) {
    const double value = static_cast<double>(random() % 100'000) / 7 - 3'000;
    minutes[ms / 60'000].push_back(value);
    records.push_back(metric(value, at_ms(ms)));
  }
  std::ranges::shuffle(records, random);
  for (size_t from = 0; from < records.size(); from += 100) {
    const auto begin = records.begin() + static_cast<ptrdiff_t>(from);
    const auto end = records.begin() + static_cast<ptrdiff_t>(std::min(from + 100, records.size()));
    telemetry.insert_metrics({begin, end}).get();
  }
  for (int word = 0; word <= static_cast<int>(Aggregation::p99); ++word) {
    const auto aggregation = static_cast<Aggregation>(word);
    CAPTURE(to_text(aggregation));
    CHECK(parse_aggregation(to_text(aggregation)) == aggregation);
    const auto rows = aggregated_metrics(*store, {.name = "latency"}, interval("1m"), aggregation);
    REQUIRE(rows.size() == minutes.size());
    size_t place = 0;
    for (const auto& [minute, values] : minutes) {
      const AggregatedMetric& row = rows[place++];
      CHECK(row.bucket == at_ms(minute * 60'000));
      CHECK(row.count == static_cast<int64_t>(values.size()));
      CHECK(*row.value == doctest::Approx(expected(aggregation, values)).epsilon(1e-12));
    }
  }
}

TEST_CASE("a filter takes symbol, labels and time, and gives the newest first") {
  TempStore store;
  Telemetry telemetry{*store};
  telemetry
      .insert_metrics({metric(1, at_ms(1)).with_symbol("A").add_label("venue", "x"),
                       metric(2, at_ms(2)).with_symbol("B").add_label("venue", "x"),
                       metric(3, at_ms(3)).with_symbol("A").add_label("venue", "y"),
                       MetricRecord("other", 4).with_timestamp(at_ms(4))})
      .get();
  const auto values = [&](const MetricFilter& filter, int64_t limit = kMetricLimit) {
    std::string text;
    for (const MetricRecord& record : metrics(*store, filter, limit))
      text += std::to_string(static_cast<int>(record.value));
    return text;
  };
  CHECK(values({.name = "latency"}) == "321");
  CHECK(values({.name = "latency", .symbol = "A"}) == "31");
  CHECK(values({.name = "latency", .labels = {{"venue", "x"}}}) == "21");
  CHECK(values({.name = "latency", .range = {at_ms(2), at_ms(3)}}) == "2");
  CHECK(values({.name = "latency"}, 1) == "3");
  CHECK(values({.name = "latency' OR 1=1 --"}).empty());
  CHECK(metrics(*store, {.name = "latency", .symbol = "B"})[0].series.labels.at("venue") == "x");
}

TEST_CASE("the newest value of each series is known, before and after opening again") {
  TempStore store;
  Telemetry telemetry{*store};
  telemetry
      .insert_metrics({metric(2, at_ms(20)), metric(1, at_ms(10)),
                       metric(5, at_ms(5)).with_symbol("A").with_quantiles({.p50 = 4})})
      .get();
  const auto check = [&] {
    const auto rows = current_metrics(*store, "latency");
    REQUIRE(rows.size() == 2);
    const auto plain = std::ranges::find_if(
        rows, [](const MetricRecord& record) { return !record.series.symbol; });
    REQUIRE(plain != rows.end());
    CHECK(plain->value == 2);
    CHECK(plain->timestamp == at_ms(20));
    CHECK(current_metrics(*store).size() == 2);
    CHECK(current_metrics(*store, "none").empty());
  };
  check();
  store.reopen(OpenMode::write);
  check();
  Telemetry again{*store};
  again.insert_metric(metric(9, at_ms(30))).get();
  CHECK(current_metrics(*store, "latency").front().value == 9);
}

}  // namespace
}  // namespace tapedeck
