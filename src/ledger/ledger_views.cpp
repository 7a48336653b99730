#include "ledger/ledger_views.hpp"

#include "store/foreign_fees.hpp"

#include <cmath>

namespace tapedeck {
namespace {

using enum ColumnKind;
using enum SortOrder;

// tape.to_percent(): DECIMAL(10,4), NULL of nothing and for what does not fit.
QueryValue percent(std::optional<Amount> part, std::optional<Amount> whole) {
  constexpr int kDigits = 4;
  constexpr double kUnits = 1e4;
  constexpr double kEnd = 1e10;
  if (!part || !whole || *whole == Amount{}) return {};
  const double units = std::round(to_double(*part) / to_double(*whole) * 100 * kUnits);
  if (std::abs(units) >= kEnd) return {};
  return Decimal{.units = static_cast<int64_t>(units), .exponent = -kDigits};
}

template <typename Enum>
QueryValue word(Enum value) {
  return cell(to_text(value));
}
template <typename Enum>
QueryValue word(const std::optional<Enum>& value) {
  return value ? word(*value) : QueryValue{};
}

bool has_only_foreign_fees(const Order& order) {
  return order.commission == Amount{} && order.foreign_fees.size() == 1;
}

QueryValue commission_of(const OrderRow& row) {
  return cell(has_only_foreign_fees(row.order) ? row.order.foreign_fees[0].paid
                                               : row.order.commission);
}

QueryValue commission_currency_of(const OrderRow& row) {
  if (!has_only_foreign_fees(row.order)) return {};
  return cell(row.order.foreign_fees[0].currency);
}

Amount mark_of(const PositionSnapshot& row) {
  return row.position.mark.value_or(Amount{});
}
Amount unrealised_of(const PositionSnapshot& row) {
  return unrealised_pnl(row.position, mark_of(row));
}
Amount basis_of(const PositionSnapshot& row) {
  return magnitude(row.position.cost);
}

Amount total_pnl_of(const SnapshotRow& row) {
  return row.snapshot.realised_pnl + row.snapshot.unrealised_pnl;
}

EntityView<OrderRow> make_order_view() {
  using Row = const OrderRow&;
  return {"main.orders",
          {{"order_id", uuid, [](Row r) { return cell(r.order.order_id); }},
           {"client_order_id", text, [](Row r) { return cell(r.order.client_order_id); }},
           {"exchange", text, [](Row r) { return cell(r.order.instrument.venue); }},
           {"symbol", text, [](Row r) { return cell(r.order.instrument.symbol); }},
           {"strategy_id", text, [](Row r) { return cell(r.order.strategy_id); }},
           {"side", text, [](Row r) { return word(r.order.side); }},
           {"order_type", text, [](Row r) { return word(r.order.type); }},
           {"time_in_force", text, [](Row r) { return word(r.order.time_in_force); }},
           {"quantity", decimal, [](Row r) { return cell(r.order.quantity); }},
           {"price", decimal, [](Row r) { return cell(r.order.price); }},
           {"stop_price", decimal, [](Row r) { return cell(r.order.stop_price); }},
           {"filled_quantity", decimal, [](Row r) { return cell(r.order.filled_quantity); }},
           {"average_fill_price", decimal, [](Row r) { return cell(average_fill_price(r.order)); }},
           {"status", text, [](Row r) { return word(r.order.status); }},
           {"status_message", text, [](Row r) { return cell(r.order.status_message); }},
           {"created_at", time, [](Row r) { return cell(r.order.created_at); }},
           {"submitted_at", time, [](Row r) { return cell(r.order.submitted_at); }},
           {"updated_at", time, [](Row r) { return cell(r.order.updated_at); }},
           {"filled_at", time, [](Row r) { return cell(r.order.filled_at); }},
           {"commission", decimal, commission_of},
           {"commission_currency", text, commission_currency_of},
           {"correlation_id", uuid, [](Row r) { return cell(r.order.correlation_id); }},
           {"parent_order_id", uuid, [](Row r) { return cell(r.order.parent_order_id); }},
           {"extended_hours", boolean, [](Row r) { return cell(r.order.extended_hours); }},
           {"metadata", text, [](Row r) { return cell(r.order.metadata); }},
           {"venue_order_id", text, [](Row r) { return cell(r.order.venue_order_id); }},
           {"filled_notional", decimal, [](Row r) { return cell(r.order.filled_notional); }},
           {"foreign_fees", text, [](Row r) { return cell(fees_json(r.order.foreign_fees)); }},
           {"source", text, [](Row r) { return cell(r.source); }}},
          {{"created_at", descending}, {"order_id", descending}}};
}

EntityView<FillWithEffect> make_fill_view() {
  using Row = const FillWithEffect&;
  return {"main.fills",
          {{"fill_id", uuid, [](Row r) { return cell(r.fill.fill_id); }},
           {"order_id", uuid, [](Row r) { return cell(r.fill.order_id); }},
           {"exchange", text, [](Row r) { return cell(r.fill.instrument.venue); }},
           {"symbol", text, [](Row r) { return cell(r.fill.instrument.symbol); }},
           {"strategy_id", text, [](Row r) { return cell(r.fill.strategy_id); }},
           {"side", text, [](Row r) { return word(r.fill.side); }},
           {"quantity", decimal, [](Row r) { return cell(r.fill.quantity); }},
           {"price", decimal, [](Row r) { return cell(r.fill.price); }},
           {"executed_at", time, [](Row r) { return cell(r.fill.executed_at); }},
           {"reported_at", time, [](Row r) { return cell(r.fill.reported_at); }},
           {"commission", decimal, [](Row r) { return cell(r.fill.commission); }},
           {"fees", decimal, [](Row r) { return cell(r.fill.fees); }},
           {"fee_currency", text, [](Row r) { return cell(r.fill.fee_currency); }},
           {"realised_pnl", decimal, [](Row r) { return cell(r.effect.realised_pnl); }},
           {"closed_quantity", decimal, [](Row r) { return cell(r.effect.closed); }},
           {"currency", text, [](Row r) { return cell(r.fill.currency); }},
           {"liquidity", text, [](Row r) { return word(r.fill.liquidity); }},
           {"exchange_trade_id", text, [](Row r) { return cell(r.fill.exchange_trade_id); }},
           {"correlation_id", uuid, [](Row r) { return cell(r.fill.correlation_id); }}},
          {{"executed_at", descending}, {"fill_id", descending}}};
}

EntityView<PositionSnapshot> make_position_view() {
  using Row = const PositionSnapshot&;
  return {"main.positions",
          {{"position_id", integer, [](Row r) { return cell(r.position_id); }},
           {"exchange", text, [](Row r) { return cell(r.key.instrument.venue); }},
           {"symbol", text, [](Row r) { return cell(r.key.instrument.symbol); }},
           {"strategy_id", text, [](Row r) { return cell(r.key.strategy_id); }},
           {"side", text, [](Row r) { return word(side_of(r.position)); }},
           {"quantity", decimal, [](Row r) { return cell(magnitude(r.position.quantity)); }},
           {"average_entry_price", decimal,
            [](Row r) { return cell(average_entry_price(r.position)); }},
           {"first_entry_time", time, [](Row r) { return cell(r.position.first_entry_time); }},
           {"current_price", decimal, [](Row r) { return cell(mark_of(r)); }},
           {"market_value", decimal,
            [](Row r) { return cell(magnitude(market_value(r.position, mark_of(r)))); }},
           {"unrealised_pnl", decimal, [](Row r) { return cell(unrealised_of(r)); }},
           {"unrealised_pnl_pct", decimal,
            [](Row r) { return percent(unrealised_of(r), basis_of(r)); }},
           {"realised_pnl", decimal, [](Row r) { return cell(r.position.realised_pnl); }},
           {"total_cost_basis", decimal, [](Row r) { return cell(basis_of(r)); }},
           {"max_drawdown", decimal, [](Row r) { return cell(r.position.max_drawdown); }},
           {"max_drawdown_pct", decimal,
            [](Row r) { return percent(r.position.max_drawdown, basis_of(r)); }},
           {"snapshot_time", time, [](Row r) { return cell(r.at); }},
           {"opened_at", time, [](Row r) { return cell(r.position.opened_at); }},
           {"closed_at", time, [](Row r) { return cell(r.position.closed_at); }},
           {"correlation_id", uuid, [](Row r) { return cell(r.correlation_id); }},
           {"costs", decimal, [](Row r) { return cell(r.position.costs); }},
           {"foreign_fees", text, [](Row r) { return cell(fees_json(r.position.foreign_fees)); }},
           {"fills", integer, [](Row r) { return cell(r.position.fills); }}},
          {{"snapshot_time", descending}, {"position_id", descending}}};
}

EntityView<SnapshotRow> make_portfolio_view() {
  using Row = const SnapshotRow&;
  return {"main.portfolio_snapshots",
          {{"snapshot_id", integer, [](Row r) { return cell(r.snapshot_id); }},
           {"snapshot_time", time, [](Row r) { return cell(r.snapshot.at); }},
           {"snapshot_type", text, [](Row r) { return word(r.snapshot.kind); }},
           {"cash_balance", decimal, [](Row r) { return cell(r.snapshot.cash_balance); }},
           {"buying_power", decimal, [](Row r) { return cell(r.snapshot.buying_power); }},
           {"portfolio_value", decimal, [](Row r) { return cell(r.snapshot.portfolio_value); }},
           {"equity", decimal, [](Row r) { return cell(r.snapshot.portfolio_value); }},
           {"total_pnl", decimal, [](Row r) { return cell(total_pnl_of(r)); }},
           {"daily_pnl", decimal, [](Row r) { return cell(r.snapshot.daily_pnl); }},
           {"total_pnl_pct", decimal,
            [](Row r) {
              return percent(total_pnl_of(r), r.snapshot.portfolio_value - total_pnl_of(r));
            }},
           {"daily_pnl_pct", decimal,
            [](Row r) {
              if (!r.snapshot.daily_pnl) return QueryValue{};
              return percent(r.snapshot.daily_pnl,
                             r.snapshot.portfolio_value - *r.snapshot.daily_pnl);
            }},
           {"leverage", decimal, [](Row r) { return cell(leverage(r.snapshot)); }},
           {"margin_used", decimal, [](Row r) { return cell(r.snapshot.margin_used); }},
           {"max_drawdown", decimal, [](Row r) { return cell(r.snapshot.max_drawdown); }},
           {"max_drawdown_pct", decimal,
            [](Row r) { return percent(r.snapshot.max_drawdown, r.snapshot.peak_value); }},
           {"long_positions", integer, [](Row r) { return cell(r.snapshot.long_positions); }},
           {"short_positions", integer, [](Row r) { return cell(r.snapshot.short_positions); }},
           {"total_positions", integer,
            [](Row r) { return cell(r.snapshot.long_positions + r.snapshot.short_positions); }},
           {"metadata", text, [](Row r) { return cell(r.snapshot.metadata); }},
           {"realised_pnl", decimal, [](Row r) { return cell(r.snapshot.realised_pnl); }},
           {"unrealised_pnl", decimal, [](Row r) { return cell(r.snapshot.unrealised_pnl); }},
           {"gross_exposure", decimal, [](Row r) { return cell(r.snapshot.gross_exposure); }},
           {"peak_value", decimal, [](Row r) { return cell(r.snapshot.peak_value); }},
           {"source", text, [](Row r) { return cell(r.source); }}},
          {{"snapshot_time", descending}, {"snapshot_id", descending}}};
}

}  // namespace

const EntityView<OrderRow>& order_view() {
  static const EntityView<OrderRow> view = make_order_view();
  return view;
}
const EntityView<FillWithEffect>& fill_view() {
  static const EntityView<FillWithEffect> view = make_fill_view();
  return view;
}
const EntityView<PositionSnapshot>& position_view() {
  static const EntityView<PositionSnapshot> view = make_position_view();
  return view;
}
const EntityView<SnapshotRow>& portfolio_view() {
  static const EntityView<SnapshotRow> view = make_portfolio_view();
  return view;
}

}  // namespace tapedeck
