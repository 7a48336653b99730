#include "ledger/ledger_door.hpp"
#include "ledger/ledger_views.hpp"
#include "ledger/settled_reader.hpp"
#include "store/fill_rows.hpp"
#include "store/ledger_ids.hpp"
#include "store/portfolio_rows.hpp"
#include "store/position_rows.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace tapedeck {
namespace {

// Keys of the rows that a filter means, and how a reader of rows is told of them.
struct ChosenKeys {
  std::string list;
  std::string condition;
  bool empty = false;

  void bind(duck::Statement& statement) const { statement.bind(1, std::string_view{list}); }
};

ChosenKeys chosen_keys(duck::Connection& connection, const ViewShape& shape,
                       const QueryFilter& filter, std::string_view type) {
  const std::vector<std::string> keys =
      keys_of(connection, shape.name, shape, checked(filter, shape));
  return {.list = joined(keys),
          .condition = in_order_of_keys(shape.key(), type),
          .empty = keys.empty()};
}

class StoredLedger final : public LedgerDoor {
 public:
  explicit StoredLedger(Store& store) : store_{store} {}

  std::optional<Order> order_by_id(const Uuid& id) override { return ledger().find_order(id); }
  std::optional<Order> order_by_client_id(const std::string& client_order_id) override {
    return ledger().find_order_by_client_id(client_order_id);
  }
  std::optional<Order> order_as_created(const Uuid& id) override {
    return ledger().find_created_order(id);
  }
  std::optional<Fill> fill_like(const Fill& fill) override { return ledger().find_fill_like(fill); }

  std::vector<Order> write(const OrderRows& rows) override { return ledger().write(rows); }
  std::vector<Fill> write(const FillRows& rows) override { return ledger().write(rows); }
  void write(const LedgerRows& rows) override { ledger().write(rows); }
  void write(const MarkRows& rows) override { ledger().write(rows); }
  void write(const PortfolioRows& rows) override { ledger().write(rows); }

  std::vector<Order> orders(const QueryFilter& filter) override {
    const auto reader = settled_reader(store_);
    const duck::Snapshot snapshot{*reader};
    const ChosenKeys keys = chosen_keys(*reader, order_view().shape(), filter, "UUID");
    std::vector<Order> result;
    if (keys.empty) return result;
    for (OrderRow& row :
         read_orders(*reader, keys.condition, [&](duck::Statement& s) { keys.bind(s); })) {
      result.push_back(std::move(row.order));
    }
    return result;
  }

  std::vector<Fill> fills(const QueryFilter& filter) override {
    const auto reader = settled_reader(store_);
    const duck::Snapshot snapshot{*reader};
    const ChosenKeys keys = chosen_keys(*reader, fill_view().shape(), filter, "UUID");
    std::vector<Fill> result;
    if (keys.empty) return result;
    for (FillRow& row :
         read_fills(*reader, keys.condition, [&](duck::Statement& s) { keys.bind(s); })) {
      result.push_back(std::move(row.fill));
    }
    return result;
  }

  std::vector<PositionSnapshot> positions(const QueryFilter& filter) override {
    const auto reader = settled_reader(store_);
    const duck::Snapshot snapshot{*reader};
    const ChosenKeys keys = chosen_keys(*reader, position_view().shape(), filter, "BIGINT");
    if (keys.empty) return {};
    return read_positions(*reader, keys.condition, [&](duck::Statement& s) { keys.bind(s); });
  }

  std::vector<PortfolioSnapshot> snapshots(const QueryFilter& filter) override {
    const auto reader = settled_reader(store_);
    const duck::Snapshot snapshot{*reader};
    const ChosenKeys keys = chosen_keys(*reader, portfolio_view().shape(), filter, "BIGINT");
    if (keys.empty) return {};
    return read_portfolio_snapshots(*reader, keys.condition,
                                    [&](duck::Statement& s) { keys.bind(s); });
  }

  std::vector<PositionSnapshot> positions_at(Timestamp at) override {
    const auto reader = settled_reader(store_);
    return tapedeck::positions_at(*reader, at);
  }
  std::vector<PositionSnapshot> history(const PositionFilter& filter, const TimeRange& range,
                                        int64_t limit) override {
    return position_history(store_, filter, range, limit);
  }
  std::optional<PositionSnapshot> find_position(int64_t position_id) override {
    return first_position("WHERE position_id = ?",
                          [&](duck::Statement& s) { s.bind(1, position_id); });
  }
  std::optional<PositionSnapshot> find_position_after(const Uuid& fill_id) override {
    return first_position("WHERE fill_id = ?", [&](duck::Statement& s) { s.bind(1, fill_id); });
  }

 private:
  LiveLedger& ledger() { return store_.core().live_ledger(); }
  std::optional<PositionSnapshot> first_position(std::string_view condition,
                                                 const BindPositions& bind) {
    const auto reader = settled_reader(store_);
    std::vector<PositionSnapshot> rows = read_positions(*reader, condition, bind);
    return rows.empty() ? std::nullopt : std::optional{std::move(rows.front())};
  }

  // Constant after construction
  Store& store_;
};

}  // namespace

std::unique_ptr<LedgerDoor> stored_ledger(Store& store) {
  return std::make_unique<StoredLedger>(store);
}

bool is_meant(const PositionKey& key, const PositionFilter& filter) {
  return (!filter.venue || key.instrument.venue == *filter.venue) &&
         (!filter.symbol || key.instrument.symbol == *filter.symbol) &&
         (!filter.strategy_id || key.strategy_id == filter.strategy_id);
}

}  // namespace tapedeck
