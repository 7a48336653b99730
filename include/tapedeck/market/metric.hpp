// MetricRecord: one value of a series at an instant. A series is a name, a symbol where it has one,
// and labels.
#pragma once

#include "tapedeck/base/uuid.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tapedeck {

enum class MetricType : uint8_t { gauge, counter, histogram };
std::string_view to_text(MetricType type);
std::optional<MetricType> parse_metric_type(std::string_view word);

// Values of one series at one instant.
enum class EqualMetrics : uint8_t {
  keep,       // all of them
  last_wins,  // the stored one is replaced
  reject,     // the stored one stays
};
std::string_view to_text(EqualMetrics rule);

// Of a histogram, as whoever measured it computed them.
struct Quantiles {
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
  double p999 = 0;
  bool operator==(const Quantiles&) const = default;
};

using MetricLabels = std::map<std::string, std::string>;

struct MetricSeries {
  std::string name;
  MetricType type = MetricType::gauge;
  std::optional<std::string> symbol = {};
  MetricLabels labels = {};
  auto operator<=>(const MetricSeries&) const = default;
};

// `{"k":"v"}` by rising keys: the labels as JSON text, and what series are told apart by.
std::string to_json(const MetricLabels& labels);
// Error{invalid_argument} when the text is no object of texts.
MetricLabels parse_labels(std::string_view text);

// MetricRecord("order_latency_ms", 42.5).with_symbol("BTC/USD").add_label("venue", "alpaca")
class MetricRecord {
 public:
  MetricRecord() = default;
  // At this moment.
  MetricRecord(std::string name, double number);

  MetricRecord& with_symbol(std::string symbol);
  MetricRecord& with_timestamp(Timestamp at);
  MetricRecord& with_type(MetricType type);
  MetricRecord& with_quantiles(const Quantiles& measured);  // makes it a histogram
  MetricRecord& with_correlation_id(const Uuid& id);
  // The last value of a key counts.
  MetricRecord& add_label(const std::string& key, std::string text);

  MetricSeries series;
  Timestamp timestamp;
  double value = 0;
  std::optional<Quantiles> quantiles = {};
  std::optional<Uuid> correlation_id = {};
  bool operator==(const MetricRecord&) const = default;
};

}  // namespace tapedeck
