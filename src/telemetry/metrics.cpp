#include "tapedeck/telemetry/metrics.hpp"

#include "base/log.hpp"
#include "duck/row_reader.hpp"
#include "market/words.hpp"
#include "store/core.hpp"
#include "store/live_series.hpp"
#include "store/live_tape.hpp"
#include "store/observed.hpp"
#include "telemetry/metric_fold.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

namespace tapedeck {
namespace {

constexpr std::array<Word<Aggregation>, 11> kAggregations{{{"avg", Aggregation::average},
                                                           {"sum", Aggregation::sum},
                                                           {"min", Aggregation::min},
                                                           {"max", Aggregation::max},
                                                           {"count", Aggregation::count},
                                                           {"first", Aggregation::first},
                                                           {"last", Aggregation::last},
                                                           {"stddev", Aggregation::stddev},
                                                           {"p50", Aggregation::p50},
                                                           {"p95", Aggregation::p95},
                                                           {"p99", Aggregation::p99}}};

StoreCore::ReaderLease settled_reader(const Store& store) {
  if (store.core().mode() != OpenMode::read) store.core().live_tape().flush();
  return store.core().borrow_reader();
}

// Numbers of the series that the filter means.
std::map<int64_t, MetricSeries> series_of(duck::Connection& connection,
                                          const MetricFilter& filter) {
  duck::Result result = connection
                            .prepare(
                                "SELECT series_id, metric_type, symbol, labels FROM "
                                "telemetry.series WHERE metric_name = ?")
                            .bind(1, std::string_view{filter.name})
                            .run();
  std::map<int64_t, MetricSeries> found;
  duck::RowReader in{result};
  while (in.next()) {
    const int64_t number = in.take_integer();
    MetricSeries series{.name = filter.name};
    series.type = parse_metric_type(in.take_text()).value();
    series.symbol = in.find_text();
    series.labels = parse_labels(in.take_text());
    if (filter.symbol && series.symbol != filter.symbol) continue;
    const bool has_labels = std::ranges::all_of(filter.labels, [&](const auto& label) {
      const auto own = series.labels.find(label.first);
      return own != series.labels.end() && own->second == label.second;
    });
    if (has_labels) found.emplace(number, std::move(series));
  }
  return found;
}

// Numbers and instants are ours: they may stand in the text, which DuckDB then plans once.
std::string where(const std::map<int64_t, MetricSeries>& series, const TimeRange& range) {
  std::vector<int64_t> numbers;
  for (const auto& entry : series)
    numbers.push_back(entry.first);
  std::string text = fmt::format("WHERE series_id IN ({})", fmt::join(numbers, ", "));
  if (range.begin != Timestamp::min()) {
    text += fmt::format(" AND \"timestamp\" >= make_timestamp_ns({})", to_epoch_ns(range.begin));
  }
  if (range.end != Timestamp::max()) {
    text += fmt::format(" AND \"timestamp\" < make_timestamp_ns({})", to_epoch_ns(range.end));
  }
  return text;
}

MetricRecord take_record(duck::RowReader& in, const std::map<int64_t, MetricSeries>& series) {
  MetricRecord record;
  record.series = series.at(in.take_integer());
  record.timestamp = in.take_time();
  record.value = in.take_real();
  if (const auto p50 = in.find_real()) {
    const double p95 = in.take_real();
    const double p99 = in.take_real();
    record.quantiles = {.p50 = *p50, .p95 = p95, .p99 = p99, .p999 = in.take_real()};
  } else {
    in.find_real();
    in.find_real();
    in.find_real();
  }
  record.correlation_id = in.find_uuid();
  return record;
}

}  // namespace

std::string_view to_text(Aggregation aggregation) {
  return word_of(kAggregations, aggregation);
}

std::optional<Aggregation> parse_aggregation(std::string_view word) {
  return find_by_word(kAggregations, word);
}

std::vector<MetricRecord> metrics(const Store& store, const MetricFilter& filter, int64_t limit) {
  return observed(store.core().observer(), "metrics", {}, [&]() -> std::vector<MetricRecord> {
    const auto reader = settled_reader(store);
    const duck::Snapshot snapshot{*reader};
    const std::map<int64_t, MetricSeries> series = series_of(*reader, filter);
    if (series.empty()) return {};
    duck::Result result = reader->run(fmt::format(
        "SELECT series_id, \"timestamp\", value, p50, p95, p99, p999, correlation_id FROM "
        "telemetry.metrics {} ORDER BY \"timestamp\" DESC, metric_id DESC LIMIT {}",
        where(series, filter.range), limit));
    std::vector<MetricRecord> records;
    duck::RowReader in{result};
    while (in.next())
      records.push_back(take_record(in, series));
    return records;
  });
}

std::vector<MetricRecord> current_metrics(const Store& store,
                                          const std::optional<std::string>& name) {
  return store.core().live_series().newest(name);
}

std::vector<AggregatedMetric> aggregated_metrics(const Store& store, const MetricFilter& filter,
                                                 BarInterval interval, Aggregation aggregation) {
  return observed(
      store.core().observer(), "aggregated_metrics", {}, [&]() -> std::vector<AggregatedMetric> {
        const auto reader = settled_reader(store);
        const duck::Snapshot snapshot{*reader};
        const std::map<int64_t, MetricSeries> series = series_of(*reader, filter);
        if (series.empty()) return {};
        MetricFold fold{interval, aggregation};
        duck::Statement statement = reader->prepare_once(fmt::format(
            "SELECT \"timestamp\", value FROM telemetry.metrics {}", where(series, filter.range)));
        duck::Result rows = statement.stream();
        while (rows.next_chunk()) {
          fold.add(rows.column<int64_t>(0), rows.column<double>(1));
        }
        return fold.finish();
      });
}

}  // namespace tapedeck
