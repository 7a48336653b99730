// How well the trading went: profit and loss of the fills, and the curve that they draw.
#pragma once

#include "tapedeck/market/amount.hpp"
#include "tapedeck/market/time.hpp"
#include "tapedeck/store/store.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

// What is absent is not asked for.
struct PerformanceFilter {
  std::optional<std::string> venue = {};
  std::optional<std::string> symbol = {};
  std::optional<std::string> strategy_id = {};
  TimeRange executed = {};
};

enum class PerformanceScope : uint8_t { all, strategy, instrument, day };
std::string_view to_text(PerformanceScope scope);
std::optional<PerformanceScope> parse_performance_scope(std::string_view word);

// A trade here is a fill that closes quantity: it wins when what it realised, its costs taken off,
// is above 0. Amounts are in the currency of the prices.
struct PerformanceSummary {
  std::optional<std::string> scope = {};  // a strategy, an instrument, a UTC day; absent: all
  Timestamp period_start = {};            // of the first and the last fill
  Timestamp period_end = {};
  int64_t fills = 0;
  int64_t total_trades = 0;
  int64_t winning_trades = 0;
  int64_t losing_trades = 0;
  Amount gross_profit;      // of trades that won
  Amount gross_loss;        // of trades that lost; not below 0
  Amount net_pnl;           // realised of all fills, costs of opening ones too
  Amount total_commission;  // and fees, in the currency of the prices
  Amount max_drawdown;      // the deepest fall of net_pnl from a peak, from 0 at the begin
  std::vector<Amount> daily_pnl = {};  // of every UTC day from the first fill's to the last's
};

// winning_trades / total_trades; nullopt without trades.
std::optional<double> win_rate(const PerformanceSummary& summary);
// gross_profit / gross_loss; nullopt without a loss.
std::optional<double> profit_factor(const PerformanceSummary& summary);
// nullopt without any.
std::optional<Amount> average_win(const PerformanceSummary& summary);
std::optional<Amount> average_loss(const PerformanceSummary& summary);
// Mean of daily_pnl over its deviation (n − 1), times the root of 365, the days that a market of
// crypto is open; nullopt for fewer than two days, and for a deviation of 0. No risk-free rate.
std::optional<double> sharpe(const PerformanceSummary& summary);

// By scope: strategies and instruments by name, days by time. Fills of no strategy have no scope.
std::vector<PerformanceSummary> performance(const Store& store, const PerformanceFilter& filter,
                                            PerformanceScope scope = PerformanceScope::all);

// Keeps summaries as rows of `performance_history`, computed `at` (default: now). One of the same
// scope and period takes the place of what is there. On disk when it returns; not in the journal:
// it follows from the fills. Error{read_only}.
void keep_performance(Store& store, std::span<const PerformanceSummary> summaries,
                      std::optional<Timestamp> at = {});

// What all positions of the filter had brought: realised, and unrealised at the last price known
// then. One point an instant, by rising time.
struct EquityPoint {
  Timestamp at = {};
  Amount realised_pnl;
  Amount unrealised_pnl;
};
std::vector<EquityPoint> equity_curve(const Store& store, const PerformanceFilter& filter);

}  // namespace tapedeck
