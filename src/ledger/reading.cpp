#include "tapedeck/ledger/reading.hpp"

#include "ledger/settled_reader.hpp"
#include "store/conditions.hpp"
#include "store/fill_rows.hpp"
#include "store/observed.hpp"
#include "store/order_rows.hpp"
#include "store/portfolio_rows.hpp"
#include "store/position_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace tapedeck {
namespace {

template <typename Filter>
void add_names(Conditions& conditions, const Filter& filter) {
  conditions.add("venue = ?", filter.venue);
  conditions.add("symbol = ?", filter.symbol);
  conditions.add("strategy_id = ?", filter.strategy_id);
}

std::string newest_first(const Conditions& conditions, std::string_view time,
                         std::string_view number, int64_t limit) {
  return fmt::format("{} ORDER BY {} DESC, {} DESC LIMIT {}", conditions.where(), time, number,
                     limit);
}

template <typename Fold>
void fold(const std::vector<Fill>& fills, std::vector<PositionSnapshot>& snapshots, Fold fold) {
  std::map<PositionKey, size_t> places;
  for (const Fill& fill : fills) {
    const auto [place, is_new] = places.try_emplace(key_of(fill), snapshots.size());
    if (is_new) snapshots.push_back({.key = key_of(fill)});
    PositionSnapshot& snapshot = snapshots[place->second];
    snapshot.effect = fold(place->second, snapshot.position, fill);
    snapshot.at = fill.executed_at;
    snapshot.fill_id = fill.fill_id;
    snapshot.correlation_id = fill.correlation_id;
  }
}

}  // namespace

std::vector<Order> orders(const Store& store, const OrderFilter& filter) {
  return observed(store.core().observer(), "orders", {}, [&]() -> std::vector<Order> {
    Conditions conditions;
    add_names(conditions, filter);
    if (filter.status) conditions.add_value("status = ?", std::string{to_text(*filter.status)});
    conditions.add("correlation_id = ?", filter.correlation_id);
    conditions.add("parent_order_id = ?", filter.parent_order_id);
    conditions.add_range("created_at", filter.created);
    const auto reader = settled_reader(store);
    std::vector<Order> result;
    for (OrderRow& row :
         read_orders(*reader, newest_first(conditions, "created_at", "order_id", filter.limit),
                     [&](duck::Statement& s) { conditions.bind(s); })) {
      result.push_back(std::move(row.order));
    }
    return result;
  });
}

std::optional<Order> find_order(const Store& store, const Uuid& order_id) {
  return store.core().live_ledger().find_order(order_id);
}

std::optional<Order> find_order_by_client_id(const Store& store,
                                             const std::string& client_order_id) {
  return store.core().live_ledger().find_order_by_client_id(client_order_id);
}

std::vector<OrderState> order_history(const Store& store, const Uuid& order_id) {
  const auto reader = settled_reader(store);
  std::vector<OrderState> states;
  for (OrderVersion& version : versions_of_order(*reader, order_id)) {
    states.push_back({.recorded_at = version.recorded_at,
                      .cause = std::string{version.kind},
                      .order = std::move(version.row.order)});
  }
  return states;
}

std::optional<Fill> find_fill(const Store& store, const Uuid& fill_id) {
  const auto reader = settled_reader(store);
  std::vector<FillRow> rows = fills_by_id(*reader, std::span{&fill_id, 1});
  return rows.empty() ? std::nullopt : std::optional{std::move(rows.front().fill)};
}

std::vector<FillWithEffect> fills(const Store& store, const FillFilter& filter) {
  return observed(store.core().observer(), "fills", {}, [&]() -> std::vector<FillWithEffect> {
    Conditions conditions;
    add_names(conditions, filter);
    conditions.add("order_id = ?", filter.order_id);
    conditions.add("correlation_id = ?", filter.correlation_id);
    conditions.add_range("executed_at", filter.executed);
    const auto reader = settled_reader(store);
    const duck::Snapshot snapshot{*reader};
    std::vector<FillWithEffect> result;
    std::vector<Uuid> ids;
    for (FillRow& row :
         read_fills(*reader, newest_first(conditions, "executed_at", "entry", filter.limit),
                    [&](duck::Statement& s) { conditions.bind(s); })) {
      ids.push_back(row.fill.fill_id);
      result.push_back({.fill = std::move(row.fill), .effect = {}});
    }
    const std::map<Uuid, FillEffect> effects = effects_of_fills(*reader, ids);
    for (FillWithEffect& row : result) {
      const auto effect = effects.find(row.fill.fill_id);
      if (effect != effects.end()) row.effect = effect->second;
    }
    return result;
  });
}

std::vector<PositionSnapshot> positions(const Store& store, const PositionFilter& filter) {
  return observed(store.core().observer(), "positions", {}, [&]() -> std::vector<PositionSnapshot> {
    const auto reader = settled_reader(store);
    std::vector<PositionSnapshot> all = newest_positions(
        *reader, filter.flat_too ? FlatPositions::include : FlatPositions::leave_out);
    std::erase_if(all, [&](const PositionSnapshot& one) {
      return (filter.venue && one.key.instrument.venue != *filter.venue) ||
             (filter.symbol && one.key.instrument.symbol != *filter.symbol) ||
             (filter.strategy_id && one.key.strategy_id != filter.strategy_id);
    });
    return all;
  });
}

std::vector<PositionSnapshot> position_history(const Store& store, const PositionFilter& filter,
                                               const TimeRange& range, int64_t limit) {
  return observed(
      store.core().observer(), "position_history", {}, [&]() -> std::vector<PositionSnapshot> {
        Conditions conditions;
        add_names(conditions, filter);
        conditions.add_range("snapshot_time", range);
        const auto reader = settled_reader(store);
        return read_positions(*reader,
                              newest_first(conditions, "snapshot_time", "position_id", limit),
                              [&](duck::Statement& s) { conditions.bind(s); });
      });
}

std::vector<PortfolioSnapshot> portfolio_snapshots(const Store& store,
                                                   const PortfolioFilter& filter) {
  return observed(
      store.core().observer(), "portfolio_snapshots", {}, [&]() -> std::vector<PortfolioSnapshot> {
        Conditions conditions;
        if (filter.kind)
          conditions.add_value("snapshot_type = ?", std::string{to_text(*filter.kind)});
        conditions.add_range("snapshot_time", filter.taken);
        const auto reader = settled_reader(store);
        return read_portfolio_snapshots(
            *reader, newest_first(conditions, "snapshot_time", "snapshot_id", filter.limit),
            [&](duck::Statement& s) { conditions.bind(s); });
      });
}

LedgerState ledger_as_known_at(const Store& store, Timestamp at) {
  return observed(store.core().observer(), "ledger_as_known_at", {}, [&]() -> LedgerState {
    const auto reader = settled_reader(store);
    const duck::Snapshot snapshot{*reader};
    LedgerState state;
    for (OrderRow& row : orders_as_known_at(*reader, at))
      state.orders.push_back(std::move(row.order));
    for (FillRow& row : fills_as_known_at(*reader, at))
      state.fills.push_back(std::move(row.fill));
    state.positions = fold_positions(state.fills, CostRule::average);
    return state;
  });
}

std::vector<PositionSnapshot> fold_positions(std::vector<Fill> fills, CostRule rule) {
  std::ranges::stable_sort(fills,
                           [](const Fill& a, const Fill& b) { return compare_in_time(a, b) < 0; });
  std::vector<PositionSnapshot> snapshots;
  if (rule == CostRule::average) {
    fold(fills, snapshots, [](size_t /*place*/, Position& position, const Fill& fill) {
      return add_fill(position, fill);
    });
    return snapshots;
  }
  std::map<size_t, FifoPosition> lots;
  fold(fills, snapshots, [&](size_t place, Position& position, const Fill& fill) {
    FifoPosition& fifo = lots[place];
    const FillEffect effect = fifo.add_fill(fill);
    position = fifo.position();
    return effect;
  });
  return snapshots;
}

}  // namespace tapedeck
