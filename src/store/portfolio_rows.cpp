#include "store/portfolio_rows.hpp"

#include "duck/row_reader.hpp"
#include "duck/row_writer.hpp"

#include <fmt/format.h>

#include <utility>

namespace tapedeck {
namespace {

constexpr std::string_view kColumns =
    "snapshot_time, snapshot_type, cash_balance, portfolio_value, gross_exposure, buying_power, "
    "margin_used, realised_pnl, unrealised_pnl, daily_pnl, peak_value, max_drawdown, leverage, "
    "long_positions, short_positions, metadata";

void put(duck::RowWriter& out, const PortfolioSnapshot& row) {
  out.put(row.at).put(to_text(row.kind));
  out.put(row.cash_balance).put(row.portfolio_value).put(row.gross_exposure);
  out.put(row.buying_power).put(row.margin_used);
  out.put(row.realised_pnl).put(row.unrealised_pnl).put(row.daily_pnl);
  out.put(row.peak_value).put(row.max_drawdown).put(leverage(row));
  out.put(row.long_positions).put(row.short_positions).put(row.metadata);
}

PortfolioSnapshot take(duck::RowReader& in) {
  PortfolioSnapshot row;
  row.at = in.take_time();
  row.kind = parse_snapshot_kind(in.take_text()).value();
  row.cash_balance = in.take_amount();
  row.portfolio_value = in.take_amount();
  row.gross_exposure = in.take_amount();
  row.buying_power = in.find_amount();
  row.margin_used = in.find_amount();
  row.realised_pnl = in.take_amount();
  row.unrealised_pnl = in.take_amount();
  row.daily_pnl = in.find_amount();
  row.peak_value = in.take_amount();
  row.max_drawdown = in.take_amount();
  in.find_amount();  // leverage follows from both
  row.long_positions = in.take_integer();
  row.short_positions = in.take_integer();
  row.metadata = in.find_text();
  return row;
}

}  // namespace

std::vector<PortfolioSnapshot> read_portfolio_snapshots(duck::Connection& connection,
                                                        std::string_view condition,
                                                        const BindSnapshots& bind) {
  duck::Statement& statement = connection.prepare(
      fmt::format("SELECT {} FROM ledger.portfolio_snapshots {}", kColumns, condition));
  bind(statement);
  duck::Result result = statement.run();
  std::vector<PortfolioSnapshot> rows;
  duck::RowReader in{result};
  while (in.next())
    rows.push_back(take(in));
  return rows;
}

std::optional<PortfolioSnapshot> find_portfolio_snapshot(duck::Connection& connection, Timestamp at,
                                                         SnapshotKind kind) {
  std::vector<PortfolioSnapshot> rows =
      read_portfolio_snapshots(connection, "WHERE snapshot_time = ? AND snapshot_type = ?",
                               [&](duck::Statement& s) { s.bind(1, at).bind(2, to_text(kind)); });
  return rows.empty() ? std::nullopt : std::optional{std::move(rows.front())};
}

void insert_portfolio_snapshots(duck::Transaction& transaction, const PortfolioRows& rows,
                                Timestamp recorded_at) {
  duck::Connection& connection = transaction.connection();
  duck::Result newest =
      connection.run("SELECT coalesce(max(snapshot_id), 0) FROM ledger.portfolio_snapshots");
  newest.next_row();
  int64_t id = newest.int64(0);
  for (const PortfolioSnapshot& row : rows.entries) {
    if (find_portfolio_snapshot(connection, row.at, row.kind)) continue;
    duck::RowWriter out{transaction, "ledger", "portfolio_snapshots"};
    out.put(++id);
    put(out, row);
    out.put(recorded_at).put(rows.source);
    out.end_row();
    out.close();
  }
}

}  // namespace tapedeck
