#include "tapedeck/market/metric.hpp"

#include "thrown.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

TEST_CASE("a metric is built in one expression") {
  const MetricRecord record =
      MetricRecord("order_latency_ms", 42.5).with_symbol("BTC/USD").add_label("venue", "alpaca");
  CHECK(record.series.name == "order_latency_ms");
  CHECK(record.series.type == MetricType::gauge);
  CHECK(record.value == 42.5);
  CHECK(record.series.symbol == "BTC/USD");
  CHECK(record.series.labels == MetricLabels{{"venue", "alpaca"}});
  CHECK(record.timestamp > from_epoch_ns(1'600'000'000'000'000'000));
  CHECK(MetricRecord("x", 1).with_quantiles({.p50 = 1}).series.type == MetricType::histogram);
  CHECK(MetricRecord("x", 1).add_label("k", "a").add_label("k", "b").series.labels.at("k") == "b");
}

TEST_CASE("labels are JSON by rising keys, and are read back") {
  const MetricLabels labels{{"venue", "al\"paca"}, {"component", "a\nb"}};
  CHECK(to_json(labels) == R"({"component":"a\nb","venue":"al\"paca"})");
  CHECK(parse_labels(to_json(labels)) == labels);
  CHECK(to_json({}) == "{}");
  test::check_refused(ErrorCode::invalid_argument, {"JSON object of texts", "not '[1]'"},
                      [] { parse_labels("[1]"); });
  test::check_refused(ErrorCode::invalid_argument, {"{\"a\":1}"},
                      [] { parse_labels("{\"a\":1}"); });
}

TEST_CASE("types and rules have their words") {
  CHECK(parse_metric_type("Histogram") == MetricType::histogram);
  CHECK_FALSE(parse_metric_type("summary"));
  CHECK(to_text(EqualMetrics::last_wins) == "last_wins");
}

}  // namespace
}  // namespace tapedeck
