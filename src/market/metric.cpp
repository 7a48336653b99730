#include "tapedeck/market/metric.hpp"

#include "base/clock.hpp"
#include "market/words.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace tapedeck {
namespace {

constexpr std::array<Word<MetricType>, 3> kTypes{{{"gauge", MetricType::gauge},
                                                  {"counter", MetricType::counter},
                                                  {"histogram", MetricType::histogram}}};

constexpr std::array<Word<EqualMetrics>, 3> kEqualMetrics{{{"keep", EqualMetrics::keep},
                                                           {"last_wins", EqualMetrics::last_wins},
                                                           {"reject", EqualMetrics::reject}}};

}  // namespace

std::string_view to_text(EqualMetrics rule) {
  return word_of(kEqualMetrics, rule);
}

std::string_view to_text(MetricType type) {
  return word_of(kTypes, type);
}

std::optional<MetricType> parse_metric_type(std::string_view word) {
  return find_by_word(kTypes, word);
}

std::string to_json(const MetricLabels& labels) {
  using nlohmann::json;
  return json(labels).dump(-1, ' ', false, json::error_handler_t::replace);
}

MetricLabels parse_labels(std::string_view text) {
  try {
    return nlohmann::json::parse(text).get<MetricLabels>();
  } catch (const nlohmann::json::exception& error) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("labels are a JSON object of texts, like {{\"venue\":\"alpaca\"}}, and "
                            "not '{}': {}",
                            text.substr(0, 80), error.what())};
  }
}

MetricRecord::MetricRecord(std::string name, double number)
    : series{.name = std::move(name)}, timestamp{from_epoch_ns(now_epoch_ns())}, value{number} {}

MetricRecord& MetricRecord::with_symbol(std::string symbol) {
  series.symbol = std::move(symbol);
  return *this;
}

MetricRecord& MetricRecord::with_timestamp(Timestamp at) {
  timestamp = at;
  return *this;
}

MetricRecord& MetricRecord::with_type(MetricType type) {
  series.type = type;
  return *this;
}

MetricRecord& MetricRecord::with_quantiles(const Quantiles& measured) {
  series.type = MetricType::histogram;
  quantiles = measured;
  return *this;
}

MetricRecord& MetricRecord::with_correlation_id(const Uuid& id) {
  correlation_id = id;
  return *this;
}

MetricRecord& MetricRecord::add_label(const std::string& key, std::string text) {
  series.labels.insert_or_assign(key, std::move(text));
  return *this;
}

}  // namespace tapedeck
