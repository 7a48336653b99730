#include "cli/ledger_cells.hpp"

#include <array>

namespace tapedeck {
namespace {

constexpr int kAmountDigits = -Amount::kExponent;

Column amount_column(std::string name) {
  return {.name = std::move(name), .type = CellType::decimal, .digits = kAmountDigits};
}
Column time_column(std::string name) {
  return {.name = std::move(name), .type = CellType::time};
}
Column count_column(std::string name) {
  return {.name = std::move(name), .type = CellType::integer};
}
Column real_column(std::string name) {
  return {.name = std::move(name), .type = CellType::real};
}

template <typename Word>
std::optional<std::string> word_of(const std::optional<Word>& word) {
  return word ? std::optional{std::string{to_text(*word)}} : std::nullopt;
}

}  // namespace

std::span<const Column> order_columns() {
  static const std::array columns{time_column("created_at"),
                                  Column{"instrument"},
                                  Column{"side"},
                                  Column{"type"},
                                  amount_column("quantity"),
                                  amount_column("price"),
                                  amount_column("stop_price"),
                                  Column{"status"},
                                  amount_column("filled_quantity"),
                                  amount_column("average_fill_price"),
                                  Column{"client_order_id"},
                                  Column{"strategy_id"},
                                  Column{"order_id"},
                                  Column{"correlation_id"},
                                  Column{"status_message"}};
  return columns;
}

CellRow order_row(const Order& order) {
  CellRow row;
  row.add(order.created_at).add(to_text(order.instrument)).add(to_text(order.side));
  row.add(to_text(order.type)).add(order.quantity).add(order.price).add(order.stop_price);
  row.add(to_text(order.status)).add(order.filled_quantity).add(average_fill_price(order));
  row.add(order.client_order_id).add(order.strategy_id).add(order.order_id);
  row.add(order.correlation_id).add(order.status_message);
  return row;
}

std::span<const Column> order_state_columns() {
  static const std::array columns{time_column("recorded_at"),
                                  Column{"cause"},
                                  Column{"status"},
                                  amount_column("quantity"),
                                  amount_column("price"),
                                  amount_column("filled_quantity"),
                                  amount_column("average_fill_price"),
                                  Column{"status_message"}};
  return columns;
}

CellRow order_state_row(const OrderState& state) {
  const Order& order = state.order;
  CellRow row;
  row.add(state.recorded_at).add(state.cause).add(to_text(order.status)).add(order.quantity);
  row.add(order.price).add(order.filled_quantity).add(average_fill_price(order));
  row.add(order.status_message);
  return row;
}

std::span<const Column> fill_columns() {
  static const std::array columns{
      time_column("executed_at"),    Column{"instrument"},        Column{"side"},
      amount_column("quantity"),     amount_column("price"),      amount_column("closed_quantity"),
      amount_column("realised_pnl"), amount_column("commission"), amount_column("fees"),
      Column{"fee_currency"},        Column{"liquidity"},         Column{"exchange_trade_id"},
      Column{"strategy_id"},         Column{"fill_id"},           Column{"order_id"}};
  return columns;
}

CellRow fill_row(const FillWithEffect& of) {
  const Fill& fill = of.fill;
  CellRow row;
  row.add(fill.executed_at).add(to_text(fill.instrument)).add(to_text(fill.side));
  row.add(fill.quantity).add(fill.price).add(of.effect.closed).add(of.effect.realised_pnl);
  row.add(fill.commission).add(fill.fees).add(fill.fee_currency).add(word_of(fill.liquidity));
  row.add(fill.exchange_trade_id).add(fill.strategy_id).add(fill.fill_id).add(fill.order_id);
  return row;
}

std::span<const Column> position_columns() {
  static const std::array columns{Column{"instrument"},
                                  Column{"strategy_id"},
                                  Column{"side"},
                                  amount_column("quantity"),
                                  amount_column("average_entry_price"),
                                  amount_column("current_price"),
                                  amount_column("market_value"),
                                  amount_column("unrealised_pnl"),
                                  amount_column("realised_pnl"),
                                  amount_column("costs"),
                                  amount_column("max_drawdown"),
                                  count_column("fills"),
                                  time_column("opened_at"),
                                  time_column("closed_at"),
                                  time_column("time")};
  return columns;
}

CellRow position_row(const PositionSnapshot& of) {
  const Position& position = of.position;
  const Amount mark = position.mark.value_or(Amount{});
  CellRow row;
  row.add(to_text(of.key.instrument)).add(of.key.strategy_id).add(to_text(side_of(position)));
  row.add(magnitude(position.quantity)).add(average_entry_price(position)).add(position.mark);
  row.add(market_value(position, mark)).add(unrealised_pnl(position, mark));
  row.add(position.realised_pnl).add(position.costs).add(position.max_drawdown);
  row.add(position.fills).add(position.opened_at).add(position.closed_at).add(of.at);
  return row;
}

std::span<const Column> portfolio_columns() {
  static const std::array columns{time_column("time"),
                                  Column{"kind"},
                                  amount_column("portfolio_value"),
                                  amount_column("cash_balance"),
                                  amount_column("gross_exposure"),
                                  amount_column("leverage"),
                                  amount_column("unrealised_pnl"),
                                  amount_column("realised_pnl"),
                                  amount_column("daily_pnl"),
                                  amount_column("max_drawdown"),
                                  count_column("long_positions"),
                                  count_column("short_positions")};
  return columns;
}

CellRow portfolio_row(const PortfolioSnapshot& of) {
  CellRow row;
  row.add(of.at).add(to_text(of.kind)).add(of.portfolio_value).add(of.cash_balance);
  row.add(of.gross_exposure).add(leverage(of)).add(of.unrealised_pnl).add(of.realised_pnl);
  row.add(of.daily_pnl).add(of.max_drawdown).add(of.long_positions).add(of.short_positions);
  return row;
}

std::span<const Column> performance_columns() {
  static const std::array columns{Column{"scope"},
                                  amount_column("net_pnl"),
                                  count_column("fills"),
                                  count_column("trades"),
                                  real_column("win_rate"),
                                  real_column("profit_factor"),
                                  amount_column("gross_profit"),
                                  amount_column("gross_loss"),
                                  amount_column("average_win"),
                                  amount_column("average_loss"),
                                  amount_column("commission"),
                                  amount_column("max_drawdown"),
                                  real_column("sharpe"),
                                  time_column("first"),
                                  time_column("last")};
  return columns;
}

CellRow performance_row(const PerformanceSummary& of) {
  CellRow row;
  row.add(of.scope.value_or("all")).add(of.net_pnl).add(of.fills).add(of.total_trades);
  row.add(win_rate(of)).add(profit_factor(of)).add(of.gross_profit).add(of.gross_loss);
  row.add(average_win(of)).add(average_loss(of)).add(of.total_commission).add(of.max_drawdown);
  row.add(sharpe(of)).add(of.period_start).add(of.period_end);
  return row;
}

std::span<const Column> equity_columns() {
  static const std::array columns{time_column("time"), amount_column("pnl"),
                                  amount_column("realised_pnl"), amount_column("unrealised_pnl")};
  return columns;
}

CellRow equity_row(const EquityPoint& of) {
  CellRow row;
  row.add(of.at).add(of.realised_pnl + of.unrealised_pnl);
  row.add(of.realised_pnl).add(of.unrealised_pnl);
  return row;
}

std::span<const Column> ledger_import_columns() {
  static const std::array columns{Column{"file"},
                                  count_column("orders"),
                                  count_column("fills"),
                                  count_column("status_changes"),
                                  count_column("duplicates"),
                                  count_column("skipped"),
                                  count_column("rejects")};
  return columns;
}

CellRow ledger_import_row(const std::string& file, const LedgerImportResult& result) {
  CellRow row;
  row.add(file).add(result.orders).add(result.fills).add(result.status_changes);
  row.add(result.duplicates).add(result.skipped).add(result.rejects);
  return row;
}

}  // namespace tapedeck
