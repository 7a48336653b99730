#include "sql_rows.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::check_refused;

void run(Store& store, const char* profile, const char* text, SqlAccess access) {
  test::TextSink sink;
  run_sql(store, text, access, sink, profile);
}

TEST_CASE("writing a view is refused with what to use instead, reading and writing") {
  Store store{":memory:"};
  const struct {
    const char* profile;
    const char* sql;
    std::vector<std::string> words;
  } cases[]{
      {"flowsurface",
       "INSERT OR REPLACE INTO klines (ticker_id, timeframe) VALUES (1, '1m')",
       {"'klines'", "tape.bars", "Writer::upsert_klines()"}},
      {"flowsurface",
       "DELETE FROM trades WHERE trade_time < TIMESTAMP '2024-01-01'",
       {"'trades'", "tape.trades", "delete_before()"}},
      {"flowsurface",
       "INSERT INTO tickers VALUES (1, 1, 'BTCUSDT', -1, 0.1, 'Spot')",
       {"'tickers'", "resolve_instrument()"}},
      {"flowsurface",
       "INSERT INTO footprint_data SELECT * FROM footprint_data",
       {"'footprint_data'", "tape.trades"}},
      {"flowsurface", "INSERT INTO order_runs VALUES (1)", {"'order_runs'", "append_depth()"}},
      {"flowsurface",
       "COPY trades FROM 'old.csv'",
       {"'trades'", "`tapedeck import --table trades`"}},
      {"dreammaker",
       "INSERT INTO orders (order_id, symbol) VALUES (uuid(), 'AAPL')",
       {"'orders'", "ledger.orders", "Ledger::create_order()"}},
      {"dreammaker", "INSERT INTO trades VALUES (1)", {"ledger.fills", "record_fill()"}},
      {"dreammaker", "UPDATE orders SET status = 'filled'", {"update_status()"}},
      {"dreammaker", "DELETE FROM market_ticks", {"Writer::append_ticks()"}},
      {"pyrt",
       "INSERT INTO trading_metrics SELECT now(), 'a', 1, 'b', '{}'",
       {"telemetry.metrics", "insert_metrics()"}},
      {"pyrt",
       "DELETE FROM trading_metrics WHERE timestamp < now() - INTERVAL 30 DAYS",
       {"'trading_metrics'", "apply_retention()"}},
      {"", "insert into \"main\".\"system_events\" values (1)", {"Telemetry::log_event()"}},
      {"", "SELECT 'into klines'; DELETE FROM settings", {"'settings'", "set_setting()"}},
      {"", "DELETE FROM dreammaker.trades", {"'dreammaker.trades'", "ledger.fills"}},
      {"", "DELETE FROM performance_history", {"telemetry.performance"}},
  };
  for (const auto& one : cases) {
    CAPTURE(one.sql);
    std::vector<std::string_view> words(one.words.begin(), one.words.end());
    for (const SqlAccess access : {SqlAccess::read, SqlAccess::write}) {
      for (const std::string_view word : words)
        check_refused(ErrorCode::invalid_argument, {word},
                      [&] { run(store, one.profile, one.sql, access); });
    }
  }
}

TEST_CASE("statistics are kept for tables: ANALYZE of a view names its table") {
  Store store{":memory:"};
  const std::pair<const char*, const char*> cases[]{{"ANALYZE market_ticks", "ANALYZE tape.ticks"},
                                                    {"ANALYZE orders", "ANALYZE ledger.orders"},
                                                    {"ANALYZE trades", "ANALYZE ledger.fills"}};
  for (const auto& one : cases) {
    check_refused(ErrorCode::invalid_argument, {one.second},
                  [&] { run(store, "dreammaker", one.first, SqlAccess::read); });
    CHECK_NOTHROW(run(store, "dreammaker", one.second, SqlAccess::read));
  }
}

TEST_CASE("other refusals keep DuckDB's words") {
  Store store{":memory:"};
  check_refused(ErrorCode::invalid_argument, {"tape.covered", "covered"},
                [&] { run(store, "", "DELETE FROM tape.covered", SqlAccess::write); });
  check_refused(ErrorCode::invalid_argument, {"nothing"},
                [&] { run(store, "", "UPDATE tape.trades SET nothing = 1", SqlAccess::write); });
}

}  // namespace
}  // namespace tapedeck
