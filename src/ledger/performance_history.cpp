#include "base/clock.hpp"
#include "duck/row_writer.hpp"
#include "duck/transaction.hpp"
#include "store/core.hpp"
#include "tapedeck/ledger/performance.hpp"

namespace tapedeck {
namespace {

void delete_like(duck::Connection& connection, const PerformanceSummary& summary) {
  connection
      .prepare(
          "DELETE FROM telemetry.performance WHERE scope IS NOT DISTINCT FROM ? AND "
          "period_start = ? AND period_end = ?")
      .bind(1, summary.scope)
      .bind(2, summary.period_start)
      .bind(3, summary.period_end)
      .run();
}

void put(duck::RowWriter& out, const PerformanceSummary& summary, Timestamp at) {
  out.put(at).put(summary.period_start).put(summary.period_end).put(summary.scope);
  out.put(summary.total_trades).put(summary.winning_trades).put(summary.losing_trades);
  out.put(win_rate(summary)).put(summary.gross_profit).put(summary.gross_loss);
  out.put(summary.net_pnl).put(summary.total_commission).put(profit_factor(summary));
  out.put(average_win(summary)).put(average_loss(summary)).put(summary.max_drawdown);
  out.put(sharpe(summary));
  out.end_row();
}

}  // namespace

void keep_performance(Store& store, std::span<const PerformanceSummary> summaries,
                      std::optional<Timestamp> at) {
  const Timestamp computed = at.value_or(from_epoch_ns(now_epoch_ns()));
  store.core().write([&](duck::Transaction& transaction) {
    for (const PerformanceSummary& summary : summaries)
      delete_like(transaction.connection(), summary);
    duck::RowWriter out{transaction, "telemetry", "performance"};
    for (const PerformanceSummary& summary : summaries)
      put(out, summary, computed);
    out.close();
  });
}

}  // namespace tapedeck
