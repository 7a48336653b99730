#include "store/metric_rows.hpp"

#include "duck/row_reader.hpp"
#include "duck/row_writer.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

using Key = std::pair<int32_t, int64_t>;  // series, instant

// Places of the rows to insert: all, or the last of each key.
std::vector<size_t> chosen_rows(const MetricRows& rows, const std::vector<int32_t>& numbers) {
  std::vector<size_t> chosen;
  if (rows.duplicates == EqualMetrics::keep) {
    for (size_t row = 0; row < rows.values.size(); ++row)
      chosen.push_back(row);
    return chosen;
  }
  std::map<Key, size_t> places;
  const bool last = rows.duplicates == EqualMetrics::last_wins;
  for (size_t row = 0; row < rows.values.size(); ++row) {
    const auto [place, is_new] =
        places.try_emplace({numbers[rows.series_of[row]], rows.timestamps[row]}, row);
    if (!is_new && last) place->second = row;
  }
  for (const auto& entry : places)
    chosen.push_back(entry.second);
  std::ranges::sort(chosen);
  return chosen;
}

void stage_keys(duck::Transaction& transaction, const MetricRows& rows,
                const std::vector<int32_t>& numbers) {
  transaction.connection().run(
      "CREATE OR REPLACE TEMP TABLE given(series_id INTEGER, \"timestamp\" TIMESTAMP_NS)");
  duck::RowWriter out{transaction, "main", "given"};
  for (size_t row = 0; row < rows.values.size(); ++row) {
    out.put(numbers[rows.series_of[row]]).put(from_epoch_ns(rows.timestamps[row]));
    out.end_row();
  }
  out.close();
}

// Of the keys in `given`.
std::vector<Key> stored_keys(duck::Connection& connection) {
  duck::Result result = connection.run(
      "SELECT DISTINCT series_id, \"timestamp\" FROM telemetry.metrics SEMI JOIN given USING "
      "(series_id, \"timestamp\")");
  std::vector<Key> keys;
  while (result.next_row())
    keys.emplace_back(static_cast<int32_t>(result.int64(0)), result.int64(1));
  std::ranges::sort(keys);
  return keys;
}

// Applies the rule to what is stored already.
void make_room(duck::Transaction& transaction, const MetricRows& rows,
               const std::vector<int32_t>& numbers, std::vector<size_t>& chosen) {
  if (rows.duplicates == EqualMetrics::keep) return;
  duck::Connection& connection = transaction.connection();
  stage_keys(transaction, rows, numbers);
  const std::vector<Key> keys = stored_keys(connection);
  if (!keys.empty() && rows.duplicates == EqualMetrics::last_wins) {
    connection.run(
        "DELETE FROM telemetry.metrics m USING given g WHERE m.series_id = g.series_id AND "
        "m.\"timestamp\" = g.\"timestamp\"");
  }
  if (rows.duplicates == EqualMetrics::reject) {
    std::erase_if(chosen, [&](size_t row) {
      return std::ranges::binary_search(keys,
                                        Key{numbers[rows.series_of[row]], rows.timestamps[row]});
    });
  }
  connection.run("DROP TABLE given");
}

}  // namespace

void SeriesNumbers::load(duck::Connection& connection) {
  if (next_series_) return;
  duck::Result result = connection.run(
      "SELECT series_id, metric_name, metric_type, symbol, labels FROM telemetry.series");
  duck::RowReader in{result};
  int32_t last = 0;
  while (in.next()) {
    const auto number = static_cast<int32_t>(in.take_integer());
    MetricSeries series{.name = in.take_text()};
    series.type = parse_metric_type(in.take_text()).value();
    series.symbol = in.find_text();
    series.labels = parse_labels(in.take_text());
    series_.emplace(std::move(series), number);
    last = std::max(last, number);
  }
  next_series_ = last + 1;
}

std::vector<int32_t> SeriesNumbers::numbers_of(duck::Transaction& transaction,
                                               const std::vector<MetricSeries>& series) {
  load(transaction.connection());
  std::vector<int32_t> numbers;
  std::optional<duck::RowWriter> out;
  for (const MetricSeries& one : series) {
    const auto [found, is_new] = series_.try_emplace(one, *next_series_);
    numbers.push_back(found->second);
    if (!is_new) continue;
    ++*next_series_;
    if (!out) out.emplace(transaction, "telemetry", "series");
    out->put(found->second).put(one.name).put(to_text(one.type)).put(one.symbol);
    out->put(to_json(one.labels));
    out->end_row();
  }
  if (out) out->close();
  return numbers;
}

int64_t SeriesNumbers::take_metric_ids(duck::Transaction& transaction, int64_t count) {
  if (!next_metric_) {
    duck::Result result = transaction.connection().run(
        "SELECT coalesce(max(metric_id), 0) + 1 FROM telemetry.metrics");
    result.next_row();
    next_metric_ = result.int64(0);
  }
  return std::exchange(*next_metric_, *next_metric_ + count);
}

int64_t insert_metrics(duck::Transaction& transaction, SeriesNumbers& numbers,
                       const MetricRows& rows) {
  const std::vector<int32_t> series = numbers.numbers_of(transaction, rows.series);
  std::vector<size_t> chosen = chosen_rows(rows, series);
  make_room(transaction, rows, series, chosen);
  if (chosen.empty()) return 0;
  const std::map<uint32_t, Quantiles> quantiles{rows.quantiles.begin(), rows.quantiles.end()};
  const std::map<uint32_t, Uuid> ids{rows.correlation_ids.begin(), rows.correlation_ids.end()};
  int64_t id = numbers.take_metric_ids(transaction, static_cast<int64_t>(chosen.size()));
  duck::RowWriter out{transaction, "telemetry", "metrics"};
  for (const size_t row : chosen) {
    out.put(id++).put(series[rows.series_of[row]]).put(from_epoch_ns(rows.timestamps[row]));
    out.put(rows.values[row]);
    const auto measured = quantiles.find(static_cast<uint32_t>(row));
    if (measured == quantiles.end()) {
      out.put_null().put_null().put_null().put_null();
    } else {
      const Quantiles& q = measured->second;
      out.put(q.p50).put(q.p95).put(q.p99).put(q.p999);
    }
    const auto correlation = ids.find(static_cast<uint32_t>(row));
    out.put(correlation == ids.end() ? std::nullopt : std::optional{correlation->second});
    out.end_row();
  }
  out.close();
  return static_cast<int64_t>(chosen.size());
}

}  // namespace tapedeck
