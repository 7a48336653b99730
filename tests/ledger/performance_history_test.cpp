#include "ledger/ledger_fixture.hpp"
#include "sql_rows.hpp"
#include "tapedeck/ledger/performance.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::amount;
using test::at_ms;
using test::check_refused;
using test::fill_of;
using test::order_of;
using test::sql_line;
using test::TempStore;

constexpr int64_t kDay = 86'400'000;

void round_trip(Ledger& ledger, int64_t day, std::string_view sold_at) {
  for (const OrderSide side : {OrderSide::buy, OrderSide::sell}) {
    NewOrder order = order_of(side, "10");
    order.strategy_id = "momentum";
    const Order made = ledger.create_order(order);
    ledger.record_fill(fill_of(made, "10", side == OrderSide::buy ? "100" : sold_at,
                               day * kDay + (side == OrderSide::buy ? 1 : 2)));
  }
}

TEST_CASE("summaries are kept in performance_history") {  // OB-12
  TempStore store;
  Ledger ledger{*store};
  round_trip(ledger, 0, "110");
  round_trip(ledger, 1, "95");
  const auto summaries = performance(*store, {}, PerformanceScope::strategy);
  keep_performance(*store, summaries, at_ms(2 * kDay));
  CHECK(sql_line(*store,
                 "SELECT scope, total_trades, winning_trades, losing_trades, win_rate, "
                 "gross_profit, gross_loss, net_pnl, profit_factor, avg_win, avg_loss, "
                 "max_drawdown, sharpe IS NOT NULL FROM performance_history") ==
        "momentum 2 1 1 0.5 100 50 50 2 100 50 50 true");
  CHECK(sql_line(*store, "SELECT \"timestamp\" FROM performance_history") ==
        "1970-01-03T00:00:00Z");
}

TEST_CASE("a summary of the same scope and period takes the place of the one before") {
  TempStore store;
  Ledger ledger{*store};
  round_trip(ledger, 0, "110");
  for (int i = 1; i <= 2; ++i) {
    keep_performance(*store, performance(*store, {}), at_ms(i));
    keep_performance(*store, performance(*store, {}, PerformanceScope::day), at_ms(i));
  }
  const char* const counted =
      "SELECT count(*), count(scope), count(DISTINCT \"timestamp\") FROM "
      "performance_history";
  CHECK(sql_line(*store, counted) == "2 1 1");
  round_trip(ledger, 1, "110");  // another period
  keep_performance(*store, performance(*store, {}), at_ms(3));
  CHECK(sql_line(*store, counted) == "3 1 2");
  store.reopen(OpenMode::write);
  CHECK(sql_line(*store, counted) == "3 1 2");
}

TEST_CASE("what has no ratio yet has none in performance_history") {
  TempStore store;
  Ledger ledger{*store};
  round_trip(ledger, 0, "110");
  keep_performance(*store, performance(*store, {}));
  CHECK(sql_line(*store, "SELECT profit_factor, avg_loss, sharpe FROM performance_history") ==
        "NULL NULL NULL");
}

TEST_CASE("a store opened for reading keeps no summary") {
  TempStore store;
  store.reopen(OpenMode::read);
  check_refused(ErrorCode::read_only, {"reading"}, [&] { keep_performance(*store, {}); });
}

}  // namespace
}  // namespace tapedeck
