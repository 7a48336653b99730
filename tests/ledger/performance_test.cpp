#include "tapedeck/ledger/performance.hpp"

#include "ledger/ledger_fixture.hpp"
#include "temp_store.hpp"

#include <doctest/doctest.h>

#include <cmath>

namespace tapedeck {
namespace {

using test::amount;
using test::at_ms;
using test::fill_of;
using test::order_of;
using test::TempStore;

constexpr int64_t kDay = 86'400'000;

// A round trip a day at these results; each fill costs 1.
void trade(Ledger& ledger, std::string symbol, std::optional<std::string> strategy, int64_t day,
           std::string_view sold_at) {
  for (const OrderSide side : {OrderSide::buy, OrderSide::sell}) {
    NewOrder order = order_of(side, "10");
    order.instrument.symbol = symbol;
    order.strategy_id = strategy;
    const Order made = ledger.create_order(order);
    NewFill fill = fill_of(made, "10", side == OrderSide::buy ? "100" : sold_at,
                           day * kDay + (side == OrderSide::buy ? 1 : 2));
    fill.commission = amount("1");
    ledger.record_fill(fill);
  }
}

TEST_CASE("a summary counts what fills realised, with their costs") {
  TempStore store;
  Ledger ledger{*store};
  trade(ledger, "AAPL", "a", 0, "110");  // +100
  trade(ledger, "AAPL", "a", 1, "95");   // −50
  trade(ledger, "MSFT", "b", 3, "103");  // +30; nothing on day 2
  const auto all = performance(*store, {});
  REQUIRE(all.size() == 1);
  const PerformanceSummary& summary = all[0];
  CHECK_FALSE(summary.scope);
  CHECK(summary.period_start == at_ms(1));
  CHECK(summary.period_end == at_ms(3 * kDay + 2));
  CHECK(summary.fills == 6);
  CHECK(summary.total_trades == 3);
  CHECK(summary.winning_trades == 2);
  CHECK(summary.losing_trades == 1);
  CHECK(summary.gross_profit == amount("128"));  // 99 + 29
  CHECK(summary.gross_loss == amount("51"));
  CHECK(summary.net_pnl == amount("74"));  // 80 less six costs
  CHECK(summary.total_commission == amount("6"));
  CHECK(summary.max_drawdown == amount("53"));  // from 98 to 45 before the last sale
  CHECK(win_rate(summary) == doctest::Approx(2.0 / 3));
  CHECK(profit_factor(summary) == doctest::Approx(128.0 / 51));
  CHECK(average_win(summary) == amount("64"));
  CHECK(average_loss(summary) == amount("51"));
  CHECK(summary.daily_pnl ==
        std::vector<Amount>{amount("98"), amount("-52"), Amount{}, amount("28")});
  // mean 18.5, deviation of 98, −52, 0, 28
  const double deviation = std::sqrt((79.5 * 79.5 + 70.5 * 70.5 + 18.5 * 18.5 + 9.5 * 9.5) / 3);
  CHECK(*sharpe(summary) == doctest::Approx(18.5 / deviation * std::sqrt(365.0)));
}

TEST_CASE("summaries are told by strategy, instrument and day") {
  TempStore store;
  Ledger ledger{*store};
  trade(ledger, "AAPL", "a", 0, "110");
  trade(ledger, "AAPL", {}, 0, "95");
  trade(ledger, "MSFT", "a", 1, "103");
  const auto told = [&](const PerformanceFilter& filter, PerformanceScope scope) {
    std::string text;
    for (const PerformanceSummary& one : performance(*store, filter, scope))
      text += one.scope.value_or("-") + " " + to_text(one.net_pnl) + "; ";
    return text;
  };
  CHECK(told({}, PerformanceScope::strategy) == "- -52; a 126; ");
  CHECK(told({}, PerformanceScope::instrument) == "alpaca:AAPL 46; alpaca:MSFT 28; ");
  CHECK(told({}, PerformanceScope::day) == "1970-01-01 46; 1970-01-02 28; ");
  CHECK(told({.strategy_id = "a"}, PerformanceScope::instrument) ==
        "alpaca:AAPL 98; alpaca:MSFT 28; ");
  CHECK(told({.executed = {at_ms(kDay), at_ms(2 * kDay)}}, PerformanceScope::all) == "- 28; ");
  CHECK(told({.symbol = "TSLA"}, PerformanceScope::all).empty());
  CHECK(parse_performance_scope("Instrument") == PerformanceScope::instrument);
}

TEST_CASE("what cannot be divided is absent") {
  PerformanceSummary none;
  CHECK_FALSE(win_rate(none));
  CHECK_FALSE(profit_factor(none));
  CHECK_FALSE(average_win(none));
  CHECK_FALSE(average_loss(none));
  CHECK_FALSE(sharpe(none));
  none.daily_pnl = {amount("1"), amount("1")};
  CHECK_FALSE(sharpe(none));
}

TEST_CASE("the equity curve adds what is realised and what is not, over all positions") {
  TempStore store;
  Ledger ledger{*store};
  const auto fill = [&](std::string symbol, OrderSide side, std::string_view price, int64_t ms) {
    NewOrder order = order_of(side, "10");
    order.instrument.symbol = std::move(symbol);
    ledger.record_fill(fill_of(ledger.create_order(order), "10", price, ms));
  };
  fill("AAPL", OrderSide::buy, "100", 1);
  fill("MSFT", OrderSide::sell, "50", 2);
  ledger.mark(std::vector<PositionMark>{
      {.instrument = test::kApple, .at = at_ms(3), .price = amount("107")},
      {.instrument = {.venue = "alpaca", .symbol = "MSFT"},
       .at = at_ms(3),
       .price = amount("52")}});
  fill("AAPL", OrderSide::sell, "105", 4);
  const auto curve = equity_curve(*store, {});
  REQUIRE(curve.size() == 4);
  CHECK(curve[2].at == at_ms(3));
  CHECK(curve[2].unrealised_pnl == amount("50"));
  CHECK(curve[3].realised_pnl == amount("50"));
  CHECK(curve[3].unrealised_pnl == amount("-20"));
}

}  // namespace
}  // namespace tapedeck
