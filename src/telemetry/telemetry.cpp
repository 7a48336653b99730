#include "tapedeck/telemetry/telemetry.hpp"

#include "base/clock.hpp"
#include "store/core.hpp"
#include "store/live_series.hpp"
#include "store/live_tape.hpp"
#include "tapedeck/tape/payload.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <map>
#include <optional>
#include <utility>

namespace tapedeck {
namespace {

constexpr size_t kMostNameBytes = 255;
constexpr size_t kMostLabels = 64;
constexpr size_t kMostTextBytes = size_t{1} << 20;

[[noreturn]] void refuse(const std::string& reason) {
  throw Error{ErrorCode::invalid_argument, reason};
}

void check_name(std::string_view what, const std::string& name) {
  if (name.empty()) refuse(fmt::format("{} is empty", what));
  if (name.size() > kMostNameBytes) {
    refuse(fmt::format("{} '{}…' has {} bytes, and may have {}", what, name.substr(0, 40),
                       name.size(), kMostNameBytes));
  }
}

void check(const MetricRecord& record) {
  check_name("the name of a metric", record.series.name);
  const std::string& name = record.series.name;
  if (!std::isfinite(record.value)) {
    refuse(fmt::format("metric '{}' is {}, which is no finite number", name, record.value));
  }
  if (record.series.symbol) check_name("the symbol of a metric", *record.series.symbol);
  if (record.series.labels.size() > kMostLabels) {
    refuse(fmt::format("metric '{}' has {} labels, and may have {}", name,
                       record.series.labels.size(), kMostLabels));
  }
  for (const auto& [key, value] : record.series.labels) {
    check_name(fmt::format("a label of metric '{}'", name), key);
    if (value.size() > kMostNameBytes) {
      refuse(fmt::format("label '{}' of metric '{}' has {} bytes, and may have {}", key, name,
                         value.size(), kMostNameBytes));
    }
  }
}

void check_text(std::string_view what, const std::optional<std::string>& text) {
  if (!text || text->size() <= kMostTextBytes) return;
  refuse(fmt::format("{} has {} bytes, and may have {}; log where the rest is instead", what,
                     text->size(), kMostTextBytes));
}

void check_json(std::string_view what, const std::optional<std::string>& text) {
  check_text(what, text);
  if (text && !nlohmann::json::accept(*text)) {
    refuse(fmt::format("{} are no JSON: {}", what, text->substr(0, 80)));
  }
}

void check(const LogRecord& record) {
  check_name("the service of a log", record.service);
  const std::string of = fmt::format("a log of '{}'", record.service);
  check_text(fmt::format("the message of {}", of), record.message);
  check_text(fmt::format("the stack trace of {}", of), record.stack_trace);
  check_text(fmt::format("the exception of {}", of), record.exception_message);
  check_json(fmt::format("the fields of {}", of), record.fields);
}

void check(const SystemEvent& event) {
  if (event.message.empty()) refuse("an event has no message");
  check_text("the message of an event", event.message);
  check_json("the details of an event", event.details);
}

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
  rows.duplicates = options_.duplicates;
  CounterRegistry& counters = store_.core().observer().counters();
  Counter& inserted = counters.counter("database_metrics_inserted_total");
  Histogram& duration = counters.histogram("database_batch_insert_duration_ms");
  return store_.core().live_tape().append(
      {}, std::move(rows),
      {.durability = options_.durability,
       .timeout = options_.timeout,
       .acknowledged = [&series, &inserted, &duration, began = steady_ns(),
                        noted = std::move(records)](const Acknowledgement& acknowledged) {
         series.note(noted);
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
