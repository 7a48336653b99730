#include "store/live_series.hpp"

#include "duck/row_reader.hpp"
#include "store/core.hpp"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace tapedeck {
namespace {

MetricSeries take_series(duck::RowReader& in) {
  MetricSeries series{.name = in.take_text()};
  series.type = parse_metric_type(in.take_text()).value();
  series.symbol = in.find_text();
  series.labels = parse_labels(in.take_text());
  return series;
}

}  // namespace

void LiveSeries::load_series() {
  if (series_loaded_) return;
  of_name_.clear();
  const auto reader = core_.borrow_reader();
  duck::Result result =
      reader->run("SELECT metric_name, metric_type, symbol, labels FROM telemetry.series");
  duck::RowReader in{result};
  while (in.next()) {
    MetricSeries series = take_series(in);
    ++of_name_[series.name];
    newest_.try_emplace(std::move(series));
  }
  series_loaded_ = true;
}

void LiveSeries::load_newest() {
  if (newest_loaded_) return;
  const auto reader = core_.borrow_reader();
  duck::Result result = reader->run(
      "SELECT s.metric_name, s.metric_type, s.symbol, s.labels, m.at, m.row.value, m.row.p50, "
      "m.row.p95, m.row.p99, m.row.p999, m.row.correlation_id FROM (SELECT series_id, "
      "max(\"timestamp\") AS at, arg_max(struct_pack(value, p50, p95, p99, p999, correlation_id), "
      "struct_pack(\"timestamp\", metric_id)) AS row FROM telemetry.metrics GROUP BY series_id) m "
      "JOIN telemetry.series s USING (series_id)");
  duck::RowReader in{result};
  while (in.next()) {
    MetricRecord record;
    record.series = take_series(in);
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
    std::optional<MetricRecord>& newest = newest_[record.series];
    const bool wins = !newest || newest->timestamp < record.timestamp ||
                      (newest->timestamp == record.timestamp && yielding_.contains(record.series));
    if (wins) newest = std::move(record);
  }
  yielding_.clear();
  newest_loaded_ = true;
}

// The label with most values among the series of a name: what makes them so many.
std::string LiveSeries::widest_label(const std::string& name) const {
  std::map<std::string, std::set<std::string>> values;
  for (auto at = newest_.lower_bound({.name = name}); at != newest_.end(); ++at) {
    if (at->first.name != name) break;
    if (at->first.symbol) values["symbol"].insert(*at->first.symbol);
    for (const auto& [key, value] : at->first.labels)
      values[key].insert(value);
  }
  std::string widest = "no label";
  size_t most = 0;
  for (const auto& [key, set] : values) {
    if (set.size() <= most) continue;
    most = set.size();
    widest = fmt::format("'{}' has {} values", key, set.size());
  }
  return widest;
}

void LiveSeries::admit(const std::vector<MetricSeries>& series) {
  const MutexLock lock{mutex_};
  load_series();
  for (const MetricSeries& one : series) {
    if (newest_.contains(one)) continue;
    size_t& of_name = of_name_[one.name];
    if (of_name >= kMostSeriesOfName || newest_.size() >= kMostSeries) {
      throw Error{
          ErrorCode::invalid_argument,
          fmt::format("metric '{}' with labels {} would be one series too many: the metric has {}, "
                      "the store {} (at most {} and {}); of its labels {}: put what changes with "
                      "each value into the correlation_id or a log",
                      one.name, to_json(one.labels), of_name, newest_.size(), kMostSeriesOfName,
                      kMostSeries, widest_label(one.name))};
    }
    ++of_name;
    newest_.try_emplace(one);
  }
}

void LiveSeries::note(const std::vector<MetricRecord>& records, EqualMetrics duplicates) {
  const bool first_wins = duplicates == EqualMetrics::reject;
  const MutexLock lock{mutex_};
  for (const MetricRecord& record : records) {
    std::optional<MetricRecord>& newest = newest_[record.series];
    const bool is_newer = !newest || newest->timestamp < record.timestamp;
    if (!is_newer && (first_wins || record.timestamp < newest->timestamp)) continue;
    newest = record;
    if (newest_loaded_) continue;
    if (first_wins) {
      yielding_.insert(record.series);
    } else {
      yielding_.erase(record.series);
    }
  }
}

void LiveSeries::forget_before(Timestamp end) {
  const MutexLock lock{mutex_};
  for (auto& [series, newest] : newest_) {
    if (newest && newest->timestamp < end) newest.reset();
  }
}

std::vector<MetricRecord> LiveSeries::newest(const std::optional<std::string>& name) {
  const MutexLock lock{mutex_};
  load_newest();
  std::vector<MetricRecord> records;
  auto at = name ? newest_.lower_bound({.name = *name}) : newest_.begin();
  for (; at != newest_.end(); ++at) {
    if (name && at->first.name != *name) break;
    if (at->second) records.push_back(*at->second);
  }
  return records;
}

}  // namespace tapedeck
