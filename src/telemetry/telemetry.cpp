#include "tapedeck/telemetry/telemetry.hpp"

#include "base/clock.hpp"
#include "store/core.hpp"
#include "store/live_series.hpp"
#include "store/live_tape.hpp"
#include "tapedeck/tape/payload.hpp"
#include "telemetry/record_checks.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace tapedeck {
namespace {

MetricRows to_rows(const std::vector<MetricRecord>& records) {
  MetricRows rows;
  std::map<MetricSeries, uint32_t> places;
  for (const MetricRecord& record : records) {
    const auto row = static_cast<uint32_t>(rows.values.size());
    const auto [place, is_new] =
        places.try_emplace(record.series, static_cast<uint32_t>(rows.series.size()));
    if (is_new) rows.series.push_back(record.series);
    rows.series_of.push_back(place->second);
    rows.timestamps.push_back(to_epoch_ns(record.timestamp));
    rows.values.push_back(record.value);
    if (record.quantiles) rows.quantiles.emplace_back(row, *record.quantiles);
    if (record.correlation_id) rows.correlation_ids.emplace_back(row, *record.correlation_id);
  }
  return rows;
}

}  // namespace

Telemetry::Telemetry(Store& store, TelemetryOptions options)
    : store_{store}, options_{std::move(options)} {
  if (store.core().mode() != OpenMode::read) return;
  throw Error{ErrorCode::read_only,
              fmt::format("the store '{}' was opened for reading only", store.path().string())};
}

template <typename Rows>
std::future<Acknowledgement> Telemetry::append(Rows rows) {
  rows.source = options_.source;
  return store_.core().live_tape().append(
      {}, std::move(rows),
      {.durability = options_.durability, .timeout = options_.timeout, .acknowledged = {}});
}

std::future<Acknowledgement> Telemetry::insert_metric(MetricRecord record) {
  std::vector<MetricRecord> records;
  records.push_back(std::move(record));
  return insert_metrics(std::move(records));
}

std::future<Acknowledgement> Telemetry::insert_metrics(std::vector<MetricRecord> records) {
  for (const MetricRecord& record : records)
    check(record);
  MetricRows rows = to_rows(records);
  LiveSeries& series = store_.core().live_series();
  series.admit(rows.series);
  rows.source = options_.source;
  const EqualMetrics rule = options_.duplicates;
  rows.duplicates = rule;
  CounterRegistry& counters = store_.core().observer().counters();
  Counter& inserted = counters.counter("database_metrics_inserted_total");
  Histogram& duration = counters.histogram("database_batch_insert_duration_ms");
  return store_.core().live_tape().append(
      {}, std::move(rows),
      {.durability = options_.durability,
       .timeout = options_.timeout,
       .acknowledged = [&series, &inserted, &duration, began = steady_ns(), rule,
                        noted = std::move(records)](const Acknowledgement& acknowledged) {
         series.note(noted, rule);
         inserted.add(acknowledged.rows);
         duration.observe(static_cast<double>(steady_ns() - began) / 1e6);
       }});
}

std::future<Acknowledgement> Telemetry::log(LogRecord record) {
  std::vector<LogRecord> records;
  records.push_back(std::move(record));
  return log(std::move(records));
}

std::future<Acknowledgement> Telemetry::log(std::vector<LogRecord> records) {
  for (const LogRecord& record : records)
    check(record);
  return append(LogRows{.rows = std::move(records)});
}

std::future<Acknowledgement> Telemetry::log_event(SystemEvent event) {
  check(event);
  EventRows rows;
  rows.rows.push_back(std::move(event));
  return append(std::move(rows));
}

void Telemetry::flush() {
  store_.core().live_tape().flush();
}

}  // namespace tapedeck
