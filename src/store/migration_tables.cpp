#include "store/migration_texts.hpp"

namespace tapedeck {

// No PRIMARY KEY or index on tape tables: a key costs 5–6 times the CPU and 8 bytes a row, and
// secondary indexes of DuckDB 1.5.5 can be silently wrong after WAL replay.
// The four HUGEINT of bars_1m stay uncompressed: unpacking them takes 30 times the rest of the row,
// to save 0.1 bytes a trade.
const std::string_view kTablesUp = R"sql(
CREATE SCHEMA tape;
CREATE TABLE tape.store_facts(key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
INSERT INTO tape.store_facts VALUES ('store_id', CAST(uuid() AS VARCHAR));
CREATE TABLE tape.venues(
  venue_id TINYINT PRIMARY KEY, venue VARCHAR NOT NULL, display_name VARCHAR NOT NULL,
  market_type VARCHAR NOT NULL CHECK (market_type IN ('Spot', 'LinearPerps', 'InversePerps')));
CREATE TABLE tape.instruments(
  instrument_id INTEGER PRIMARY KEY, venue_id TINYINT NOT NULL, symbol VARCHAR NOT NULL,
  kind VARCHAR NOT NULL, inverse BOOLEAN NOT NULL, contract_size DECIMAL(38,12),
  quantity_unit VARCHAR NOT NULL, price_exp TINYINT NOT NULL, qty_exp TINYINT NOT NULL,
  mixed_scale BOOLEAN NOT NULL, created_at TIMESTAMP NOT NULL, tick_size DECIMAL(38,12),
  lot_size DECIMAL(38,12));
CREATE TABLE tape.trades(
  instrument_id INTEGER NOT NULL, grain UTINYINT NOT NULL, ts_event TIMESTAMP_NS NOT NULL,
  ts_recv TIMESTAMP_NS, trade_id BIGINT, price BIGINT NOT NULL, quantity BIGINT NOT NULL,
  price_exp TINYINT NOT NULL, qty_exp TINYINT NOT NULL, side UTINYINT NOT NULL);
CREATE TABLE tape.bars_1m(
  instrument_id INTEGER NOT NULL, grain UTINYINT NOT NULL, "begin" TIMESTAMP_NS NOT NULL,
  open BIGINT NOT NULL, high BIGINT NOT NULL, low BIGINT NOT NULL, close BIGINT NOT NULL,
  volume HUGEINT NOT NULL USING COMPRESSION uncompressed,
  buy_volume HUGEINT NOT NULL USING COMPRESSION uncompressed,
  sell_volume HUGEINT NOT NULL USING COMPRESSION uncompressed,
  notional HUGEINT NOT NULL USING COMPRESSION uncompressed, trades BIGINT NOT NULL, price_exp TINYINT NOT NULL,
  qty_exp TINYINT NOT NULL, id_begin BIGINT, id_end BIGINT, rows_hash UBIGINT NOT NULL,
  revision INTEGER NOT NULL);
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
CREATE TABLE tape.quotes(
  instrument_id INTEGER NOT NULL, ts_event TIMESTAMP_NS NOT NULL, ts_recv TIMESTAMP_NS,
  sequence BIGINT, bid_price BIGINT NOT NULL, bid_quantity BIGINT NOT NULL, ask_price BIGINT NOT NULL,
  ask_quantity BIGINT NOT NULL, price_exp TINYINT NOT NULL, qty_exp TINYINT NOT NULL);
CREATE TABLE tape.ticks(
  tick_id BIGINT NOT NULL, instrument_id INTEGER NOT NULL, ts_event TIMESTAMP_NS NOT NULL,
  ts_recv TIMESTAMP_NS NOT NULL, bid_price DECIMAL(38,12) NOT NULL, bid_quantity DECIMAL(38,12),
  ask_price DECIMAL(38,12) NOT NULL, ask_quantity DECIMAL(38,12), last_price DECIMAL(38,12),
  last_quantity DECIMAL(38,12), volume DECIMAL(38,12), sequence BIGINT, conditions VARCHAR[],
  tape VARCHAR, correlation_id UUID, source VARCHAR NOT NULL);
CREATE TABLE tape.mark_prices(
  instrument_id INTEGER NOT NULL, ts_event TIMESTAMP_NS NOT NULL, ts_recv TIMESTAMP_NS,
  mark_price DECIMAL(38,12) NOT NULL, index_price DECIMAL(38,12));
CREATE TABLE tape.funding_rates(
  instrument_id INTEGER NOT NULL, ts_event TIMESTAMP_NS NOT NULL, ts_recv TIMESTAMP_NS,
  funding_rate DECIMAL(38,12) NOT NULL, next_funding TIMESTAMP_NS);
CREATE TABLE tape.liquidations(
  instrument_id INTEGER NOT NULL, ts_event TIMESTAMP_NS NOT NULL, ts_recv TIMESTAMP_NS,
  side UTINYINT NOT NULL, price DECIMAL(38,12) NOT NULL, quantity DECIMAL(38,12) NOT NULL);
CREATE TABLE tape.depth_bands(
  instrument_id INTEGER NOT NULL, ts_event TIMESTAMP_NS NOT NULL, ts_recv TIMESTAMP_NS,
  percentage DECIMAL(38,12) NOT NULL, depth DECIMAL(38,12) NOT NULL,
  notional DECIMAL(38,12) NOT NULL);
CREATE TABLE tape.book_streams(
  stream_id INTEGER NOT NULL, instrument_id INTEGER NOT NULL, channel VARCHAR NOT NULL,
  depth INTEGER, integrity VARCHAR NOT NULL, price_exp TINYINT NOT NULL, qty_exp TINYINT NOT NULL,
  ordinal BIGINT NOT NULL, updates BIGINT NOT NULL);
CREATE TABLE tape.books(
  book BIGINT NOT NULL, stream_id INTEGER NOT NULL, ts_event_begin TIMESTAMP_NS NOT NULL,
  ts_event_end TIMESTAMP_NS NOT NULL, ts_recv_begin TIMESTAMP_NS, ts_recv_end TIMESTAMP_NS,
  sequence BIGINT, cause VARCHAR, tail_event TIMESTAMP_NS, tail_recv TIMESTAMP_NS);
CREATE TABLE tape.book_updates(
  stream_id INTEGER NOT NULL, ordinal BIGINT NOT NULL, book BIGINT, ts_event TIMESTAMP_NS NOT NULL,
  ts_recv TIMESTAMP_NS, sequence BIGINT, side UTINYINT NOT NULL, price BIGINT NOT NULL,
  quantity BIGINT NOT NULL, price_exp TINYINT NOT NULL, qty_exp TINYINT NOT NULL);
CREATE TABLE tape.book_checksums(
  stream_id INTEGER NOT NULL, ordinal BIGINT NOT NULL, checksum UINTEGER NOT NULL,
  price_digits UTINYINT NOT NULL, qty_digits UTINYINT NOT NULL);
CREATE TABLE tape.book_keyframes(
  stream_id INTEGER NOT NULL, ordinal BIGINT NOT NULL, book BIGINT NOT NULL, sequence BIGINT,
  ts_event TIMESTAMP_NS NOT NULL, ts_recv TIMESTAMP_NS, ts_event_min TIMESTAMP_NS NOT NULL,
  ts_recv_min TIMESTAMP_NS, levels INTEGER NOT NULL);
CREATE TABLE tape.book_snapshots(
  stream_id INTEGER NOT NULL, ordinal BIGINT NOT NULL, side UTINYINT NOT NULL,
  price BIGINT NOT NULL, quantity BIGINT NOT NULL, price_exp TINYINT NOT NULL,
  qty_exp TINYINT NOT NULL);
CREATE TABLE tape.live_books(
  stream_id INTEGER NOT NULL, ordinal_begin BIGINT NOT NULL, book BIGINT);
CREATE TABLE tape.book_waiting(
  stream_id INTEGER NOT NULL, number BIGINT NOT NULL, message BLOB NOT NULL);
CREATE TABLE tape.loads(
  load_id INTEGER PRIMARY KEY, instrument_id INTEGER NOT NULL, dataset VARCHAR NOT NULL,
  source VARCHAR NOT NULL, path VARCHAR, sha256 VARCHAR, bytes BIGINT, rows BIGINT NOT NULL,
  duplicates BIGINT NOT NULL, conflicts BIGINT NOT NULL, rejects BIGINT NOT NULL,
  id_begin BIGINT, id_end BIGINT, ts_begin TIMESTAMP_NS, ts_end TIMESTAMP_NS,
  ordered BOOLEAN NOT NULL, checksum_matched BOOLEAN, loaded_at TIMESTAMP NOT NULL,
  read_as VARCHAR);
CREATE TABLE tape.coverage(
  instrument_id INTEGER NOT NULL, dataset VARCHAR NOT NULL,
  "begin" TIMESTAMP_NS NOT NULL, "end" TIMESTAMP_NS NOT NULL, id_begin BIGINT, id_end BIGINT,
  status VARCHAR NOT NULL, cause VARCHAR, source VARCHAR NOT NULL,
  recorded_at TIMESTAMP NOT NULL);
CREATE TABLE tape.journal_position(
  sequence BIGINT NOT NULL, segment BIGINT NOT NULL, "offset" BIGINT NOT NULL);
INSERT INTO tape.journal_position VALUES (0, 0, 0);
CREATE TABLE tape.open_minutes(
  instrument_id INTEGER NOT NULL, grain UTINYINT NOT NULL, "begin" TIMESTAMP_NS NOT NULL);
CREATE TABLE tape.settings(
  key VARCHAR PRIMARY KEY, value JSON NOT NULL, updated_at TIMESTAMP NOT NULL);
CREATE TABLE tape.units(exponent TINYINT NOT NULL, unit DECIMAL(13,12) NOT NULL);
INSERT INTO tape.units VALUES (0, 1), (-1, 0.1), (-2, 0.01), (-3, 0.001), (-4, 0.0001),
  (-5, 0.00001), (-6, 0.000001), (-7, 0.0000001), (-8, 0.00000001), (-9, 0.000000001),
  (-10, 0.0000000001), (-11, 0.00000000001), (-12, 0.000000000001);
CREATE TABLE tape.timeframes(timeframe VARCHAR NOT NULL, code INTEGER NOT NULL, seconds BIGINT);
INSERT INTO tape.timeframes VALUES ('1m', 0, 60), ('3m', 1, 180), ('5m', 2, 300), ('15m', 3, 900),
  ('30m', 4, 1800), ('1h', 5, 3600), ('2h', 6, 7200), ('4h', 7, 14400), ('6h', 8, 21600),
  ('12h', 9, 43200), ('1d', 10, 86400), ('1w', 11, 604800), ('1mo', 12, NULL);
INSERT INTO tape.venues VALUES
  (1, 'binance', 'Binance Spot', 'Spot'),
  (2, 'binance-um', 'Binance Linear', 'LinearPerps'),
  (3, 'binance-cm', 'Binance Inverse', 'InversePerps'),
  (4, 'bybit', 'Bybit Spot', 'Spot'),
  (5, 'bybit-linear', 'Bybit Linear', 'LinearPerps'),
  (6, 'bybit-inverse', 'Bybit Inverse', 'InversePerps'),
  (7, 'okx', 'OKX', 'Spot'),
  (8, 'kraken', 'Kraken', 'Spot'),
  (9, 'coinbase', 'Coinbase', 'Spot'),
  (10, 'hyperliquid', 'Hyperliquid', 'LinearPerps');
COMMENT ON TABLE tape.trades IS 'One row a public match, as integers of 10^price_exp and 10^qty_exp; read it through the view trades';
COMMENT ON COLUMN tape.trades.grain IS '0 trade, 1 aggregate';
COMMENT ON COLUMN tape.trades.side IS '0 unknown, 1 buy, 2 sell: who crossed the spread';
COMMENT ON TABLE tape.bars_1m IS 'Bars of one minute computed from tape.trades, kept in step with them; volumes in units of 10^qty_exp, notional of 10^(price_exp + qty_exp)';
COMMENT ON COLUMN tape.bars_1m.rows_hash IS 'A hash of the trades that the bar was computed from';
COMMENT ON COLUMN tape.bars_1m.revision IS '1, and one more each time that late trades changed the bar';
COMMENT ON TABLE tape.open_minutes IS 'The minute of a running recording that tape.bars_1m does not have yet';
COMMENT ON TABLE tape.journal_position IS 'Up to which frame the journal is applied';
COMMENT ON TABLE tape.superseded IS 'Ranges in which one grain of an instrument is set aside for the other';
COMMENT ON TABLE tape.bars IS 'Bars as a venue published them, by source';
COMMENT ON TABLE tape.open_interest IS 'Open interest and the long/short ratios published beside it';
COMMENT ON TABLE tape.quotes IS 'Best bid and ask, as integers of 10^price_exp and 10^qty_exp; read it through the view quotes';
COMMENT ON COLUMN tape.quotes.sequence IS 'The venue''s number of the book that it is of';
COMMENT ON TABLE tape.ticks IS 'Best prices and last trade of one moment, as a consolidated feed sent them';
COMMENT ON COLUMN tape.ticks.conditions IS 'Of the last trade';
COMMENT ON COLUMN tape.ticks.ts_recv IS 'Our clock, at the latest when it was stored';
COMMENT ON TABLE tape.mark_prices IS 'Mark and index prices as a venue published them';
COMMENT ON TABLE tape.funding_rates IS 'Funding rates as a venue published them, of the period that ends at next_funding';
COMMENT ON TABLE tape.depth_bands IS 'What stood in the book within a percentage of the mid price, as a venue published it';
COMMENT ON COLUMN tape.depth_bands.percentage IS 'Of the mid price; below 0: bids';
COMMENT ON TABLE tape.liquidations IS 'Liquidations as a venue published them';
COMMENT ON COLUMN tape.liquidations.side IS '1 buy, 2 sell: of the order that closes the position';
COMMENT ON TABLE tape.book_streams IS 'One row a stream of book messages: an instrument may have several, by channel, and they never mix';
COMMENT ON COLUMN tape.book_streams.depth IS 'Levels a side that the venue sends; NULL: all';
COMMENT ON COLUMN tape.book_streams.integrity IS 'What shows that the book is whole: checksum, sequence or none';
COMMENT ON COLUMN tape.book_streams.ordinal IS 'The greatest of its rows';
COMMENT ON TABLE tape.books IS 'One row a stretch in which the book of a stream can be trusted, from a snapshot to a loss';
COMMENT ON COLUMN tape.books.book IS 'Ordinal of the keyframe that begins it';
COMMENT ON COLUMN tape.books.ts_event_end IS 'Of its last update';
COMMENT ON COLUMN tape.books.sequence IS 'The venue''s number of its last update';
COMMENT ON COLUMN tape.books.cause IS 'Why it was lost at its end; NULL: it may go on';
COMMENT ON COLUMN tape.books.tail_event IS 'Earliest of the updates behind its last keyframe';
COMMENT ON TABLE tape.book_updates IS 'One row a level that changed, in the order of ordinal, as integers of 10^price_exp and 10^qty_exp; read it through the view book_updates';
COMMENT ON COLUMN tape.book_updates.book IS 'NULL: no snapshot, or a missing update, stood in front of it, and no book takes it';
COMMENT ON COLUMN tape.book_updates.side IS '0 bid, 1 ask';
COMMENT ON COLUMN tape.book_updates.quantity IS 'What stands at the price now; 0: the level is gone';
COMMENT ON TABLE tape.book_checksums IS 'What the venue sent: the checksum of the book after the row or keyframe of that ordinal';
COMMENT ON COLUMN tape.book_checksums.price_digits IS 'Behind the point, as the stream writes them';
COMMENT ON TABLE tape.book_keyframes IS 'Whole books: one includes all updates of its book up to its ordinal';
COMMENT ON COLUMN tape.book_keyframes.ts_event IS 'Latest of what it includes';
COMMENT ON COLUMN tape.book_keyframes.ts_event_min IS 'Earliest of the updates since the keyframe before';
COMMENT ON TABLE tape.live_books IS 'Streams that are being recorded; empty while nothing is';
COMMENT ON COLUMN tape.live_books.ordinal_begin IS 'Rows of the recording have it or a greater one';
COMMENT ON COLUMN tape.live_books.book IS 'Its last stretch, open or lost; NULL: none so far';
COMMENT ON TABLE tape.book_waiting IS 'Messages of such streams that no book could take yet, as bytes of the journal''s format';
COMMENT ON COLUMN tape.book_waiting.number IS 'In the order of their coming';
COMMENT ON TABLE tape.book_snapshots IS 'The levels of keyframes';
COMMENT ON TABLE tape.units IS '10^exponent, for views';
COMMENT ON TABLE tape.timeframes IS 'Bars that the views give: seconds is NULL for a calendar month';
COMMENT ON TABLE tape.loads IS 'One row a file or batch: where rows came from, and in which order they lie';
COMMENT ON COLUMN tape.loads.read_as IS 'Of a table file: how its columns were read';
COMMENT ON TABLE tape.coverage IS 'What is known of each dataset: recorded ranges, gaps, deletions';
)sql";

const std::string_view kTablesDown = R"sql(
DROP SCHEMA tape CASCADE;
)sql";

}  // namespace tapedeck
