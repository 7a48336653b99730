// The names by which other programs know tables: every one is there with its very columns, and what
// those programs ask in SQL is answered, each with the profile of its own.
#include "ledger/ledger_fixture.hpp"
#include "sql_rows.hpp"
#include "tapedeck/store/schema.hpp"
#include "tapedeck/telemetry/telemetry.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::amount;
using test::at;
using test::check_refused;
using test::TempStore;
using enum AggressorSide;

std::string columns_of(const Store& store, const std::string& name) {
  std::string line;
  for (const TableColumn& column : table_shape(store, name).columns)
    line += (line.empty() ? "" : ", ") + column.name + " " + column.type;
  return line;
}

std::string ask(Store& store, const char* profile, const std::string& text) {
  test::TextSink sink;
  run_sql(store, text, SqlAccess::read, sink, profile);
  return fmt::format("{}", fmt::join(sink.lines(), "; "));
}

// views_test.cpp has those of bars, footprints, profiles and runs.
TEST_CASE("names of the ledger, ticks and telemetry have exactly the columns that were promised") {
  const Store store{":memory:"};
  const std::pair<const char*, const char*> tables[]{
      {"dreammaker.market_ticks",
       "tick_id BIGINT, exchange VARCHAR, symbol VARCHAR, timestamp TIMESTAMP, bid_price "
       "DECIMAL(18,8), ask_price DECIMAL(18,8), bid_size DECIMAL(18,8), ask_size DECIMAL(18,8), "
       "last_price DECIMAL(18,8), last_size DECIMAL(18,8), volume DECIMAL(18,8), sequence_number "
       "BIGINT, conditions VARCHAR[], tape VARCHAR, ingestion_time TIMESTAMP, source VARCHAR, "
       "correlation_id UUID"},
      {"dreammaker.orders",
       "order_id UUID, client_order_id VARCHAR, exchange VARCHAR, symbol VARCHAR, strategy_id "
       "VARCHAR, side VARCHAR, order_type VARCHAR, time_in_force VARCHAR, quantity DECIMAL(18,8), "
       "price DECIMAL(18,8), stop_price DECIMAL(18,8), filled_quantity DECIMAL(18,8), "
       "average_fill_price DECIMAL(18,8), status VARCHAR, status_message VARCHAR, created_at "
       "TIMESTAMP, submitted_at TIMESTAMP, updated_at TIMESTAMP, filled_at TIMESTAMP, commission "
       "DECIMAL(18,8), commission_currency VARCHAR, correlation_id UUID, parent_order_id UUID, "
       "extended_hours BOOLEAN, metadata STRUCT(algo_params JSON, risk_checks JSON, "
       "performance_metrics JSON)"},
      {"dreammaker.trades",
       "trade_id UUID, order_id UUID, exchange VARCHAR, symbol VARCHAR, side VARCHAR, quantity "
       "DECIMAL(18,8), price DECIMAL(18,8), executed_at TIMESTAMP, reported_at TIMESTAMP, "
       "commission DECIMAL(18,8), fees DECIMAL(18,8), realized_pnl DECIMAL(18,8), "
       "exchange_trade_id VARCHAR, correlation_id UUID"},
      {"dreammaker.positions",
       "position_id BIGINT, exchange VARCHAR, symbol VARCHAR, side VARCHAR, quantity "
       "DECIMAL(18,8), average_entry_price DECIMAL(18,8), first_entry_time TIMESTAMP, "
       "current_price DECIMAL(18,8), market_value DECIMAL(18,8), unrealized_pnl DECIMAL(18,8), "
       "unrealized_pnl_pct DECIMAL(10,4), realized_pnl DECIMAL(18,8), total_cost_basis "
       "DECIMAL(18,8), max_drawdown DECIMAL(18,8), max_drawdown_pct DECIMAL(10,4), snapshot_time "
       "TIMESTAMP, opened_at TIMESTAMP, closed_at TIMESTAMP, correlation_id UUID, strategy_id "
       "VARCHAR"},
      {"dreammaker.portfolio_snapshots",
       "snapshot_id BIGINT, snapshot_time TIMESTAMP, snapshot_type VARCHAR, cash_balance "
       "DECIMAL(18,2), buying_power DECIMAL(18,2), portfolio_value DECIMAL(18,2), equity "
       "DECIMAL(18,2), total_pnl DECIMAL(18,2), daily_pnl DECIMAL(18,2), total_pnl_pct "
       "DECIMAL(10,4), daily_pnl_pct DECIMAL(10,4), leverage DECIMAL(10,4), margin_used "
       "DECIMAL(18,2), max_drawdown DECIMAL(18,2), max_drawdown_pct DECIMAL(10,4), long_positions "
       "INTEGER, short_positions INTEGER, total_positions INTEGER, metadata JSON"},
      {"dreammaker.system_metrics",
       "metric_id BIGINT, timestamp TIMESTAMP, metric_name VARCHAR, metric_type VARCHAR, value "
       "DOUBLE, labels STRUCT(service VARCHAR, component VARCHAR, environment VARCHAR, instance "
       "VARCHAR), quantiles STRUCT(p50 DOUBLE, p95 DOUBLE, p99 DOUBLE, p999 DOUBLE)"},
      {"dreammaker.application_logs",
       "log_id BIGINT, timestamp TIMESTAMP, level VARCHAR, service VARCHAR, component VARCHAR, "
       "message VARCHAR, event VARCHAR, context STRUCT(correlation_id UUID, order_id UUID, symbol "
       "VARCHAR, user_id VARCHAR, session_id VARCHAR), data JSON, exception STRUCT(\"type\" "
       "VARCHAR, message VARCHAR, stack_trace VARCHAR), source STRUCT(file VARCHAR, line INTEGER, "
       "\"function\" VARCHAR), correlation_id UUID"},
      {"pyrt.trading_metrics",
       "timestamp TIMESTAMP, metric_name VARCHAR, value DOUBLE, symbol VARCHAR, labels VARCHAR"},
      {"pyrt.system_events",
       "event_id BIGINT, timestamp TIMESTAMP, event_type VARCHAR, severity VARCHAR, message "
       "VARCHAR, component VARCHAR, details JSON, correlation_id UUID"},
      {"pyrt.performance_history",
       "timestamp TIMESTAMP, period_start TIMESTAMP, period_end TIMESTAMP, scope VARCHAR, "
       "total_trades INTEGER, winning_trades INTEGER, losing_trades INTEGER, win_rate DOUBLE, "
       "gross_profit DECIMAL(18,8), gross_loss DECIMAL(18,8), net_pnl DECIMAL(18,8), "
       "total_commission DECIMAL(18,8), profit_factor DOUBLE, avg_win DECIMAL(18,8), avg_loss "
       "DECIMAL(18,8), max_drawdown DECIMAL(18,8), sharpe DOUBLE"},
      {"pyrt.migrations",
       "version INTEGER, name VARCHAR, direction VARCHAR, checksum VARCHAR, applied_at TIMESTAMP, "
       "duration_ms DOUBLE"},
      {"flowsurface.depth_snapshots",
       "snapshot_id BIGINT, ticker_id INTEGER, snapshot_time TIMESTAMP_NS, last_update_id BIGINT, "
       "side VARCHAR, price DECIMAL(18,8), quantity FLOAT"},
      {"flowsurface.settings", "key VARCHAR, value JSON, updated_at TIMESTAMP"},
      {"main.metrics",
       "metric_id BIGINT, timestamp TIMESTAMP_NS, metric_name VARCHAR, metric_type VARCHAR, value "
       "DOUBLE, symbol VARCHAR, labels MAP(VARCHAR, VARCHAR), quantiles STRUCT(p50 DOUBLE, p95 "
       "DOUBLE, p99 DOUBLE, p999 DOUBLE), correlation_id UUID, labels_key VARCHAR"},
      {"main.metrics_rollup",
       "bucket TIMESTAMP_NS, interval VARCHAR, metric_name VARCHAR, symbol VARCHAR, labels_key "
       "VARCHAR, count BIGINT, sum DOUBLE, min DOUBLE, max DOUBLE, avg DOUBLE, p50 DOUBLE, p95 "
       "DOUBLE, p99 DOUBLE, is_approximate BOOLEAN"}};
  for (const auto& one : tables) {
    CAPTURE(one.first);
    CHECK(columns_of(store, one.first) == one.second);
  }
  CHECK(columns_of(store, "dreammaker.current_positions") ==
        columns_of(store, "dreammaker.positions"));
  CHECK(columns_of(store, "pyrt.trades") == columns_of(store, "dreammaker.trades"));
}

TEST_CASE("names that mean one thing only are there without a profile, too") {
  const Store store{":memory:"};
  const std::pair<const char*, const char*> same[]{
      {"exchanges", "flowsurface"},       {"tickers", "flowsurface"},
      {"depth_snapshots", "flowsurface"}, {"heatmap_view", "flowsurface"},
      {"settings", "flowsurface"},        {"market_ticks", "dreammaker"},
      {"system_metrics", "dreammaker"},   {"application_logs", "dreammaker"},
      {"trading_metrics", "pyrt"},        {"system_events", "pyrt"},
      {"performance_history", "pyrt"}};
  for (const auto& one : same) {
    CAPTURE(one.first);
    CHECK(columns_of(store, fmt::format("main.{}", one.first)) ==
          columns_of(store, fmt::format("{}.{}", one.second, one.first)));
  }
  for (const char* name : {"orders", "fills", "positions", "current_positions",
                           "portfolio_snapshots", "schema_migrations"})
    CHECK_FALSE(table_shape(store, fmt::format("main.{}", name)).columns.empty());
}

void store_market(Store& store) {
  Writer writer{store};
  const Instrument btc = test::new_instrument(store);
  writer.append(btc.id, test::block_of({{60'000, 100, 1, buy, 1},
                                        {60'500, 101, 2, sell, 2},
                                        {119'999, 99, 1, buy, 3},
                                        {120'000, 102, 4, sell, 4}}));
  DepthSnapshot book{.ts_event = test::at_ms(180'000), .sequence = 7};
  book.bids = {{.price = *parse_wire_number("101"), .quantity = *parse_wire_number("2.5")}};
  book.asks = {{.price = *parse_wire_number("102"), .quantity = *parse_wire_number("3")}};
  writer.append_depth(btc.id, std::vector{book});
  OpenInterest interest;
  interest.ts_event = test::at_ms(60'000);
  interest.open_interest = {.units = 125, .exponent = -1};
  writer.upsert_open_interest(btc.id, std::vector{interest});
  for (const char* symbol : {"AAPL", "MSFT"}) {
    const Instrument stock =
        store.resolve_instrument({.venue = "alpaca", .symbol = symbol}, NewVenue::add);
    std::vector<Tick> ticks;
    for (int64_t second = 0; second < 2; ++second) {
      ticks.push_back({.ts_event = at("2026-11-20T10:00") + std::chrono::seconds{second},
                       .bid_price = {.units = 150 + second, .exponent = 0},
                       .ask_price = {.units = 152 + second, .exponent = 0}});
    }
    writer.append_ticks(stock.id, ticks);
  }
}

// Buys 100 for 150.50, sells 40 for 151: 20 realised.
void store_ledger(Store& store) {
  Ledger ledger{store};
  const auto trade = [&](OrderSide side, const char* id, const char* quantity, const char* price,
                         const char* time) {
    NewOrder order = test::order_of(side, quantity, id);
    order.created_at = at(time);
    const Order stored = ledger.create_order(order);
    ledger.record_fill({.order_id = stored.order_id,
                        .quantity = amount(quantity),
                        .price = amount(price),
                        .executed_at = at(time) + std::chrono::seconds{1}});
  };
  trade(OrderSide::buy, "first", "100", "150.50", "2026-11-20T10:00");
  trade(OrderSide::sell, "second", "40", "151", "2026-11-20T11:00");
  ledger.take_snapshot(amount("1000"), {.at = at("2026-11-20T12:00")});
  ledger.settle();
}

void store_telemetry(Store& store) {
  Telemetry telemetry{store};
  telemetry
      .insert_metrics({MetricRecord("latency", 42.5)
                           .with_timestamp(at("2026-11-20T10:00"))
                           .with_symbol("AAPL")
                           .add_label("service", "router"),
                       MetricRecord("latency", 2).with_timestamp(at("2026-11-20T09:00"))})
      .get();
  telemetry
      .log({.timestamp = at("2026-11-20T10:00"),
            .level = LogLevel::error,
            .service = "router",
            .message = "refused"})
      .get();
  SystemEvent event = SystemEvent::warning("late");
  event.timestamp = at("2026-11-20T10:00");
  telemetry.log_event(event).get();
  telemetry.flush();
  test::sql(store,
            "INSERT INTO telemetry.performance(\"timestamp\", total_trades, winning_trades, "
            "losing_trades, gross_profit, gross_loss, net_pnl, total_commission, max_drawdown) "
            "VALUES (TIMESTAMP_NS '2026-11-20', 1, 1, 0, 20, 0, 20, 0, 0)",
            SqlAccess::write);
}

struct Filled {
  TempStore store;
  Filled() {
    store_market(*store);
    store_ledger(*store);
    store_telemetry(*store);
  }
};

struct Statement {
  const char* sql;
  const char* rows;
};

void check_all(Store& store, const char* profile, std::initializer_list<Statement> statements) {
  for (const Statement& one : statements) {
    CAPTURE(one.sql);
    CHECK(ask(store, profile, one.sql) == one.rows);
  }
}

TEST_CASE("what FlowSurface asks is answered under its names") {
  Filled filled;
  check_all(
      *filled.store, "flowsurface",
      {{"SELECT trade_time, price, quantity, is_sell FROM trades WHERE ticker_id = 1 AND "
        "trade_time BETWEEN TIMESTAMP '1970-01-01 00:01:00' AND TIMESTAMP '1970-01-01 00:01:30' "
        "ORDER BY trade_time",
        "1970-01-01T00:01:00Z 100 1.0 false; 1970-01-01T00:01:00.500Z 101 2.0 true"},
       {"SELECT ticker_id, count(*) FROM trades GROUP BY ticker_id", "1 4"},
       {"SELECT count(*) FROM trades WHERE price <= 0", "0"},
       {"SELECT candle_time, open_price, high_price, low_price, close_price, base_volume, "
        "quote_volume FROM klines WHERE ticker_id = 1 AND timeframe = '1m' AND candle_time BETWEEN "
        "TIMESTAMP '1970-01-01' AND TIMESTAMP '1970-01-02' ORDER BY candle_time",
        "1970-01-01T00:01:00Z 100 101 99 99 2.0 2.0; 1970-01-01T00:02:00Z 102 102 102 102 0.0 4.0"},
       {"SELECT side, price, quantity, last_update_id FROM depth_snapshots WHERE ticker_id = 1 AND "
        "snapshot_time = TIMESTAMP_NS '1970-01-01 00:03:00' ORDER BY side DESC, price",
        "BID 101 2.5 7; ASK 102 3.0 7"},
       {"SELECT ticker_id FROM tickers WHERE exchange_id = (SELECT exchange_id FROM exchanges "
        "WHERE exchange_name = 'Binance Spot') AND symbol = 'BTCUSDT'",
        "1"},
       {"SELECT oi_time, oi_value FROM open_interest WHERE ticker_id = 1",
        "1970-01-01T00:01:00Z 12.5"},
       {"SELECT f.price, f.buy_quantity, f.sell_quantity, f.buy_count, f.sell_count FROM "
        "footprint_data f JOIN klines k USING (kline_id) WHERE k.candle_time = TIMESTAMP "
        "'1970-01-01 00:01:00' ORDER BY f.price",
        "99 1.0 0.0 1 0; 100 1.0 0.0 1 0; 101 0.0 2.0 0 1"},
       {"SELECT price, total_volume FROM volume_profiles WHERE is_poc", "102 4.0"},
       {"SELECT symbol, exchange_name, price, is_sell, notional_value FROM time_and_sales ORDER BY "
        "trade_time DESC LIMIT 1",
        "BTCUSDT Binance Spot 102 true 408"},
       {"SELECT epoch_ms(bucket_time), price, buy_qty, sell_qty, trade_count FROM heatmap_view "
        "WHERE ticker_id = 1 ORDER BY bucket_time LIMIT 2",
        "60000 100 1 0 1; 60500 101 0 2 1"},
       {"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('exchanges', "
        "'tickers', 'trades', 'klines', 'depth_snapshots', 'open_interest', 'footprint_data', "
        "'order_runs', 'volume_profiles')",
        "9"},
       {"SELECT table_type FROM information_schema.tables WHERE table_schema = 'flowsurface' AND "
        "table_name = 'trades'",
        "VIEW"},
       {"SELECT column_name FROM (DESCRIBE trades)",
        "trade_id; ticker_id; trade_time; price; quantity; is_sell"},
       {"SELECT used_blocks <= total_blocks FROM pragma_database_size()", "true"}});
}

TEST_CASE("what DreamMaker asks is answered under its names") {
  Filled filled;
  check_all(
      *filled.store, "dreammaker",
      {{"SELECT client_order_id, side, order_type, quantity, status FROM orders WHERE symbol = "
        "'AAPL' ORDER BY created_at DESC LIMIT 1",
        "second sell market 40 filled"},
       {"SELECT symbol, side, quantity, average_entry_price, realized_pnl FROM current_positions",
        "AAPL long 60 150.5 20"},
       {"SELECT count(*), max(quantity) FROM positions WHERE symbol = 'AAPL'", "2 100"},
       {"SELECT avg(close) FROM ohlcv_bars WHERE symbol = 'BTCUSDT' AND timeframe = '1m' AND "
        "timestamp >= '1970-01-01' AND timestamp < '1970-01-02'",
        "100.5"},
       {"SELECT avg(bid_price) FROM market_ticks WHERE symbol = 'AAPL' AND timestamp BETWEEN "
        "'2026-11-20' AND '2026-11-21'",
        "150.5"},
       {"SELECT exchange, symbol, bid_price, ask_price FROM market_ticks WHERE symbol = 'MSFT' "
        "ORDER BY timestamp DESC LIMIT 100",
        "alpaca MSFT 151 153; alpaca MSFT 150 152"},
       {"SELECT count(*) FROM (SELECT * FROM market_ticks ORDER BY timestamp DESC LIMIT 1000)",
        "4"},
       {"SELECT approx_count_distinct(symbol) FROM market_ticks", "2"},
       {"SELECT o.client_order_id, t.quantity, t.price, t.realized_pnl FROM orders o JOIN trades t "
        "ON o.order_id = t.order_id WHERE o.symbol = 'AAPL' AND t.executed_at >= DATE "
        "'2026-11-20' ORDER BY t.executed_at",
        "first 100 150.5 NULL; second 40 151 20"},
       {"SELECT count(*) FROM orders WHERE created_at >= DATE '2026-11-20'", "2"},
       {"SELECT snapshot_type, cash_balance, total_positions FROM portfolio_snapshots",
        "manual 1000 1"},
       {"SELECT metric_name, labels.service, value FROM system_metrics ORDER BY timestamp DESC "
        "LIMIT 1",
        "latency router 42.5"},
       {"SELECT level, service, message FROM application_logs WHERE level = 'error'",
        "error router refused"}});
}

TEST_CASE("what PyRT asks is answered under its names") {
  Filled filled;
  check_all(*filled.store, "pyrt",
            {{"SELECT count(*) FROM trading_metrics", "2"},
             {"SELECT count(*) FROM candles WHERE timeframe = '1m'", "2"},
             {"SELECT count(*) FROM trading_candles WHERE timeframe = '1h'", "1"},
             {"SELECT count(*), sum(net_pnl) FROM performance_history", "1 20"},
             {"SELECT * FROM trading_metrics ORDER BY timestamp",
              "2026-11-20T09:00:00Z latency 2 NULL {}; 2026-11-20T10:00:00Z latency 42.5 AAPL "
              "{\"service\":\"router\"}"},
             {"SELECT severity, message FROM system_events", "warning late"},
             {"SELECT count(*) FROM trades", "2"},
             {"SELECT count(*) > 0 FROM migrations WHERE direction = 'up'", "true"}});
}

TEST_CASE("each name leaves as Parquet and is read again") {
  Filled filled;
  const std::pair<const char*, const char*> names[]{
      {"flowsurface", "trades"},   {"dreammaker", "market_ticks"}, {"dreammaker", "orders"},
      {"dreammaker", "trades"},    {"dreammaker", "positions"},    {"pyrt", "trading_metrics"},
      {"dreammaker", "ohlcv_bars"}};
  for (const auto& one : names) {
    const char* profile = one.first;
    const char* name = one.second;
    CAPTURE(name);
    const std::string file = (filled.store.folder() / fmt::format("{}.parquet", name)).string();
    const std::string rows =
        ask(*filled.store, profile, fmt::format("SELECT count(*) FROM {}", name));
    CHECK(ask(*filled.store, profile,
              fmt::format("COPY (SELECT * FROM {}) TO '{}' (FORMAT PARQUET, COMPRESSION ZSTD, "
                          "COMPRESSION_LEVEL 3)",
                          name, file)) == rows);
    CHECK(ask(*filled.store, profile,
              fmt::format("SELECT count(*) FROM read_parquet('{}')", file)) == rows);
  }
}

TEST_CASE("statements about the database itself are answered while reading") {
  Filled filled;
  for (const std::string& profile : sql_profiles()) {
    CAPTURE(profile);
    for (const char* statement : {"VACUUM", "ANALYZE", "CHECKPOINT", "PRAGMA database_size"})
      CHECK_NOTHROW(ask(*filled.store, profile.c_str(), statement));
    CHECK(ask(*filled.store, profile.c_str(), "EXPLAIN SELECT * FROM trades")
              .starts_with("physical_plan"));
    CHECK(ask(*filled.store, profile.c_str(),
              "EXPLAIN (ANALYZE, FORMAT json) SELECT count(*) FROM trades")
              .starts_with("analyzed_plan"));
  }
  const std::string folder = (filled.store.folder() / "exported").string();
  CHECK_NOTHROW(ask(*filled.store, "flowsurface", fmt::format("EXPORT DATABASE '{}'", folder)));
  CHECK(std::filesystem::exists(std::filesystem::path{folder} / "schema.sql"));
}

}  // namespace
}  // namespace tapedeck
