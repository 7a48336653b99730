#include "tape/telemetry_payload.hpp"

#include "tape/record_bytes.hpp"

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

template <typename Io, typename Row>
void log_fields(Io& io, Row& row) {
  io(row.timestamp, row.level, row.service, row.component, row.message, row.event,
     row.correlation_id, row.order_id, row.symbol, row.user_id, row.session_id, row.fields,
     row.exception_type, row.exception_message, row.stack_trace, row.source_file, row.source_line,
     row.source_function);
}

template <typename Io, typename Row>
void event_fields(Io& io, Row& row) {
  io(row.timestamp, row.severity, row.message, row.type, row.component, row.details,
     row.correlation_id);
}

void put_series(ByteWriter& out, const MetricSeries& series) {
  RecordWriter io{out};
  io(series.name, series.type, series.symbol, static_cast<uint32_t>(series.labels.size()));
  for (const auto& [key, value] : series.labels)
    io(key, value);
}

std::optional<MetricSeries> take_series(ByteReader& in) {
  RecordReader io{in};
  MetricSeries series;
  uint32_t labels = 0;
  io(series.name, series.type, series.symbol, labels);
  for (uint32_t at = 0; at < labels && !io.failed(); ++at) {
    std::string key;
    std::string value;
    io(key, value);
    series.labels.emplace_hint(series.labels.end(), std::move(key), std::move(value));
  }
  return io.failed() ? std::nullopt : std::optional{std::move(series)};
}

template <typename Rows, typename Row, typename Fields>
std::optional<Rows> take_rows(ByteReader& in, size_t count, const Fields& fields) {
  Rows rows{.source = in.take_text()};
  RecordReader io{in};
  for (size_t at = 0; at < count; ++at) {
    Row row;
    fields(io, row);
    if (io.failed()) return std::nullopt;
    rows.rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

// The series once each; then columns; then what few rows have, with the number of the row.
void put(ByteWriter& out, const MetricRows& rows) {
  out.put_text(rows.source);
  out.put(rows.duplicates);
  out.put(static_cast<uint32_t>(rows.series.size()));
  for (const MetricSeries& series : rows.series)
    put_series(out, series);
  out.put_column(std::span{rows.series_of});
  out.put_column(std::span{rows.timestamps});
  out.put_column(std::span{rows.values});
  RecordWriter io{out};
  io(static_cast<uint32_t>(rows.quantiles.size()));
  for (const auto& [row, quantiles] : rows.quantiles)
    io(row, quantiles.p50, quantiles.p95, quantiles.p99, quantiles.p999);
  io(static_cast<uint32_t>(rows.correlation_ids.size()));
  for (const auto& [row, id] : rows.correlation_ids)
    io(row, id);
}

std::optional<MetricRows> take_metrics(ByteReader& in, size_t count) {
  MetricRows rows{.source = in.take_text()};
  RecordReader io{in};
  io(rows.duplicates);
  const auto series = in.take<uint32_t>();
  for (uint32_t at = 0; at < series; ++at) {
    std::optional<MetricSeries> one = take_series(in);
    if (!one) return std::nullopt;
    rows.series.push_back(std::move(*one));
  }
  in.take_column(rows.series_of, count);
  in.take_column(rows.timestamps, count);
  in.take_column(rows.values, count);
  const auto with_quantiles = in.take<uint32_t>();
  for (uint32_t at = 0; at < with_quantiles && !io.failed(); ++at) {
    auto& [row, quantiles] = rows.quantiles.emplace_back();
    io(row, quantiles.p50, quantiles.p95, quantiles.p99, quantiles.p999);
  }
  const auto with_ids = in.take<uint32_t>();
  for (uint32_t at = 0; at < with_ids && !io.failed(); ++at) {
    auto& [row, id] = rows.correlation_ids.emplace_back();
    io(row, id);
  }
  const bool known = std::ranges::all_of(rows.series_of, [&](uint32_t at) { return at < series; });
  return io.failed() || !known ? std::nullopt : std::optional{std::move(rows)};
}

void put(ByteWriter& out, const LogRows& rows) {
  out.put_text(rows.source);
  RecordWriter io{out};
  for (const LogRecord& row : rows.rows)
    log_fields(io, row);
}

std::optional<LogRows> take_logs(ByteReader& in, size_t count) {
  return take_rows<LogRows, LogRecord>(in, count,
                                       [](auto& io, LogRecord& row) { log_fields(io, row); });
}

void put(ByteWriter& out, const EventRows& rows) {
  out.put_text(rows.source);
  RecordWriter io{out};
  for (const SystemEvent& row : rows.rows)
    event_fields(io, row);
}

std::optional<EventRows> take_events(ByteReader& in, size_t count) {
  return take_rows<EventRows, SystemEvent>(
      in, count, [](auto& io, SystemEvent& row) { event_fields(io, row); });
}

}  // namespace tapedeck
