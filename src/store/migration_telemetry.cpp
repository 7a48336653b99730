#include "store/migration_texts.hpp"

namespace tapedeck {

const std::string_view kTelemetryTablesUp = R"sql(
CREATE SCHEMA telemetry;
CREATE TABLE telemetry.series(
  series_id INTEGER NOT NULL, metric_name VARCHAR NOT NULL, metric_type VARCHAR NOT NULL,
  symbol VARCHAR, labels VARCHAR NOT NULL);
CREATE TABLE telemetry.metrics(
  metric_id BIGINT NOT NULL, series_id INTEGER NOT NULL, "timestamp" TIMESTAMP_NS NOT NULL,
  value DOUBLE NOT NULL, p50 DOUBLE, p95 DOUBLE, p99 DOUBLE, p999 DOUBLE, correlation_id UUID);
CREATE TABLE telemetry.rollups(
  series_id INTEGER NOT NULL, interval VARCHAR NOT NULL, bucket TIMESTAMP_NS NOT NULL,
  count BIGINT NOT NULL, sum DOUBLE NOT NULL, min DOUBLE NOT NULL, max DOUBLE NOT NULL,
  first DOUBLE NOT NULL, last DOUBLE NOT NULL, sum_of_squares DOUBLE NOT NULL, p50 DOUBLE NOT NULL,
  p95 DOUBLE NOT NULL, p99 DOUBLE NOT NULL, is_approximate BOOLEAN NOT NULL);
CREATE TABLE telemetry.logs(
  log_id BIGINT NOT NULL, "timestamp" TIMESTAMP_NS NOT NULL, level VARCHAR NOT NULL,
  service VARCHAR NOT NULL, component VARCHAR, message VARCHAR NOT NULL, event VARCHAR,
  correlation_id UUID, order_id UUID, symbol VARCHAR, user_id VARCHAR, session_id VARCHAR,
  fields VARCHAR, exception_type VARCHAR, exception_message VARCHAR, stack_trace VARCHAR,
  source_file VARCHAR, source_line BIGINT, source_function VARCHAR);
CREATE TABLE telemetry.events(
  event_id BIGINT NOT NULL, "timestamp" TIMESTAMP_NS NOT NULL, event_type VARCHAR,
  severity VARCHAR NOT NULL, message VARCHAR NOT NULL, component VARCHAR, details VARCHAR,
  correlation_id UUID);
CREATE TABLE telemetry.performance(
  "timestamp" TIMESTAMP_NS NOT NULL, period_start TIMESTAMP_NS, period_end TIMESTAMP_NS,
  scope VARCHAR, total_trades BIGINT NOT NULL, winning_trades BIGINT NOT NULL,
  losing_trades BIGINT NOT NULL, win_rate DOUBLE, gross_profit DECIMAL(38,12) NOT NULL,
  gross_loss DECIMAL(38,12) NOT NULL, net_pnl DECIMAL(38,12) NOT NULL,
  total_commission DECIMAL(38,12) NOT NULL, profit_factor DOUBLE, average_win DECIMAL(38,12),
  average_loss DECIMAL(38,12), max_drawdown DECIMAL(38,12) NOT NULL, sharpe DOUBLE);
COMMENT ON TABLE telemetry.series IS 'What metrics are told apart by: name, symbol, labels';
COMMENT ON COLUMN telemetry.series.labels IS 'A JSON object by rising keys';
COMMENT ON TABLE telemetry.metrics IS 'One row a value of a series';
COMMENT ON COLUMN telemetry.metrics.p50 IS 'Of a histogram, as whoever measured it computed them';
COMMENT ON TABLE telemetry.rollups IS 'Metrics by minute and by hour, made before the values themselves are deleted; late values make a second row, and the view metrics_rollup joins them';
COMMENT ON COLUMN telemetry.rollups.is_approximate IS 'Its quantiles are those of quantiles';
COMMENT ON TABLE telemetry.logs IS 'What services said, a line each';
COMMENT ON TABLE telemetry.events IS 'What happened to the system';
COMMENT ON TABLE telemetry.performance IS 'Summaries of profit and loss, when somebody asked for them to be kept';
)sql";

const std::string_view kTelemetryTablesDown = R"sql(
DROP SCHEMA telemetry CASCADE;
)sql";

const std::string_view kTelemetryNamesUp = R"sql(
CREATE VIEW main.metrics AS
  SELECT m.metric_id, m."timestamp", s.metric_name, s.metric_type, m.value, s.symbol,
         CAST(CAST(s.labels AS JSON) AS MAP(VARCHAR, VARCHAR)) AS labels,
         CASE WHEN m.p50 IS NOT NULL THEN
           struct_pack(p50 := m.p50, p95 := m.p95, p99 := m.p99, p999 := m.p999) END AS quantiles,
         m.correlation_id,
         array_to_string(list_transform(map_entries(
           CAST(CAST(s.labels AS JSON) AS MAP(VARCHAR, VARCHAR))), e -> e.key || '=' || e.value), ',')
           AS labels_key
  FROM telemetry.metrics m JOIN telemetry.series s USING (series_id);
CREATE VIEW main.metrics_rollup AS
  SELECT r.bucket, r.interval, s.metric_name, s.symbol,
         array_to_string(list_transform(map_entries(
           CAST(CAST(s.labels AS JSON) AS MAP(VARCHAR, VARCHAR))), e -> e.key || '=' || e.value), ',')
           AS labels_key,
         CAST(sum(r.count) AS BIGINT) AS count, sum(r.sum) AS sum, min(r.min) AS min,
         max(r.max) AS max, sum(r.sum) / sum(r.count) AS avg,
         sum(r.p50 * r.count) / sum(r.count) AS p50, sum(r.p95 * r.count) / sum(r.count) AS p95,
         sum(r.p99 * r.count) / sum(r.count) AS p99,
         bool_or(r.is_approximate) OR count(*) > 1 AS is_approximate
  FROM telemetry.rollups r JOIN telemetry.series s USING (series_id)
  GROUP BY r.series_id, r.bucket, r.interval, s.metric_name, s.symbol, s.labels;
CREATE VIEW main.system_metrics AS
  SELECT metric_id, CAST("timestamp" AS TIMESTAMP) AS "timestamp", metric_name, metric_type, value,
         struct_pack(service := labels['service'], component := labels['component'],
                     environment := labels['environment'], instance := labels['instance']) AS labels,
         quantiles
  FROM main.metrics;
CREATE VIEW main.trading_metrics AS
  SELECT CAST(m."timestamp" AS TIMESTAMP) AS "timestamp", s.metric_name, m.value, s.symbol, s.labels
  FROM telemetry.metrics m JOIN telemetry.series s USING (series_id);
CREATE VIEW main.application_logs AS
  SELECT log_id, CAST("timestamp" AS TIMESTAMP) AS "timestamp", level, service, component, message,
         event,
         struct_pack(correlation_id := correlation_id, order_id := order_id, symbol := symbol,
                     user_id := user_id, session_id := session_id) AS context,
         CAST(fields AS JSON) AS data,
         CASE WHEN coalesce(exception_type, exception_message, stack_trace) IS NOT NULL THEN
           struct_pack("type" := exception_type, message := exception_message,
                       stack_trace := stack_trace) END AS exception,
         CASE WHEN coalesce(source_file, source_function) IS NOT NULL THEN
           struct_pack(file := source_file, line := CAST(source_line AS INTEGER),
                       "function" := source_function) END AS source,
         correlation_id
  FROM telemetry.logs;
CREATE VIEW main.system_events AS
  SELECT event_id, CAST("timestamp" AS TIMESTAMP) AS "timestamp", event_type, severity, message,
         component, CAST(details AS JSON) AS details, correlation_id
  FROM telemetry.events;
CREATE VIEW main.performance_history AS
  SELECT CAST("timestamp" AS TIMESTAMP) AS "timestamp", CAST(period_start AS TIMESTAMP) AS period_start,
         CAST(period_end AS TIMESTAMP) AS period_end, scope,
         CAST(total_trades AS INTEGER) AS total_trades,
         CAST(winning_trades AS INTEGER) AS winning_trades,
         CAST(losing_trades AS INTEGER) AS losing_trades, win_rate,
         TRY_CAST(gross_profit AS DECIMAL(18,8)) AS gross_profit,
         TRY_CAST(gross_loss AS DECIMAL(18,8)) AS gross_loss,
         TRY_CAST(net_pnl AS DECIMAL(18,8)) AS net_pnl,
         TRY_CAST(total_commission AS DECIMAL(18,8)) AS total_commission, profit_factor,
         TRY_CAST(average_win AS DECIMAL(18,8)) AS avg_win,
         TRY_CAST(average_loss AS DECIMAL(18,8)) AS avg_loss,
         TRY_CAST(max_drawdown AS DECIMAL(18,8)) AS max_drawdown, sharpe
  FROM telemetry.performance;
CREATE VIEW main.timeline AS
  SELECT "timestamp" AS time, 'log' AS kind, level, service AS origin, message, correlation_id
  FROM telemetry.logs
  UNION ALL
  SELECT "timestamp", 'event', severity, component, message, correlation_id FROM telemetry.events;
CREATE VIEW dreammaker.system_metrics AS SELECT * FROM main.system_metrics;
CREATE VIEW dreammaker.application_logs AS SELECT * FROM main.application_logs;
CREATE VIEW pyrt.trading_metrics AS SELECT * FROM main.trading_metrics;
CREATE VIEW pyrt.system_events AS SELECT * FROM main.system_events;
CREATE VIEW pyrt.performance_history AS SELECT * FROM main.performance_history;
CREATE VIEW pyrt.migrations AS
  SELECT version, name, direction, checksum, CAST(applied_at AS TIMESTAMP) AS applied_at,
         duration_ms
  FROM main.schema_migrations;
COMMENT ON VIEW main.metrics IS 'Metrics with the series that they are of';
COMMENT ON VIEW main.metrics_rollup IS 'Metrics by minute and by hour';
COMMENT ON VIEW main.system_metrics IS 'Metrics, with four labels as a struct';
COMMENT ON VIEW main.trading_metrics IS 'Metrics in five columns, labels as JSON text';
COMMENT ON VIEW main.application_logs IS 'What services said';
COMMENT ON VIEW main.system_events IS 'What happened to the system';
COMMENT ON VIEW main.performance_history IS 'Summaries of profit and loss';
COMMENT ON VIEW main.timeline IS 'Logs and events on one time line';
)sql";

const std::string_view kTelemetryNamesDown = R"sql(
DROP VIEW pyrt.migrations; DROP VIEW pyrt.performance_history; DROP VIEW pyrt.system_events;
DROP VIEW pyrt.trading_metrics; DROP VIEW dreammaker.application_logs;
DROP VIEW dreammaker.system_metrics; DROP VIEW main.timeline; DROP VIEW main.performance_history;
DROP VIEW main.system_events; DROP VIEW main.application_logs; DROP VIEW main.trading_metrics;
DROP VIEW main.system_metrics; DROP VIEW main.metrics_rollup; DROP VIEW main.metrics;
)sql";

}  // namespace tapedeck
