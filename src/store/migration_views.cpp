#include "store/migration_texts.hpp"

namespace tapedeck {

// CAST(.. AS DECIMAL(19,0)) × DECIMAL(13,12) is DECIMAL(32,12): exact for every int64 and exponent.
// DECIMAL(18,0) would be faster and fails from 1,000,000 on. current_trades has two branches
// because the anti-join costs 60 times the scan: only instruments that have both grains pay for it.
const std::string_view kPlainNamesUp = R"sql(
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
         i.inverse, i.contract_size, i.quantity_unit, i.tick_size, i.lot_size, i.price_exp,
         i.qty_exp, i.created_at
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
         b.buy_volume, b.volume - b.buy_volume AS sell_volume, b.quote_volume, b.buy_quote_volume,
         b.trades, b.source, b.instrument_id
  FROM tape.bars b JOIN tape.instruments i USING (instrument_id) JOIN tape.venues v USING (venue_id);
CREATE VIEW main.quotes AS
  SELECT v.venue, i.symbol, q.ts_event AS time,
         tape.to_decimal(q.bid_price, q.price_exp) AS bid_price,
         tape.to_decimal(q.bid_quantity, q.qty_exp) AS bid_quantity,
         tape.to_decimal(q.ask_price, q.price_exp) AS ask_price,
         tape.to_decimal(q.ask_quantity, q.qty_exp) AS ask_quantity, q.instrument_id
  FROM tape.quotes q JOIN tape.instruments i USING (instrument_id)
  JOIN tape.venues v USING (venue_id);
CREATE VIEW main.open_interest AS
  SELECT v.venue, i.symbol, o.ts_event AS time, o.* EXCLUDE (instrument_id, ts_event),
         o.instrument_id
  FROM tape.open_interest o JOIN tape.instruments i USING (instrument_id)
  JOIN tape.venues v USING (venue_id);
CREATE VIEW main.mark_prices AS
  SELECT v.venue, i.symbol, m.ts_event AS time, m.* EXCLUDE (instrument_id, ts_event),
         m.instrument_id
  FROM tape.mark_prices m JOIN tape.instruments i USING (instrument_id)
  JOIN tape.venues v USING (venue_id);
CREATE VIEW main.funding_rates AS
  SELECT v.venue, i.symbol, f.ts_event AS time, f.* EXCLUDE (instrument_id, ts_event),
         f.instrument_id
  FROM tape.funding_rates f JOIN tape.instruments i USING (instrument_id)
  JOIN tape.venues v USING (venue_id);
CREATE VIEW main.liquidations AS
  SELECT v.venue, i.symbol, l.ts_event AS time, l.ts_recv,
         CASE l.side WHEN 1 THEN 'buy' WHEN 2 THEN 'sell' ELSE 'unknown' END AS side,
         l.price, l.quantity, l.instrument_id
  FROM tape.liquidations l JOIN tape.instruments i USING (instrument_id)
  JOIN tape.venues v USING (venue_id);
CREATE VIEW main.depth_bands AS
  SELECT v.venue, i.symbol, d.ts_event AS time, d.percentage, d.depth, d.notional, d.instrument_id
  FROM tape.depth_bands d JOIN tape.instruments i USING (instrument_id)
  JOIN tape.venues v USING (venue_id);
CREATE VIEW main.book_streams AS
  SELECT v.venue, i.symbol, b.channel, b.depth, b.integrity, b.updates, b.stream_id,
         b.instrument_id
  FROM tape.book_streams b JOIN tape.instruments i USING (instrument_id)
  JOIN tape.venues v USING (venue_id);
CREATE VIEW main.book_updates AS
  SELECT v.venue, i.symbol, b.channel, u.ts_event AS time, u.ts_recv, u.sequence,
         CASE u.side WHEN 0 THEN 'bid' ELSE 'ask' END AS side,
         tape.to_decimal(u.price, u.price_exp) AS price,
         tape.to_decimal(u.quantity, u.qty_exp) AS quantity, u.ordinal, u.book, u.stream_id,
         b.instrument_id
  FROM tape.book_updates u JOIN tape.book_streams b USING (stream_id)
  JOIN tape.instruments i USING (instrument_id) JOIN tape.venues v USING (venue_id);
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

const std::string_view kPlainNamesDown = R"sql(
DROP VIEW main.settings; DROP VIEW main.coverage; DROP VIEW main.time_and_sales;
DROP VIEW main.book_updates; DROP VIEW main.book_streams; DROP VIEW main.depth_bands;
DROP VIEW main.liquidations;
DROP VIEW main.funding_rates; DROP VIEW main.mark_prices;
DROP VIEW main.open_interest; DROP VIEW main.quotes; DROP VIEW main.klines; DROP VIEW main.trades;
DROP VIEW main.instruments; DROP VIEW tape.current_trades;
DROP MACRO tape.to_notional; DROP MACRO tape.to_decimal;
)sql";

// Bars of a minute and longer, as SQL sees them: those that a venue published where there are any,
// else joined from the kept minutes of the grain that counts. tape.covered folds tape.coverage as
// covered_ranges() does; a bar that two grains share is not called complete.
const std::string_view kBarsUp = R"sql(
CREATE VIEW tape.covered AS
  WITH stored AS (
    SELECT instrument_id, dataset, "begin", "end", id_begin, id_end,
           max("end") OVER earlier AS end_before, max(id_end) OVER earlier AS id_before
    FROM tape.coverage WHERE status IN ('recorded', 'verified_empty', 'backfilled', 'unverifiable')
    WINDOW earlier AS (PARTITION BY instrument_id, dataset ORDER BY "begin", id_begin NULLS FIRST
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)),
  marked AS (
    SELECT *, CASE WHEN id_before IS NOT NULL AND id_begin IS NOT NULL THEN id_begin > id_before + 1
                   ELSE end_before IS NULL OR "begin" > end_before END AS begins FROM stored),
  numbered AS (
    SELECT *, sum(begins::INTEGER) OVER (PARTITION BY instrument_id, dataset
      ORDER BY "begin", id_begin NULLS FIRST ROWS UNBOUNDED PRECEDING) AS stretch FROM marked)
  SELECT instrument_id, dataset, min("begin") AS "begin", max("end") AS "end" FROM numbered
  GROUP BY instrument_id, dataset, stretch;
CREATE MACRO tape.begin_of(instant, timeframe, seconds) AS
  CASE timeframe
    WHEN '1mo' THEN date_trunc('month', instant::TIMESTAMP)::TIMESTAMP_NS
    WHEN '1w' THEN date_trunc('week', instant::TIMESTAMP)::TIMESTAMP_NS
    ELSE make_timestamp_ns(epoch_ns(instant) // (seconds * 1000000000) * (seconds * 1000000000)) END;
CREATE MACRO tape.end_of(instant, timeframe, seconds) AS
  CASE timeframe
    WHEN '1mo' THEN (instant::TIMESTAMP + INTERVAL 1 MONTH)::TIMESTAMP_NS
    ELSE make_timestamp_ns(epoch_ns(instant) + seconds * 1000000000) END;
CREATE VIEW tape.joined_bars AS
  WITH parts AS (
    SELECT b.*, p.unit AS price_unit, q.unit AS qty_unit, f.timeframe, f.seconds,
           tape.begin_of(b."begin", f.timeframe, f.seconds) AS bucket
    FROM tape.bars_1m b JOIN tape.units p ON p.exponent = b.price_exp
    JOIN tape.units q ON q.exponent = b.qty_exp, tape.timeframes f
    WHERE NOT EXISTS (SELECT 1 FROM tape.superseded s WHERE s.instrument_id = b.instrument_id
      AND s.grain = b.grain AND b."begin" >= s."begin" AND b."begin" < s."end")),
  joined AS (
    SELECT instrument_id, timeframe, seconds, bucket AS "begin", min(grain) AS grain,
           max(grain) = min(grain) AS one_grain,
           arg_min(CAST(open AS DECIMAL(19,0)) * price_unit, "begin") AS open,
           max(CAST(high AS DECIMAL(19,0)) * price_unit) AS high,
           min(CAST(low AS DECIMAL(19,0)) * price_unit) AS low,
           arg_max(CAST(close AS DECIMAL(19,0)) * price_unit, "begin") AS close,
           max(volume) < 10000000000000000000000000::HUGEINT AS fits,
           sum(TRY_CAST(volume AS DECIMAL(25,0)) * qty_unit) AS volume,
           sum(TRY_CAST(buy_volume AS DECIMAL(25,0)) * qty_unit) AS buy_volume,
           sum(TRY_CAST(sell_volume AS DECIMAL(25,0)) * qty_unit) AS sell_volume,
           CAST(sum(trades) AS BIGINT) AS trades,
           min(price_exp) = max(price_exp) AND min(qty_exp) = max(qty_exp)
             AND sum(notional) < 10000000000000000000000000::HUGEINT AS one_scale,
           CASE WHEN sum(notional) < 10000000000000000000000000::HUGEINT THEN sum(notional) ELSE 0 END
             * (10 ** (8 + greatest(min(price_exp), -8)))::HUGEINT AS money,
           sum(volume) * (10 ** greatest(-8 - min(price_exp), 0))::HUGEINT AS units
    FROM parts GROUP BY instrument_id, timeframe, seconds, bucket),
  ended AS (
    SELECT *, tape.end_of("begin", timeframe, seconds) AS "end",
           CASE grain WHEN 0 THEN 'trades' ELSE 'aggregates' END AS dataset,
           CASE WHEN one_scale AND units > 0 THEN money // units END AS whole,
           CASE WHEN one_scale AND units > 0 THEN money % units * 2 END AS rest
    FROM joined)
  SELECT e.instrument_id, e.timeframe, e."begin", e.open, e.high, e.low, e.close,
         CASE WHEN e.fits THEN CAST(e.volume AS DECIMAL(38,12)) END AS volume,
         CASE WHEN e.fits THEN CAST(e.buy_volume AS DECIMAL(38,12)) END AS buy_volume,
         CASE WHEN e.fits THEN CAST(e.sell_volume AS DECIMAL(38,12)) END AS sell_volume, e.trades,
         TRY_CAST(e.whole + CASE WHEN e.rest > e.units OR (e.rest = e.units AND e.whole % 2 = 1)
                            THEN 1 ELSE 0 END AS DECIMAL(25,0)) * 0.00000001::DECIMAL(13,8) AS vwap,
         e.one_grain AND coalesce(e."end" <= (
           SELECT arg_max(c."end", c."begin") FROM tape.covered c
           WHERE c.instrument_id = e.instrument_id AND c.dataset = e.dataset
             AND c."begin" <= e."begin"), false) AS is_complete
  FROM ended e;
CREATE VIEW tape.all_bars AS
  WITH given AS (
    SELECT * FROM tape.bars WHERE interval IN (SELECT timeframe FROM tape.timeframes)
    QUALIFY row_number() OVER (PARTITION BY instrument_id, interval, "begin"
                               ORDER BY source <> 'venue', source) = 1),
  every AS (
    SELECT instrument_id, interval AS timeframe, "begin", open, high, low, close, volume,
           buy_volume, CAST(volume - buy_volume AS DECIMAL(38,12)) AS sell_volume,
           NULL::DECIMAL(38,12) AS vwap, trades, true AS is_complete, source
    FROM given
    UNION ALL
    SELECT instrument_id, timeframe, "begin", open, high, low, close, volume, buy_volume,
           sell_volume, vwap, trades, is_complete, 'trades'
    FROM tape.joined_bars j WHERE NOT EXISTS (
      SELECT 1 FROM given g WHERE g.instrument_id = j.instrument_id AND g.interval = j.timeframe
        AND g."begin" = j."begin"))
  SELECT (e.instrument_id::BIGINT << 41) | (f.code::BIGINT << 36)
           | (epoch_ns(e."begin") // 60000000000) AS bar_id, e.*
  FROM every e JOIN tape.timeframes f USING (timeframe);
)sql";

const std::string_view kBarsDown = R"sql(
DROP VIEW tape.all_bars; DROP VIEW tape.joined_bars; DROP MACRO tape.end_of;
DROP MACRO tape.begin_of; DROP VIEW tape.covered;
)sql";

// A DECIMAL(18,8) that cannot hold the value exactly is NULL: TRY_CAST rounds, so it is compared.
const std::string_view kFlowsurfaceUp = R"sql(
CREATE SCHEMA flowsurface;
CREATE MACRO tape.to_decimal_18_8(value) AS
  CASE WHEN TRY_CAST(value AS DECIMAL(18,8)) = value THEN TRY_CAST(value AS DECIMAL(18,8)) END;
CREATE MACRO tape.to_power(step) AS CAST(
  length(replace(CAST(step AS VARCHAR), '.', ''))
  - length(rtrim(replace(CAST(step AS VARCHAR), '.', ''), '0')) - 12 AS TINYINT);
CREATE VIEW flowsurface.exchanges AS
  SELECT venue_id AS exchange_id, display_name AS exchange_name, market_type FROM tape.venues;
CREATE VIEW flowsurface.tickers AS
  SELECT i.instrument_id AS ticker_id, i.venue_id AS exchange_id, i.symbol,
         i.symbol AS display_symbol,
         coalesce(tape.to_power(i.tick_size), i.price_exp) AS min_ticksize_power,
         CAST(coalesce(CAST(i.lot_size AS DOUBLE), pow(10.0, i.qty_exp)) AS FLOAT) AS min_qty,
         CAST(i.contract_size AS FLOAT) AS contract_size, v.market_type, i.created_at
  FROM tape.instruments i JOIN tape.venues v USING (venue_id);
CREATE VIEW flowsurface.trades AS
  SELECT t.trade_id, t.instrument_id AS ticker_id, t.ts_event AS trade_time,
         tape.to_decimal_18_8(tape.to_decimal(t.price, t.price_exp)) AS price,
         CAST(tape.to_decimal(t.quantity, t.qty_exp) AS FLOAT) AS quantity,
         CASE t.side WHEN 1 THEN false WHEN 2 THEN true END AS is_sell
  FROM tape.current_trades t;
CREATE VIEW flowsurface.klines AS
  SELECT b.bar_id AS kline_id, b.instrument_id AS ticker_id, b.timeframe,
         CAST(b."begin" AS TIMESTAMP) AS candle_time,
         tape.to_decimal_18_8(b.open) AS open_price, tape.to_decimal_18_8(b.high) AS high_price,
         tape.to_decimal_18_8(b.low) AS low_price, tape.to_decimal_18_8(b.close) AS close_price,
         CAST(coalesce(b.buy_volume, -1) AS FLOAT) AS base_volume,
         CAST(coalesce(b.volume - b.buy_volume, b.volume) AS FLOAT) AS quote_volume
  FROM tape.all_bars b;
CREATE MACRO flowsurface.footprint(bars) AS TABLE
  WITH levels AS (
    SELECT t.instrument_id, f.code, f.timeframe,
           tape.begin_of(t.ts_event, f.timeframe, f.seconds) AS "begin",
           CAST(t.price AS DECIMAL(19,0)) * p.unit AS price,
           sum(CASE WHEN t.side = 1 THEN CAST(t.quantity AS DECIMAL(19,0)) * q.unit ELSE 0 END)
             AS buy_quantity,
           sum(CASE WHEN t.side = 2 THEN CAST(t.quantity AS DECIMAL(19,0)) * q.unit ELSE 0 END)
             AS sell_quantity,
           count(*) FILTER (WHERE t.side = 1) AS buy_count,
           count(*) FILTER (WHERE t.side = 2) AS sell_count,
           min(t.ts_event) AS first_trade_time, max(t.ts_event) AS last_trade_time
    FROM tape.current_trades t JOIN tape.timeframes f ON f.timeframe = bars
    JOIN tape.units p ON p.exponent = t.price_exp JOIN tape.units q ON q.exponent = t.qty_exp
    GROUP BY ALL)
  SELECT CAST(hash(instrument_id, code, "begin", price) >> 1 AS BIGINT) AS footprint_id,
         (instrument_id::BIGINT << 41) | (code::BIGINT << 36)
           | (epoch_ns("begin") // 60000000000) AS kline_id,
         tape.to_decimal_18_8(price) AS price, CAST(buy_quantity AS FLOAT) AS buy_quantity,
         CAST(sell_quantity AS FLOAT) AS sell_quantity, CAST(buy_count AS INTEGER) AS buy_count,
         CAST(sell_count AS INTEGER) AS sell_count, first_trade_time, last_trade_time
  FROM levels;
CREATE VIEW flowsurface.footprint_data AS SELECT * FROM flowsurface.footprint('1m');
CREATE VIEW flowsurface.volume_profiles AS
  WITH levels AS (
    SELECT t.instrument_id, date_trunc('day', t.ts_event::TIMESTAMP) AS window_start,
           CAST(t.price AS DECIMAL(19,0)) * p.unit AS price,
           sum(CAST(t.quantity AS DECIMAL(19,0)) * q.unit) AS total_volume,
           sum(CASE WHEN t.side = 1 THEN CAST(t.quantity AS DECIMAL(19,0)) * q.unit ELSE 0 END)
             AS buy_volume,
           sum(CASE WHEN t.side = 2 THEN CAST(t.quantity AS DECIMAL(19,0)) * q.unit ELSE 0 END)
             AS sell_volume
    FROM tape.current_trades t JOIN tape.units p ON p.exponent = t.price_exp
    JOIN tape.units q ON q.exponent = t.qty_exp GROUP BY ALL)
  SELECT CAST(hash(instrument_id, window_start, price) >> 1 AS BIGINT) AS profile_id,
         instrument_id AS ticker_id, window_start, window_start + INTERVAL 1 DAY AS window_end,
         tape.to_decimal_18_8(price) AS price, CAST(total_volume AS FLOAT) AS total_volume,
         CAST(buy_volume AS FLOAT) AS buy_volume, CAST(sell_volume AS FLOAT) AS sell_volume,
         row_number() OVER (PARTITION BY instrument_id, window_start
                            ORDER BY total_volume DESC, price) = 1 AS is_poc
  FROM levels;
CREATE VIEW flowsurface.open_interest AS
  SELECT CAST(hash(instrument_id, ts_event) >> 1 AS BIGINT) AS oi_id,
         instrument_id AS ticker_id, CAST(ts_event AS TIMESTAMP) AS oi_time,
         CAST(open_interest AS FLOAT) AS oi_value
  FROM tape.open_interest;
CREATE VIEW tape.best_streams AS
  SELECT * FROM tape.book_streams QUALIFY row_number() OVER (
    PARTITION BY instrument_id
    ORDER BY CASE integrity WHEN 'checksum' THEN 0 WHEN 'sequence' THEN 1 ELSE 2 END,
             depth DESC NULLS FIRST, updates DESC) = 1;
CREATE VIEW tape.order_runs AS
  WITH levels AS (
    SELECT k.stream_id, k.book, k.ordinal, b.ts_event_begin AS ts_event, s.side,
           tape.to_decimal(s.price, s.price_exp) AS price,
           tape.to_decimal(s.quantity, s.qty_exp) AS quantity
    FROM tape.book_keyframes k JOIN tape.books b USING (book)
    JOIN tape.book_snapshots s ON s.stream_id = k.stream_id AND s.ordinal = k.ordinal
    WHERE k.ordinal = k.book
    UNION ALL
    SELECT stream_id, book, ordinal, ts_event, side, tape.to_decimal(price, price_exp),
           tape.to_decimal(quantity, qty_exp)
    FROM tape.book_updates WHERE book IS NOT NULL),
  changes AS (
    SELECT * FROM levels QUALIFY quantity IS DISTINCT FROM lag(quantity) OVER (
      PARTITION BY book, side, price ORDER BY ordinal)),
  runs AS (
    SELECT c.*, coalesce(lead(c.ts_event) OVER (PARTITION BY c.book, c.side, c.price
                                                ORDER BY c.ordinal),
                         make_timestamp_ns(epoch_ns(b.ts_event_end)
                                           + CASE WHEN b.cause IS NULL THEN 1 ELSE 0 END)) AS until
    FROM changes c JOIN tape.books b USING (book))
  SELECT stream_id, ordinal, side, price, quantity, ts_event AS start, until FROM runs
  WHERE quantity > 0 AND ts_event < until;
CREATE VIEW flowsurface.order_runs AS
  SELECT CAST(hash(r.stream_id, r.ordinal, r.side, r.price) >> 1 AS BIGINT) AS run_id,
         b.instrument_id AS ticker_id,
         tape.to_decimal_18_8(r.price) AS price, r.start AS start_time, r.until AS until_time,
         CAST(r.quantity AS FLOAT) AS quantity, r.side = 0 AS is_bid
  FROM tape.order_runs r JOIN tape.best_streams b USING (stream_id);
CREATE VIEW flowsurface.depth_snapshots AS
  SELECT (s.ordinal << 16) | row_number() OVER (PARTITION BY s.ordinal ORDER BY s.side, s.price)
           AS snapshot_id,
         b.instrument_id AS ticker_id, k.ts_event AS snapshot_time,
         coalesce(k.sequence, k.ordinal) AS last_update_id,
         CASE s.side WHEN 0 THEN 'BID' ELSE 'ASK' END AS side,
         tape.to_decimal_18_8(tape.to_decimal(s.price, s.price_exp)) AS price,
         CAST(tape.to_decimal(s.quantity, s.qty_exp) AS FLOAT) AS quantity
  FROM tape.book_snapshots s JOIN tape.book_keyframes k USING (stream_id, ordinal)
  JOIN tape.best_streams b USING (stream_id);
CREATE MACRO flowsurface.depth_at(ticker, instant) AS TABLE
  WITH keyframe AS (
    SELECT k.* FROM tape.book_keyframes k JOIN tape.best_streams b USING (stream_id)
    WHERE b.instrument_id = ticker AND k.ts_event <= instant::TIMESTAMP_NS
    ORDER BY k.ts_event DESC, k.ordinal DESC LIMIT 1),
  levels AS (
    SELECT s.ordinal, s.side, tape.to_decimal(s.price, s.price_exp) AS price,
           tape.to_decimal(s.quantity, s.qty_exp) AS quantity
    FROM tape.book_snapshots s JOIN keyframe k USING (stream_id, ordinal)
    UNION ALL
    SELECT u.ordinal, u.side, tape.to_decimal(u.price, u.price_exp),
           tape.to_decimal(u.quantity, u.qty_exp)
    FROM tape.book_updates u JOIN keyframe k USING (stream_id, book)
    WHERE u.ordinal > k.ordinal AND u.ts_event <= instant::TIMESTAMP_NS)
  SELECT CASE side WHEN 0 THEN 'BID' ELSE 'ASK' END AS side,
         tape.to_decimal_18_8(price) AS price,
         CAST(arg_max(quantity, ordinal) AS FLOAT) AS quantity
  FROM levels GROUP BY levels.side, levels.price HAVING arg_max(quantity, ordinal) > 0
  ORDER BY levels.side, CASE WHEN levels.side = 0 THEN -levels.price ELSE levels.price END;
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

const std::string_view kFlowsurfaceDown = R"sql(
DROP SCHEMA flowsurface CASCADE;
DROP VIEW tape.order_runs; DROP VIEW tape.best_streams;
DROP MACRO tape.to_power; DROP MACRO tape.to_decimal_18_8;
)sql";

// What two more programs call bars. Names without a profile are those of main.
const std::string_view kOtherNamesUp = R"sql(
CREATE SCHEMA dreammaker;
CREATE SCHEMA pyrt;
CREATE MACRO tape.to_decimal_28_8(value) AS
  CASE WHEN TRY_CAST(value AS DECIMAL(28,8)) = value THEN TRY_CAST(value AS DECIMAL(28,8)) END;
CREATE VIEW main.ohlcv_bars AS
  SELECT b.bar_id, v.venue AS exchange, i.symbol, b.timeframe,
         CAST(b."begin" AS TIMESTAMP) AS "timestamp",
         tape.to_decimal_18_8(b.open) AS open, tape.to_decimal_18_8(b.high) AS high,
         tape.to_decimal_18_8(b.low) AS low, tape.to_decimal_18_8(b.close) AS close,
         tape.to_decimal_28_8(b.volume) AS volume, TRY_CAST(b.vwap AS DECIMAL(18,8)) AS vwap,
         TRY_CAST(b.trades AS INTEGER) AS trade_count, b.is_complete
  FROM tape.all_bars b JOIN tape.instruments i USING (instrument_id)
  JOIN tape.venues v USING (venue_id);
CREATE VIEW main.candles AS
  SELECT "timestamp", symbol, exchange, timeframe, open, high, low, close, volume, trade_count, vwap
  FROM main.ohlcv_bars;
CREATE VIEW main.trading_candles AS SELECT * FROM main.candles;
CREATE VIEW main.exchanges AS SELECT * FROM flowsurface.exchanges;
CREATE VIEW main.tickers AS SELECT * FROM flowsurface.tickers;
CREATE VIEW main.depth_snapshots AS SELECT * FROM flowsurface.depth_snapshots;
CREATE VIEW main.heatmap_view AS SELECT * FROM flowsurface.heatmap_view;
CREATE VIEW main.footprint_data AS SELECT * FROM flowsurface.footprint_data;
CREATE VIEW main.volume_profiles AS SELECT * FROM flowsurface.volume_profiles;
CREATE VIEW main.order_runs AS SELECT * FROM flowsurface.order_runs;
CREATE VIEW main.market_ticks AS
  WITH given AS (
    SELECT tick_id, instrument_id, ts_event, bid_price, ask_price, bid_quantity, ask_quantity,
           last_price, last_quantity, volume, sequence, conditions, tape, ts_recv, source,
           correlation_id
    FROM tape.ticks),
  quoted AS (
    SELECT *, ('ticks' || instrument_id || ' ' || epoch_ns(ts_event) || ' ' || row_number() OVER (
             PARTITION BY instrument_id, ts_event ORDER BY sequence)) AS name
    FROM tape.quotes WHERE instrument_id NOT IN (SELECT instrument_id FROM tape.ticks)),
  made AS (
    SELECT CAST(hash(q.name) >> 1 AS BIGINT), q.instrument_id, q.ts_event,
           tape.to_decimal(q.bid_price, q.price_exp), tape.to_decimal(q.ask_price, q.price_exp),
           tape.to_decimal(q.bid_quantity, q.qty_exp), tape.to_decimal(q.ask_quantity, q.qty_exp),
           tape.to_decimal(t.price, t.price_exp), tape.to_decimal(t.quantity, t.qty_exp),
           NULL::DECIMAL(38,12), q.sequence, NULL::VARCHAR[], NULL::VARCHAR,
           coalesce(q.ts_recv, q.ts_event), 'websocket', NULL::UUID
    FROM quoted q ASOF LEFT JOIN tape.current_trades t
      ON t.instrument_id = q.instrument_id AND t.ts_event <= q.ts_event),
  every AS (FROM given UNION ALL FROM made)
  SELECT e.tick_id, v.venue AS exchange, i.symbol, CAST(e.ts_event AS TIMESTAMP) AS "timestamp",
         tape.to_decimal_18_8(e.bid_price) AS bid_price,
         tape.to_decimal_18_8(e.ask_price) AS ask_price,
         tape.to_decimal_18_8(e.bid_quantity) AS bid_size,
         tape.to_decimal_18_8(e.ask_quantity) AS ask_size,
         tape.to_decimal_18_8(e.last_price) AS last_price,
         tape.to_decimal_18_8(e.last_quantity) AS last_size,
         tape.to_decimal_18_8(e.volume) AS volume, e.sequence AS sequence_number, e.conditions,
         e.tape, CAST(e.ts_recv AS TIMESTAMP) AS ingestion_time, e.source, e.correlation_id
  FROM every e JOIN tape.instruments i USING (instrument_id)
  JOIN tape.venues v USING (venue_id);
CREATE VIEW dreammaker.market_ticks AS SELECT * FROM main.market_ticks;
CREATE VIEW dreammaker.ohlcv_bars AS SELECT * FROM main.ohlcv_bars;
CREATE VIEW pyrt.candles AS SELECT * FROM main.candles;
CREATE VIEW pyrt.trading_candles AS SELECT * FROM main.trading_candles;
CREATE MACRO tape.names_of(profile) AS TABLE
  WITH named AS (
    SELECT schema_name, table_name AS name, sql FROM duckdb_tables()
    WHERE NOT internal AND database_name = current_database()
    UNION ALL
    SELECT schema_name, view_name, sql FROM duckdb_views()
    WHERE NOT internal AND database_name = current_database())
  SELECT 'table' AS type, name, name AS tbl_name, 0 AS rootpage, max(sql) AS sql FROM named
  WHERE schema_name IN (profile, 'main') AND name <> 'sqlite_master' GROUP BY name;
CREATE VIEW flowsurface.sqlite_master AS SELECT * FROM tape.names_of('flowsurface');
CREATE VIEW dreammaker.sqlite_master AS SELECT * FROM tape.names_of('dreammaker');
CREATE VIEW pyrt.sqlite_master AS SELECT * FROM tape.names_of('pyrt');
COMMENT ON VIEW main.ohlcv_bars IS 'Bars of every timeframe: as published, else joined from kept minutes';
COMMENT ON VIEW main.market_ticks IS 'Ticks as given; of instruments without any, quotes and the last trade before each';
COMMENT ON VIEW main.candles IS 'The bars of ohlcv_bars under another name';
COMMENT ON VIEW main.trading_candles IS 'The bars of ohlcv_bars under another name';
COMMENT ON VIEW main.exchanges IS 'Venues under the name that FlowSurface gives them';
COMMENT ON VIEW main.tickers IS 'Instruments under the name that FlowSurface gives them';
COMMENT ON VIEW main.depth_snapshots IS 'Whole books that are kept, a row a level; of every instant: flowsurface.depth_at(ticker, instant)';
COMMENT ON VIEW main.heatmap_view IS 'Quantity traded per price and 100 ms; other widths: flowsurface.heatmap(milliseconds)';
COMMENT ON VIEW main.footprint_data IS 'Quantity per price in each bar of a minute; other timeframes: flowsurface.footprint(timeframe)';
COMMENT ON VIEW main.volume_profiles IS 'Quantity per price of each UTC day';
COMMENT ON VIEW main.order_runs IS 'How long a quantity stood at a price in the best book of an instrument';
)sql";

const std::string_view kOtherNamesDown = R"sql(
DROP VIEW flowsurface.sqlite_master;
DROP SCHEMA pyrt CASCADE; DROP SCHEMA dreammaker CASCADE; DROP MACRO TABLE tape.names_of;
DROP VIEW main.market_ticks; DROP VIEW main.order_runs; DROP VIEW main.volume_profiles; DROP VIEW main.footprint_data;
DROP VIEW main.heatmap_view; DROP VIEW main.depth_snapshots; DROP VIEW main.tickers;
DROP VIEW main.exchanges;
DROP VIEW main.trading_candles; DROP VIEW main.candles; DROP VIEW main.ohlcv_bars;
DROP MACRO tape.to_decimal_28_8;
)sql";

}  // namespace tapedeck
