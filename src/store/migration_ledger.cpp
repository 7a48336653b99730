#include "store/migration_texts.hpp"

namespace tapedeck {

// No keys: what is unique is checked before it is journalled (live_ledger.hpp), and an order whose
// row is replaced in a table with a key meets DuckDB's over-eager constraint checking.
const std::string_view kLedgerTablesUp = R"sql(
CREATE SCHEMA ledger;
CREATE TABLE ledger.orders(
  order_id UUID NOT NULL, client_order_id VARCHAR NOT NULL, venue_order_id VARCHAR,
  venue VARCHAR NOT NULL, symbol VARCHAR NOT NULL, strategy_id VARCHAR, side VARCHAR NOT NULL,
  order_type VARCHAR NOT NULL, time_in_force VARCHAR, quantity DECIMAL(38,12) NOT NULL,
  price DECIMAL(38,12), stop_price DECIMAL(38,12), filled_quantity DECIMAL(38,12) NOT NULL,
  filled_notional DECIMAL(38,12) NOT NULL, average_fill_price DECIMAL(38,12),
  commission DECIMAL(38,12) NOT NULL, commission_currency VARCHAR, foreign_fees VARCHAR,
  last_fill_at TIMESTAMP_NS, status VARCHAR NOT NULL,
  status_message VARCHAR, created_at TIMESTAMP_NS NOT NULL, submitted_at TIMESTAMP_NS,
  updated_at TIMESTAMP_NS, filled_at TIMESTAMP_NS, correlation_id UUID NOT NULL,
  parent_order_id UUID, extended_hours BOOLEAN NOT NULL, metadata VARCHAR,
  source VARCHAR NOT NULL);
CREATE TABLE ledger.fills(
  fill_id UUID NOT NULL, order_id UUID NOT NULL, venue VARCHAR NOT NULL, symbol VARCHAR NOT NULL,
  strategy_id VARCHAR, side VARCHAR NOT NULL, quantity DECIMAL(38,12) NOT NULL,
  price DECIMAL(38,12) NOT NULL, executed_at TIMESTAMP_NS NOT NULL, reported_at TIMESTAMP_NS,
  commission DECIMAL(38,12) NOT NULL, fees DECIMAL(38,12) NOT NULL, fee_currency VARCHAR,
  currency VARCHAR, liquidity VARCHAR, exchange_trade_id VARCHAR, correlation_id UUID NOT NULL,
  entry BIGINT NOT NULL);
CREATE TABLE ledger.order_entries AS
  SELECT NULL::BIGINT AS entry, NULL::TIMESTAMP_NS AS recorded_at, NULL::VARCHAR AS kind, o.*
  FROM ledger.orders o WITH NO DATA;
CREATE TABLE ledger.fill_entries AS
  SELECT NULL::TIMESTAMP_NS AS recorded_at, NULL::VARCHAR AS kind, NULL::VARCHAR AS source,
         NULL::VARCHAR AS reason, f.*
  FROM ledger.fills f WITH NO DATA;
CREATE TABLE ledger.positions(
  position_id BIGINT NOT NULL, venue VARCHAR NOT NULL, symbol VARCHAR NOT NULL,
  strategy_id VARCHAR, snapshot_time TIMESTAMP_NS NOT NULL, fill_id UUID, side VARCHAR NOT NULL,
  quantity DECIMAL(38,12) NOT NULL, cost DECIMAL(38,12) NOT NULL,
  average_entry_price DECIMAL(38,12), current_price DECIMAL(38,12) NOT NULL,
  market_value DECIMAL(38,12) NOT NULL, unrealised_pnl DECIMAL(38,12) NOT NULL,
  realised_pnl DECIMAL(38,12) NOT NULL, fill_realised_pnl DECIMAL(38,12),
  fill_costs DECIMAL(38,12), closed_quantity DECIMAL(38,12), costs DECIMAL(38,12) NOT NULL, foreign_fees VARCHAR,
  fills BIGINT NOT NULL, first_entry_time TIMESTAMP_NS, opened_at TIMESTAMP_NS,
  closed_at TIMESTAMP_NS, peak DECIMAL(38,12) NOT NULL, max_drawdown DECIMAL(38,12) NOT NULL,
  correlation_id UUID);
CREATE TABLE ledger.marks(
  recorded_at TIMESTAMP_NS NOT NULL, source VARCHAR NOT NULL, venue VARCHAR NOT NULL,
  symbol VARCHAR NOT NULL, "at" TIMESTAMP_NS NOT NULL, price DECIMAL(38,12) NOT NULL,
  entry BIGINT NOT NULL);
CREATE TABLE ledger.portfolio_snapshots(
  snapshot_id BIGINT NOT NULL, snapshot_time TIMESTAMP_NS NOT NULL, snapshot_type VARCHAR NOT NULL,
  cash_balance DECIMAL(38,12) NOT NULL, portfolio_value DECIMAL(38,12) NOT NULL,
  gross_exposure DECIMAL(38,12) NOT NULL, buying_power DECIMAL(38,12),
  margin_used DECIMAL(38,12), realised_pnl DECIMAL(38,12) NOT NULL,
  unrealised_pnl DECIMAL(38,12) NOT NULL, daily_pnl DECIMAL(38,12),
  peak_value DECIMAL(38,12) NOT NULL, max_drawdown DECIMAL(38,12) NOT NULL,
  leverage DECIMAL(38,12), long_positions BIGINT NOT NULL, short_positions BIGINT NOT NULL,
  metadata VARCHAR, recorded_at TIMESTAMP_NS NOT NULL, source VARCHAR NOT NULL);
COMMENT ON TABLE ledger.orders IS 'Orders as they stand: the newest entry of each';
COMMENT ON COLUMN ledger.orders.filled_notional IS 'Sum of price × quantity of its fills, each rounded half to even to 12 digits';
COMMENT ON COLUMN ledger.orders.commission IS 'Commission and fees of its fills in the currency of the price, or in the only other one';
COMMENT ON COLUMN ledger.orders.commission_currency IS 'NULL: the currency of the price';
COMMENT ON COLUMN ledger.orders.foreign_fees IS 'Paid in other currencies than the price''s, as JSON';
COMMENT ON TABLE ledger.order_entries IS 'Every state an order ever had; nothing of it is changed';
COMMENT ON COLUMN ledger.order_entries.entry IS 'Number of the journal''s frame × 2^20, and the place in it: it rises';
COMMENT ON COLUMN ledger.order_entries.kind IS 'create, status, amend, fill, correction';
COMMENT ON TABLE ledger.fills IS 'Fills that count: without those that were taken back, as they were last amended';
COMMENT ON COLUMN ledger.fills.fee_currency IS 'NULL: the currency of the price';
COMMENT ON COLUMN ledger.fills.entry IS 'That brought it first: the order of arrival';
COMMENT ON TABLE ledger.fill_entries IS 'Every fill as it was said, amended or taken back; nothing of it is changed';
COMMENT ON COLUMN ledger.fill_entries.kind IS 'fill, amend, bust';
COMMENT ON TABLE ledger.positions IS 'What was held after each fill and at each mark: a fold over ledger.fills, written again behind a late or corrected one';
COMMENT ON COLUMN ledger.positions.fill_id IS 'NULL: a mark';
COMMENT ON COLUMN ledger.positions.quantity IS 'Below 0: short';
COMMENT ON COLUMN ledger.positions.cost IS 'Of what is held; below 0: what a short brought in';
COMMENT ON COLUMN ledger.positions.realised_pnl IS 'Since the first fill, its costs taken off';
COMMENT ON COLUMN ledger.positions.fill_realised_pnl IS 'By the fill alone, its fill_costs taken off';
COMMENT ON COLUMN ledger.positions.foreign_fees IS 'Paid in other currencies, as JSON; no part of the profit';
COMMENT ON TABLE ledger.marks IS 'Prices that positions were valued at';
COMMENT ON TABLE ledger.portfolio_snapshots IS 'What the account was worth, at moments that somebody chose';
)sql";

const std::string_view kLedgerTablesDown = R"sql(
DROP SCHEMA ledger CASCADE;
)sql";

const std::string_view kLedgerNamesUp = R"sql(
CREATE MACRO tape.to_money(value) AS
  CASE WHEN TRY_CAST(value AS DECIMAL(18,2)) = value THEN TRY_CAST(value AS DECIMAL(18,2))
       ELSE TRY_CAST(round(value, 2) AS DECIMAL(18,2)) END;
CREATE MACRO tape.to_plain(value) AS rtrim(rtrim(CAST(value AS VARCHAR), '0'), '.');
CREATE MACRO tape.to_percent(part, whole) AS
  CASE WHEN whole <> 0 THEN TRY_CAST(CAST(part AS DOUBLE) / CAST(whole AS DOUBLE) * 100
                                     AS DECIMAL(10,4)) END;
CREATE VIEW main.orders AS
  SELECT order_id, client_order_id, venue AS exchange, symbol, strategy_id, side, order_type,
         time_in_force, quantity, price, stop_price, filled_quantity, average_fill_price, status,
         status_message, created_at, submitted_at, updated_at, filled_at, commission,
         commission_currency, correlation_id, parent_order_id, extended_hours, metadata,
         venue_order_id, filled_notional, foreign_fees, source
  FROM ledger.orders;
CREATE VIEW main.fills AS
  SELECT f.fill_id, f.order_id, f.venue AS exchange, f.symbol, f.strategy_id, f.side, f.quantity,
         f.price, f.executed_at, f.reported_at, f.commission, f.fees, f.fee_currency,
         p.fill_realised_pnl AS realised_pnl, p.closed_quantity, f.currency, f.liquidity,
         f.exchange_trade_id, f.correlation_id
  FROM ledger.fills f LEFT JOIN ledger.positions p USING (fill_id);
CREATE VIEW main.positions AS
  SELECT position_id, venue AS exchange, symbol, strategy_id, side, abs(quantity) AS quantity,
         average_entry_price, first_entry_time, current_price, abs(market_value) AS market_value,
         unrealised_pnl, tape.to_percent(unrealised_pnl, abs(cost)) AS unrealised_pnl_pct,
         realised_pnl, abs(cost) AS total_cost_basis, max_drawdown,
         tape.to_percent(max_drawdown, abs(cost)) AS max_drawdown_pct, snapshot_time, opened_at,
         closed_at, correlation_id, costs, foreign_fees, fills
  FROM ledger.positions
  QUALIFY row_number() OVER (PARTITION BY venue, symbol, strategy_id, snapshot_time
                             ORDER BY position_id DESC) = 1;
CREATE VIEW main.current_positions AS
  SELECT * FROM (
    SELECT * FROM main.positions
    QUALIFY row_number() OVER (PARTITION BY exchange, symbol, strategy_id
                               ORDER BY snapshot_time DESC, position_id DESC) = 1)
  WHERE closed_at IS NULL;
CREATE VIEW main.portfolio_snapshots AS
  SELECT snapshot_id, snapshot_time, snapshot_type, cash_balance, buying_power, portfolio_value,
         portfolio_value AS equity, realised_pnl + unrealised_pnl AS total_pnl, daily_pnl,
         tape.to_percent(realised_pnl + unrealised_pnl,
                         portfolio_value - realised_pnl - unrealised_pnl) AS total_pnl_pct,
         tape.to_percent(daily_pnl, portfolio_value - daily_pnl) AS daily_pnl_pct, leverage,
         margin_used, max_drawdown, tape.to_percent(max_drawdown, peak_value) AS max_drawdown_pct,
         long_positions, short_positions, long_positions + short_positions AS total_positions,
         metadata, realised_pnl, unrealised_pnl, gross_exposure, peak_value, source
  FROM ledger.portfolio_snapshots;
CREATE VIEW dreammaker.orders AS
  SELECT order_id, client_order_id, venue AS exchange, symbol, strategy_id, side, order_type,
         time_in_force, tape.to_decimal_18_8(quantity) AS quantity,
         tape.to_decimal_18_8(price) AS price, tape.to_decimal_18_8(stop_price) AS stop_price,
         tape.to_decimal_18_8(filled_quantity) AS filled_quantity,
         TRY_CAST(average_fill_price AS DECIMAL(18,8)) AS average_fill_price, status,
         status_message, CAST(created_at AS TIMESTAMP) AS created_at,
         CAST(submitted_at AS TIMESTAMP) AS submitted_at,
         CAST(updated_at AS TIMESTAMP) AS updated_at, CAST(filled_at AS TIMESTAMP) AS filled_at,
         tape.to_decimal_18_8(commission) AS commission, commission_currency, correlation_id,
         parent_order_id, extended_hours,
         CASE WHEN metadata IS NOT NULL THEN struct_pack(
           algo_params := CAST(metadata AS JSON)->'$.algo_params',
           risk_checks := CAST(metadata AS JSON)->'$.risk_checks',
           performance_metrics := CAST(metadata AS JSON)->'$.performance_metrics') END AS metadata
  FROM ledger.orders;
CREATE VIEW dreammaker.trades AS
  SELECT fill_id AS trade_id, order_id, exchange, symbol, side,
         tape.to_decimal_18_8(quantity) AS quantity, tape.to_decimal_18_8(price) AS price,
         CAST(executed_at AS TIMESTAMP) AS executed_at, CAST(reported_at AS TIMESTAMP) AS reported_at,
         tape.to_decimal_18_8(commission) AS commission, tape.to_decimal_18_8(fees) AS fees,
         CASE WHEN closed_quantity > 0 THEN TRY_CAST(realised_pnl AS DECIMAL(18,8)) END
           AS realized_pnl,
         exchange_trade_id, correlation_id
  FROM main.fills;
CREATE VIEW dreammaker.positions AS
  SELECT position_id, exchange, symbol, side, tape.to_decimal_18_8(quantity) AS quantity,
         TRY_CAST(average_entry_price AS DECIMAL(18,8)) AS average_entry_price,
         CAST(first_entry_time AS TIMESTAMP) AS first_entry_time,
         tape.to_decimal_18_8(current_price) AS current_price,
         TRY_CAST(market_value AS DECIMAL(18,8)) AS market_value,
         TRY_CAST(unrealised_pnl AS DECIMAL(18,8)) AS unrealized_pnl,
         unrealised_pnl_pct AS unrealized_pnl_pct,
         TRY_CAST(realised_pnl AS DECIMAL(18,8)) AS realized_pnl,
         TRY_CAST(total_cost_basis AS DECIMAL(18,8)) AS total_cost_basis,
         TRY_CAST(max_drawdown AS DECIMAL(18,8)) AS max_drawdown, max_drawdown_pct,
         CAST(snapshot_time AS TIMESTAMP) AS snapshot_time, CAST(opened_at AS TIMESTAMP) AS opened_at,
         CAST(closed_at AS TIMESTAMP) AS closed_at, correlation_id, strategy_id
  FROM main.positions;
CREATE VIEW dreammaker.current_positions AS
  SELECT * FROM (
    SELECT * FROM dreammaker.positions
    QUALIFY row_number() OVER (PARTITION BY exchange, symbol, strategy_id
                               ORDER BY snapshot_time DESC, position_id DESC) = 1)
  WHERE closed_at IS NULL;
CREATE VIEW dreammaker.portfolio_snapshots AS
  SELECT snapshot_id, CAST(snapshot_time AS TIMESTAMP) AS snapshot_time, snapshot_type,
         tape.to_money(cash_balance) AS cash_balance, tape.to_money(buying_power) AS buying_power,
         tape.to_money(portfolio_value) AS portfolio_value, tape.to_money(equity) AS equity,
         tape.to_money(total_pnl) AS total_pnl, tape.to_money(daily_pnl) AS daily_pnl,
         total_pnl_pct, daily_pnl_pct, TRY_CAST(leverage AS DECIMAL(10,4)) AS leverage,
         tape.to_money(margin_used) AS margin_used, tape.to_money(max_drawdown) AS max_drawdown,
         max_drawdown_pct, CAST(long_positions AS INTEGER) AS long_positions,
         CAST(short_positions AS INTEGER) AS short_positions,
         CAST(total_positions AS INTEGER) AS total_positions, CAST(metadata AS JSON) AS metadata
  FROM main.portfolio_snapshots;
CREATE VIEW pyrt.trades AS SELECT * FROM dreammaker.trades;
CREATE SCHEMA fills_as_trades;
CREATE VIEW fills_as_trades.trades AS SELECT * FROM dreammaker.trades;
COMMENT ON VIEW fills_as_trades.trades IS 'What trades means where compat.default_trades is "fills"';
COMMENT ON VIEW main.orders IS 'Orders as they stand';
COMMENT ON VIEW main.fills IS 'Fills that count, and what each realised';
COMMENT ON VIEW main.positions IS 'What was held after each fill and at each mark; the last of each instant';
COMMENT ON VIEW main.current_positions IS 'What is held now';
COMMENT ON VIEW main.portfolio_snapshots IS 'What the account was worth';
)sql";

const std::string_view kLedgerNamesDown = R"sql(
DROP VIEW pyrt.trades; DROP VIEW dreammaker.portfolio_snapshots;
DROP SCHEMA fills_as_trades CASCADE;
DROP VIEW dreammaker.current_positions; DROP VIEW dreammaker.positions; DROP VIEW dreammaker.trades;
DROP VIEW dreammaker.orders; DROP VIEW main.portfolio_snapshots; DROP VIEW main.current_positions;
DROP VIEW main.positions; DROP VIEW main.fills; DROP VIEW main.orders;
DROP MACRO tape.to_percent; DROP MACRO tape.to_plain; DROP MACRO tape.to_money;
)sql";

}  // namespace tapedeck
