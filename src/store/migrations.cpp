#include "store/migrations.hpp"

#include "base/file.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>

namespace tapedeck {
namespace {

// No PRIMARY KEY or index on tape tables: a key costs 5–6 times the CPU and 8 bytes a row, and
// secondary indexes of DuckDB 1.5.5 can be silently wrong after WAL replay.
constexpr std::string_view kTablesUp = R"sql(
CREATE SCHEMA tape;
CREATE TABLE tape.store_facts(key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
CREATE TABLE tape.venues(
  venue_id TINYINT PRIMARY KEY, venue VARCHAR NOT NULL, display_name VARCHAR NOT NULL,
  market_type VARCHAR NOT NULL CHECK (market_type IN ('Spot', 'LinearPerps', 'InversePerps')));
CREATE TABLE tape.instruments(
  instrument_id INTEGER PRIMARY KEY, venue_id TINYINT NOT NULL, symbol VARCHAR NOT NULL,
  kind VARCHAR NOT NULL, inverse BOOLEAN NOT NULL, contract_size DECIMAL(38,12),
  quantity_unit VARCHAR NOT NULL, price_exp TINYINT NOT NULL, qty_exp TINYINT NOT NULL,
  mixed_scale BOOLEAN NOT NULL, created_at TIMESTAMP NOT NULL);
CREATE TABLE tape.trades(
  instrument_id INTEGER NOT NULL, grain UTINYINT NOT NULL, ts_event TIMESTAMP_NS NOT NULL,
  ts_recv TIMESTAMP_NS, trade_id BIGINT, price BIGINT NOT NULL, quantity BIGINT NOT NULL,
  price_exp TINYINT NOT NULL, qty_exp TINYINT NOT NULL, side UTINYINT NOT NULL);
CREATE TABLE tape.superseded(
  instrument_id INTEGER NOT NULL, grain UTINYINT NOT NULL,
  "begin" TIMESTAMP_NS NOT NULL, "end" TIMESTAMP_NS NOT NULL);
CREATE TABLE tape.bars(
  instrument_id INTEGER NOT NULL, interval VARCHAR NOT NULL, "begin" TIMESTAMP_NS NOT NULL,
  source VARCHAR NOT NULL, open DECIMAL(38,12) NOT NULL, high DECIMAL(38,12) NOT NULL,
  low DECIMAL(38,12) NOT NULL, close DECIMAL(38,12) NOT NULL, volume DECIMAL(38,12) NOT NULL,
  quote_volume DECIMAL(38,12), buy_volume DECIMAL(38,12), buy_quote_volume DECIMAL(38,12),
  trades BIGINT);
CREATE TABLE tape.open_interest(
  instrument_id INTEGER NOT NULL, ts_event TIMESTAMP_NS NOT NULL,
  open_interest DECIMAL(38,12) NOT NULL, open_interest_value DECIMAL(38,12),
  top_trader_account_ratio DECIMAL(38,12), top_trader_position_ratio DECIMAL(38,12),
  account_ratio DECIMAL(38,12), taker_volume_ratio DECIMAL(38,12));
CREATE TABLE tape.loads(
  load_id INTEGER PRIMARY KEY, instrument_id INTEGER NOT NULL, dataset VARCHAR NOT NULL,
  source VARCHAR NOT NULL, path VARCHAR, sha256 VARCHAR, bytes BIGINT, rows BIGINT NOT NULL,
  duplicates BIGINT NOT NULL, conflicts BIGINT NOT NULL, rejects BIGINT NOT NULL,
  id_begin BIGINT, id_end BIGINT, ts_begin TIMESTAMP_NS, ts_end TIMESTAMP_NS,
  ordered BOOLEAN NOT NULL, checksum_matched BOOLEAN, loaded_at TIMESTAMP NOT NULL);
CREATE TABLE tape.coverage(
  instrument_id INTEGER NOT NULL, dataset VARCHAR NOT NULL,
  "begin" TIMESTAMP_NS NOT NULL, "end" TIMESTAMP_NS NOT NULL, id_begin BIGINT, id_end BIGINT,
  status VARCHAR NOT NULL, cause VARCHAR, source VARCHAR NOT NULL,
  recorded_at TIMESTAMP NOT NULL);
CREATE TABLE tape.settings(
  key VARCHAR PRIMARY KEY, value JSON NOT NULL, updated_at TIMESTAMP NOT NULL);
INSERT INTO tape.venues VALUES
  (1, 'binance', 'Binance Spot', 'Spot'),
  (2, 'binance-um', 'Binance Linear', 'LinearPerps'),
  (3, 'binance-cm', 'Binance Inverse', 'InversePerps');
COMMENT ON TABLE tape.trades IS 'One row a public match, as integers of 10^price_exp and 10^qty_exp; read it through the view trades';
COMMENT ON COLUMN tape.trades.grain IS '0 trade, 1 aggregate';
COMMENT ON COLUMN tape.trades.side IS '0 unknown, 1 buy, 2 sell: who crossed the spread';
COMMENT ON TABLE tape.superseded IS 'Ranges in which one grain of an instrument is set aside for the other';
COMMENT ON TABLE tape.bars IS 'Bars as a venue published them, by source';
COMMENT ON TABLE tape.open_interest IS 'Open interest and the long/short ratios published beside it';
COMMENT ON TABLE tape.loads IS 'One row a file or batch: where rows came from, and in which order they lie';
COMMENT ON TABLE tape.coverage IS 'What is known of each dataset: recorded ranges, gaps, deletions';
)sql";

constexpr std::string_view kTablesDown = R"sql(
DROP SCHEMA tape CASCADE;
)sql";

// CAST(.. AS DECIMAL(19,0)) × DECIMAL(13,12) is DECIMAL(32,12): exact for every int64 and exponent.
// DECIMAL(18,0) would be faster and fails from 1,000,000 on. current_trades has two branches
// because the anti-join costs 60 times the scan: only instruments that have both grains pay for it.
constexpr std::string_view kPlainNamesUp = R"sql(
CREATE MACRO tape.to_decimal(units, exponent) AS
  CAST(units AS DECIMAL(19,0)) * CASE exponent
    WHEN 0 THEN 1.000000000000::DECIMAL(13,12) WHEN -1 THEN 0.100000000000::DECIMAL(13,12)
    WHEN -2 THEN 0.010000000000::DECIMAL(13,12) WHEN -3 THEN 0.001000000000::DECIMAL(13,12)
    WHEN -4 THEN 0.000100000000::DECIMAL(13,12) WHEN -5 THEN 0.000010000000::DECIMAL(13,12)
    WHEN -6 THEN 0.000001000000::DECIMAL(13,12) WHEN -7 THEN 0.000000100000::DECIMAL(13,12)
    WHEN -8 THEN 0.000000010000::DECIMAL(13,12) WHEN -9 THEN 0.000000001000::DECIMAL(13,12)
    WHEN -10 THEN 0.000000000100::DECIMAL(13,12) WHEN -11 THEN 0.000000000010::DECIMAL(13,12)
    WHEN -12 THEN 0.000000000001::DECIMAL(13,12) END;
CREATE MACRO tape.to_notional(price, quantity, exponent) AS
  CAST(CAST(price AS HUGEINT) * quantity AS DOUBLE) * pow(10.0, exponent);
CREATE VIEW tape.current_trades AS
  SELECT t.* FROM tape.trades t
  WHERE t.instrument_id NOT IN (SELECT instrument_id FROM tape.superseded)
  UNION ALL
  SELECT t.* FROM tape.trades t
  WHERE t.instrument_id IN (SELECT instrument_id FROM tape.superseded) AND NOT EXISTS (
    SELECT 1 FROM tape.superseded s WHERE s.instrument_id = t.instrument_id
      AND s.grain = t.grain AND t.ts_event >= s."begin" AND t.ts_event < s."end");
CREATE VIEW main.instruments AS
  SELECT i.instrument_id, v.venue || ':' || i.symbol AS instrument, v.venue, i.symbol, i.kind,
         i.inverse, i.contract_size, i.quantity_unit, i.price_exp, i.qty_exp, i.created_at
  FROM tape.instruments i JOIN tape.venues v USING (venue_id);
CREATE VIEW main.trades AS
  SELECT v.venue, i.symbol, t.ts_event AS time, t.trade_id,
         tape.to_decimal(t.price, t.price_exp) AS price,
         tape.to_decimal(t.quantity, t.qty_exp) AS quantity,
         CASE t.side WHEN 1 THEN 'buy' WHEN 2 THEN 'sell' ELSE 'unknown' END AS side,
         CASE t.grain WHEN 0 THEN 'trade' ELSE 'aggregate' END AS grain,
         t.instrument_id
  FROM tape.current_trades t JOIN tape.instruments i USING (instrument_id)
  JOIN tape.venues v USING (venue_id);
CREATE VIEW main.klines AS
  SELECT v.venue, i.symbol, b.interval, b."begin" AS time, b.open, b.high, b.low, b.close, b.volume,
         b.buy_volume, b.volume - b.buy_volume AS sell_volume, b.quote_volume, b.trades, b.source,
         b.instrument_id
  FROM tape.bars b JOIN tape.instruments i USING (instrument_id) JOIN tape.venues v USING (venue_id);
CREATE VIEW main.open_interest AS
  SELECT v.venue, i.symbol, o.ts_event AS time, o.* EXCLUDE (instrument_id, ts_event),
         o.instrument_id
  FROM tape.open_interest o JOIN tape.instruments i USING (instrument_id)
  JOIN tape.venues v USING (venue_id);
CREATE VIEW main.time_and_sales AS
  SELECT t.ts_event AS trade_time, i.symbol, i.symbol AS display_symbol,
         v.display_name AS exchange_name, tape.to_decimal(t.price, t.price_exp) AS price,
         tape.to_decimal(t.quantity, t.qty_exp) AS quantity,
         CASE t.side WHEN 1 THEN false WHEN 2 THEN true END AS is_sell,
         tape.to_notional(t.price, t.quantity, t.price_exp + t.qty_exp) AS notional_value
  FROM tape.current_trades t JOIN tape.instruments i USING (instrument_id)
  JOIN tape.venues v USING (venue_id);
CREATE VIEW main.coverage AS
  SELECT v.venue, i.symbol, c.* EXCLUDE (instrument_id), c.instrument_id
  FROM tape.coverage c JOIN tape.instruments i USING (instrument_id)
  JOIN tape.venues v USING (venue_id);
CREATE VIEW main.settings AS SELECT * FROM tape.settings;
)sql";

constexpr std::string_view kPlainNamesDown = R"sql(
DROP VIEW main.settings; DROP VIEW main.coverage; DROP VIEW main.time_and_sales;
DROP VIEW main.open_interest; DROP VIEW main.klines; DROP VIEW main.trades;
DROP VIEW main.instruments; DROP VIEW tape.current_trades;
DROP MACRO tape.to_notional; DROP MACRO tape.to_decimal;
)sql";

// A DECIMAL(18,8) that cannot hold the value exactly is NULL: TRY_CAST rounds, so it is compared.
constexpr std::string_view kFlowsurfaceUp = R"sql(
CREATE SCHEMA flowsurface;
CREATE MACRO tape.to_decimal_18_8(value) AS
  CASE WHEN TRY_CAST(value AS DECIMAL(18,8)) = value THEN TRY_CAST(value AS DECIMAL(18,8)) END;
CREATE VIEW flowsurface.exchanges AS
  SELECT venue_id AS exchange_id, display_name AS exchange_name, market_type FROM tape.venues;
CREATE VIEW flowsurface.tickers AS
  SELECT i.instrument_id AS ticker_id, i.venue_id AS exchange_id, i.symbol,
         i.symbol AS display_symbol, i.price_exp AS min_ticksize_power,
         CAST(pow(10.0, i.qty_exp) AS FLOAT) AS min_qty,
         CAST(i.contract_size AS FLOAT) AS contract_size, v.market_type, i.created_at
  FROM tape.instruments i JOIN tape.venues v USING (venue_id);
CREATE VIEW flowsurface.trades AS
  SELECT t.trade_id, t.instrument_id AS ticker_id, t.ts_event AS trade_time,
         tape.to_decimal_18_8(tape.to_decimal(t.price, t.price_exp)) AS price,
         CAST(tape.to_decimal(t.quantity, t.qty_exp) AS FLOAT) AS quantity,
         CASE t.side WHEN 1 THEN false WHEN 2 THEN true END AS is_sell
  FROM tape.current_trades t;
CREATE VIEW flowsurface.klines AS
  SELECT (b.instrument_id::BIGINT << 41) | ((list_position(
           ['1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '6h', '12h', '1d', '1w', '1mo'],
           b.interval) - 1)::BIGINT << 36) | (epoch_ns(b."begin") // 60000000000) AS kline_id,
         b.instrument_id AS ticker_id, b.interval AS timeframe,
         CAST(b."begin" AS TIMESTAMP) AS candle_time,
         tape.to_decimal_18_8(b.open) AS open_price, tape.to_decimal_18_8(b.high) AS high_price,
         tape.to_decimal_18_8(b.low) AS low_price, tape.to_decimal_18_8(b.close) AS close_price,
         CAST(coalesce(b.buy_volume, -1) AS FLOAT) AS base_volume,
         CAST(coalesce(b.volume - b.buy_volume, b.volume) AS FLOAT) AS quote_volume
  FROM tape.bars b;
CREATE VIEW flowsurface.time_and_sales AS
  SELECT trade_time, symbol, display_symbol, exchange_name,
         tape.to_decimal_18_8(price) AS price, CAST(quantity AS FLOAT) AS quantity, is_sell,
         notional_value
  FROM main.time_and_sales;
CREATE MACRO flowsurface.heatmap(bucket_ms) AS TABLE
  SELECT t.instrument_id AS ticker_id,
         make_timestamp_ns(epoch_ns(t.ts_event) // (bucket_ms::BIGINT * 1000000)
                           * (bucket_ms::BIGINT * 1000000))
           AS bucket_time,
         tape.to_decimal_18_8(tape.to_decimal(t.price, t.price_exp)) AS price,
         sum(CASE WHEN t.side = 1 THEN CAST(tape.to_decimal(t.quantity, t.qty_exp) AS DOUBLE)
             ELSE 0 END) AS buy_qty,
         sum(CASE WHEN t.side = 2 THEN CAST(tape.to_decimal(t.quantity, t.qty_exp) AS DOUBLE)
             ELSE 0 END) AS sell_qty,
         count(*) AS trade_count
  FROM tape.current_trades t GROUP BY ALL;
CREATE VIEW flowsurface.heatmap_view AS SELECT * FROM flowsurface.heatmap(100);
CREATE VIEW flowsurface.settings AS SELECT * FROM tape.settings;
)sql";

constexpr std::string_view kFlowsurfaceDown = R"sql(
DROP SCHEMA flowsurface CASCADE;
DROP MACRO tape.to_decimal_18_8;
)sql";

constexpr std::array kMigrations{
    Migration{1, "tape tables", kTablesUp, kTablesDown, true},
    Migration{2, "plain names", kPlainNamesUp, kPlainNamesDown, false},
    Migration{3, "flowsurface names", kFlowsurfaceUp, kFlowsurfaceDown, false},
};

}  // namespace

std::span<const Migration> builtin_migrations() {
  return kMigrations;
}

std::string checksum_of(const Migration& migration) {
  const std::string text = fmt::format("{}\n{}\n{}", migration.name, migration.up, migration.down);
  return sha256_hex(std::as_bytes(std::span{text}));
}

}  // namespace tapedeck
