#include "tapedeck/ledger/performance.hpp"

#include "ledger/settled_reader.hpp"
#include "market/words.hpp"
#include "store/conditions.hpp"
#include "store/observed.hpp"
#include "store/position_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <utility>

namespace tapedeck {
namespace {

constexpr double kDaysOfYear = 365;

constexpr std::array<Word<PerformanceScope>, 4> kScopes{
    {{"all", PerformanceScope::all},
     {"strategy", PerformanceScope::strategy},
     {"instrument", PerformanceScope::instrument},
     {"day", PerformanceScope::day}}};

// By rising time.
std::vector<PositionSnapshot> snapshots_of(const Store& store, const PerformanceFilter& filter) {
  Conditions conditions;
  conditions.add("venue = ?", filter.venue);
  conditions.add("symbol = ?", filter.symbol);
  conditions.add("strategy_id = ?", filter.strategy_id);
  conditions.add_range("snapshot_time", filter.executed);
  const auto reader = settled_reader(store);
  return read_positions(*reader,
                        fmt::format("{} ORDER BY snapshot_time, position_id", conditions.where()),
                        [&](duck::Statement& s) { conditions.bind(s); });
}

std::optional<std::string> scope_of(const PositionSnapshot& row, PerformanceScope scope) {
  switch (scope) {
    case PerformanceScope::all: return std::nullopt;
    case PerformanceScope::strategy: return row.key.strategy_id;
    case PerformanceScope::instrument: return to_text(row.key.instrument);
    case PerformanceScope::day: return to_iso_date(day_of(row.at));
  }
  return std::nullopt;
}

// A summary while its fills come by.
class Summing {
 public:
  void add(const PositionSnapshot& row) {
    const FillEffect& effect = *row.effect;
    if (summary.fills++ == 0) summary.period_start = row.at;
    summary.period_end = row.at;
    summary.net_pnl += effect.realised_pnl;
    summary.total_commission += effect.costs;
    peak_ = std::max(peak_, summary.net_pnl);
    summary.max_drawdown = std::max(summary.max_drawdown, peak_ - summary.net_pnl);
    days_[day_of(row.at)] += effect.realised_pnl;
    if (effect.closed == Amount{}) return;
    ++summary.total_trades;
    if (effect.realised_pnl > Amount{}) {
      ++summary.winning_trades;
      summary.gross_profit += effect.realised_pnl;
    } else if (effect.realised_pnl < Amount{}) {
      ++summary.losing_trades;
      summary.gross_loss += -effect.realised_pnl;
    }
  }

  PerformanceSummary finish() {
    for (Date day = days_.begin()->first; day <= days_.rbegin()->first; day += std::chrono::days{1})
      summary.daily_pnl.push_back(days_[day]);
    return std::move(summary);
  }

  PerformanceSummary summary;

 private:
  Amount peak_;
  std::map<Date, Amount> days_;
};

}  // namespace

std::string_view to_text(PerformanceScope scope) {
  return word_of(kScopes, scope);
}

std::optional<PerformanceScope> parse_performance_scope(std::string_view word) {
  return find_by_word(kScopes, word);
}

std::optional<double> win_rate(const PerformanceSummary& summary) {
  if (summary.total_trades == 0) return std::nullopt;
  return static_cast<double>(summary.winning_trades) / static_cast<double>(summary.total_trades);
}

std::optional<double> profit_factor(const PerformanceSummary& summary) {
  if (summary.gross_loss == Amount{}) return std::nullopt;
  return to_double(summary.gross_profit) / to_double(summary.gross_loss);
}

std::optional<Amount> average_win(const PerformanceSummary& summary) {
  if (summary.winning_trades == 0) return std::nullopt;
  return quotient(summary.gross_profit, Amount::whole(summary.winning_trades));
}

std::optional<Amount> average_loss(const PerformanceSummary& summary) {
  if (summary.losing_trades == 0) return std::nullopt;
  return quotient(summary.gross_loss, Amount::whole(summary.losing_trades));
}

std::optional<double> sharpe(const PerformanceSummary& summary) {
  const auto days = static_cast<double>(summary.daily_pnl.size());
  if (summary.daily_pnl.size() < 2) return std::nullopt;
  double mean = 0;
  for (const Amount pnl : summary.daily_pnl)
    mean += to_double(pnl) / days;
  double squares = 0;
  for (const Amount pnl : summary.daily_pnl)
    squares += (to_double(pnl) - mean) * (to_double(pnl) - mean);
  const double deviation = std::sqrt(squares / (days - 1));
  if (deviation == 0) return std::nullopt;
  return mean / deviation * std::sqrt(kDaysOfYear);
}

std::vector<PerformanceSummary> performance(const Store& store, const PerformanceFilter& filter,
                                            PerformanceScope scope) {
  return observed(store.core().observer(), "performance", {},
                  [&]() -> std::vector<PerformanceSummary> {
                    std::map<std::optional<std::string>, Summing> summaries;
                    for (const PositionSnapshot& row : snapshots_of(store, filter)) {
                      if (row.fill_id) summaries[scope_of(row, scope)].add(row);
                    }
                    std::vector<PerformanceSummary> result;
                    for (auto& [name, summing] : summaries) {
                      result.push_back(summing.finish());
                      result.back().scope = name;
                    }
                    return result;
                  });
}

std::vector<EquityPoint> equity_curve(const Store& store, const PerformanceFilter& filter) {
  return observed(store.core().observer(), "equity_curve", {}, [&]() -> std::vector<EquityPoint> {
    std::vector<EquityPoint> curve;
    std::map<PositionKey, EquityPoint> of_keys;
    EquityPoint now;
    for (const PositionSnapshot& row : snapshots_of(store, filter)) {
      EquityPoint& before = of_keys[row.key];
      const Amount unrealised = unrealised_pnl(row.position, row.position.mark.value_or(Amount{}));
      now.realised_pnl = now.realised_pnl - before.realised_pnl + row.position.realised_pnl;
      now.unrealised_pnl = now.unrealised_pnl - before.unrealised_pnl + unrealised;
      now.at = row.at;
      before = {
          .at = row.at, .realised_pnl = row.position.realised_pnl, .unrealised_pnl = unrealised};
      if (!curve.empty() && curve.back().at == now.at) curve.pop_back();
      curve.push_back(now);
    }
    return curve;
  });
}

}  // namespace tapedeck
