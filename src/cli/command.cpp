#include "cli/command.hpp"

#include <array>

namespace tapedeck {
namespace {

constexpr std::array<CommandEntry, 41> kCommands{{
    {"import",
     "load an exchange's archives, recordings of its messages, or tables: CSV and Parquet",
     "tapedeck import BTCUSDT-aggTrades-2024-08-08.zip\n"
     "tapedeck import --report recordings/btcusdt_20240808.gz\n"
     "tapedeck import --store btc.deck --market um data/futures\n"
     "tapedeck import --table trades --instrument binance:BTCUSDT mine.csv other.parquet\n"
     "tapedeck import --mapping kraken.toml XBTUSD.csv",
     make_import_command},
    {"ingest", "record lines from standard input: each batch is acknowledged when it is on disk",
     "feed | tapedeck ingest binance:BTCUSDT --format ndjson --source websocket\n"
     "tapedeck trades BTCUSDT --store a.deck | tapedeck ingest binance:BTCUSDT --store b.deck",
     make_ingest_command},
    {"instruments", "what is stored, one row an instrument", "tapedeck instruments",
     make_instruments_command},
    {"trades", "time and sales; large ones with --min-quantity or --min-notional",
     "tapedeck trades BTCUSDT --last 1000\n"
     "tapedeck trades binance:BTCUSDT --day 2024-08-08 --min-notional 100000",
     make_trades_command},
    {"klines", "bars of time: open, high, low, close, volumes, vwap",
     "tapedeck klines BTCUSDT --interval 1h --from 2024-08-01 --to 2024-08-08",
     make_klines_command},
    {"footprint", "buy and sell quantity per price in each bar",
     "tapedeck footprint BTCUSDT --interval 5m --step 10 --day 2024-08-08", make_footprint_command},
    {"profile", "volume per price over the range, with POC and value area",
     "tapedeck profile BTCUSDT --day 2024-08-08 --step 10 --value-area-rule pairs",
     make_profile_command},
    {"heatmap", "quantity by time and price: traded, or resting in the book",
     "tapedeck heatmap BTCUSDT --interval 100ms --step 1 --last 5m\n"
     "tapedeck heatmap BTCUSDT --liquidity --interval 1s --step 1 --last 2h",
     make_heatmap_command},
    {"delta", "buy minus sell volume, and its running sum (cvd)",
     "tapedeck delta BTCUSDT --interval 1m --last 2h", make_delta_command},
    {"bars", "bars of so many trades, so much volume, notional, or price range",
     "tapedeck bars BTCUSDT --trades 1000\ntapedeck bars BTCUSDT --range 50 --last 1d",
     make_bars_command},
    {"book", "the order book at an instant",
     "tapedeck book binance:BTCUSDT --at 2024-08-08T23:55 --levels 20\n"
     "tapedeck book okx:ELON-USDT --streams",
     make_book_command},
    {"book-stream", "the book as it changed: all levels, then each change",
     "tapedeck book-stream binance:BTCUSDT --from 2024-08-08T23:55 --to 2024-08-08T23:56",
     make_book_stream_command},
    {"order-runs", "quantities that stood unchanged at a price, and how long",
     "tapedeck order-runs binance:BTCUSDT --last 1m", make_order_runs_command},
    {"slippage", "what a market order would have paid at an instant",
     "tapedeck slippage binance:BTCUSDT --at 2024-08-08T23:55 --side buy --quantity 5",
     make_slippage_command},
    {"quotes", "best bid and ask over time", "tapedeck quotes binance-um:ETHUSDT --last 1m",
     make_quotes_command},
    {"asof", "trades with the quote that stood when they happened, and the effective spread",
     "tapedeck asof binance-um:ETHUSDT --tolerance 1s --last 5m", make_asof_command},
    {"open-interest", "open interest and long/short ratios, as the venue published them",
     "tapedeck open-interest BTCUSDT --interval 1h --day 2024-08-08", make_open_interest_command},
    {"orders", "one's own orders: list, history, create, set-status, amend",
     "tapedeck orders create --instrument alpaca:AAPL --side buy --quantity 100 --price 150\n"
     "tapedeck orders set-status ORDER submitted\n"
     "tapedeck orders list --status partial --last 7d",
     make_orders_command},
    {"fills", "one's own part in trades: list, add, bust, amend, import",
     "tapedeck fills list --strategy momentum --day 2026-11-21\n"
     "tapedeck fills add --order ORDER --quantity 40 --price 150.5 --exchange-trade-id 77\n"
     "tapedeck fills import --mapping samples/mappings/schwab.toml transactions.csv",
     make_fills_command},
    {"fill-quality", "each fill against the quotes of then: slippage, effective spread, mark-outs",
     "tapedeck fill-quality binance:BTCUSDT --day 2026-11-21 --horizon 1s --horizon 1m",
     make_fill_quality_command},
    {"positions", "what is held, now, over time, or as it was known at a time",
     "tapedeck positions\ntapedeck positions AAPL --history\n"
     "tapedeck positions --known-at 2026-11-21T16:00 --rule fifo",
     make_positions_command},
    {"portfolio", "what the account was worth: list, snapshot, mark",
     "tapedeck portfolio mark alpaca:AAPL 151.2\n"
     "tapedeck portfolio snapshot --cash 25000 --kind eod",
     make_portfolio_command},
    {"pnl", "profit and loss of the fills: win rate, profit factor, draw-down, Sharpe",
     "tapedeck pnl --by strategy\ntapedeck pnl --by day --last 30d\ntapedeck pnl AAPL --curve",
     make_pnl_command},
    {"metrics", "measured values: get, aggregate, current, put, import",
     "tapedeck metrics current\n"
     "tapedeck metrics aggregate order_latency_ms --interval 1m --aggregation p99 --last 2h",
     make_metrics_command},
    {"logs", "what services said, newest first",
     "tapedeck logs refused --level warning --service router --last 1d", make_logs_command},
    {"events", "what happened to the system, newest first",
     "tapedeck events --level error --last 7d", make_events_command},
    {"expire", "delete old metrics, logs and events; rollups and errors of them stay",
     "tapedeck expire\ntapedeck expire --metrics 30d --events never --log-archive /data/logs",
     make_expire_command},
    {"trace", "everything recorded under one correlation id, on one time line",
     "tapedeck trace 2602d89e-c01a-402a-92d1-3b47c1e135af", make_trace_command},
    {"health", "whether the store works, and what will soon be a problem; exit code 1 if it fails",
     "tapedeck health", make_health_command},
    {"coverage", "which ranges are stored, and which are known to be missing",
     "tapedeck coverage BTCUSDT --from 2024-08-01 --to 2024-09-01", make_coverage_command},
    {"verify",
     "compute everything again, compare, and name what differs; exit code 3 when anything does",
     "tapedeck verify\ntapedeck verify BTCUSDT --day 2024-08-08 --deep", make_verify_command},
    {"optimize", "bring the WAL into the database file, and statistics up to date",
     "tapedeck optimize", make_optimize_command},
    {"stats", "sizes and rows of the store", "tapedeck stats\ntapedeck stats --tables",
     make_stats_command},
    {"export", "rows as a file: csv, ndjson, parquet or a DuckDB database",
     "tapedeck export trades --instrument BTCUSDT --output btc.parquet\n"
     "tapedeck export --query 'SELECT * FROM ohlcv_bars' --output bars.csv",
     make_export_command},
    {"convert", "archives or tables into one file of another format, without a store",
     "tapedeck convert BTCUSDT-aggTrades-2024-08-08.zip --market spot --output btc.parquet",
     make_convert_command},
    {"sql", "ask in SQL; - reads the statements from standard input",
     "tapedeck sql 'SELECT side, sum(quantity) FROM trades GROUP BY side'", make_sql_command},
    {"settings", "list, get, set and delete settings kept in the store",
     "tapedeck settings set chart.theme '\"dark\"'", make_settings_command},
    {"schema", "show, verify and migrate the tables",
     "tapedeck schema show trades\ntapedeck schema verify", make_schema_command},
    {"journal", "what was recorded, frame by frame, as it was acknowledged",
     "tapedeck journal list\ntapedeck journal cat --from 2026-11-21 --kind trades\n"
     "tapedeck journal verify",
     make_journal_command},
    {"salvage", "a store again from its journal and its files, when its database is damaged",
     "tapedeck salvage btc.deck", make_salvage_command},
    {"torture", "try a disk: kill a recording again and again, and look for what it acknowledged",
     "tapedeck torture --dir /data/try --rounds 100 --seed 7", make_torture_command},
}};

}  // namespace

std::span<const CommandEntry> commands() {
  return kCommands;
}

}  // namespace tapedeck
