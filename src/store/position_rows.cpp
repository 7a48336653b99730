#include "store/position_rows.hpp"

#include "duck/row_reader.hpp"
#include "duck/row_writer.hpp"
#include "store/foreign_fees.hpp"
#include "store/ledger_ids.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace tapedeck {
namespace {

constexpr std::string_view kColumns =
    "position_id, venue, symbol, strategy_id, snapshot_time, fill_id, side, quantity, cost, "
    "average_entry_price, current_price, market_value, unrealised_pnl, realised_pnl, "
    "fill_realised_pnl, fill_costs, closed_quantity, costs, foreign_fees, fills, first_entry_time, "
    "opened_at, "
    "closed_at, peak, max_drawdown, correlation_id";
constexpr std::string_view kIsKey =
    "venue = ? AND symbol = ? AND strategy_id IS NOT DISTINCT FROM ?";

void put(duck::RowWriter& out, const PositionSnapshot& row) {
  const Position& position = row.position;
  const Amount mark = position.mark.value_or(Amount{});
  out.put(row.position_id).put(row.key.instrument.venue).put(row.key.instrument.symbol);
  out.put(row.key.strategy_id).put(row.at).put(row.fill_id).put(to_text(side_of(position)));
  out.put(position.quantity).put(position.cost).put(average_entry_price(position));
  out.put(mark).put(market_value(position, mark)).put(unrealised_pnl(position, mark));
  out.put(position.realised_pnl);
  out.put(row.effect ? std::optional{row.effect->realised_pnl} : std::nullopt);
  out.put(row.effect ? std::optional{row.effect->costs} : std::nullopt);
  out.put(row.effect ? std::optional{row.effect->closed} : std::nullopt);
  out.put(position.costs).put(fees_json(position.foreign_fees)).put(position.fills);
  out.put(position.first_entry_time).put(position.opened_at).put(position.closed_at);
  out.put(position.peak).put(position.max_drawdown).put(row.correlation_id);
  out.end_row();
}

PositionSnapshot take(duck::RowReader& in) {
  PositionSnapshot row;
  Position& position = row.position;
  row.position_id = in.take_integer();
  row.key.instrument.venue = in.take_text();
  row.key.instrument.symbol = in.take_text();
  row.key.strategy_id = in.find_text();
  row.at = in.take_time();
  row.fill_id = in.find_uuid();
  in.take_text();  // side, and below what else follows from the state
  position.quantity = in.take_amount();
  position.cost = in.take_amount();
  in.find_amount();
  position.mark = in.take_amount();
  in.take_amount();
  in.take_amount();
  position.realised_pnl = in.take_amount();
  const std::optional<Amount> realised = in.find_amount();
  const std::optional<Amount> costs = in.find_amount();
  const std::optional<Amount> closed = in.find_amount();
  if (realised) row.effect = {.closed = *closed, .realised_pnl = *realised, .costs = *costs};
  position.costs = in.take_amount();
  if (const auto fees = in.find_text()) position.foreign_fees = parse_fees(*fees);
  position.fills = in.take_integer();
  position.first_entry_time = in.find_time();
  position.opened_at = in.find_time();
  position.closed_at = in.find_time();
  position.peak = in.take_amount();
  position.max_drawdown = in.take_amount();
  row.correlation_id = in.find_uuid();
  return row;
}

std::vector<PositionSnapshot> rows_of(duck::Statement& statement) {
  std::vector<PositionSnapshot> rows;
  duck::Result result = statement.run();
  duck::RowReader in{result};
  while (in.next())
    rows.push_back(take(in));
  return rows;
}

void bind_key(duck::Statement& statement, const PositionKey& key) {
  statement.bind(1, std::string_view{key.instrument.venue});
  statement.bind(2, std::string_view{key.instrument.symbol});
  statement.bind(
      3, key.strategy_id ? std::optional<std::string_view>{*key.strategy_id} : std::nullopt);
}

}  // namespace

std::vector<PositionSnapshot> read_positions(duck::Connection& connection,
                                             std::string_view condition,
                                             const BindPositions& bind) {
  duck::Statement& statement =
      connection.prepare(fmt::format("SELECT {} FROM ledger.positions {}", kColumns, condition));
  bind(statement);
  return rows_of(statement);
}

std::vector<PositionSnapshot> newest_positions(duck::Connection& connection, FlatPositions flat) {
  const std::string_view held = flat == FlatPositions::include ? "true" : "closed_at IS NULL";
  duck::Statement& statement = connection.prepare(
      fmt::format("SELECT {} FROM ledger.positions WHERE position_id IN (SELECT max(position_id) "
                  "FROM ledger.positions GROUP BY venue, symbol, strategy_id) AND {} ORDER BY "
                  "venue, symbol, strategy_id",
                  kColumns, held));
  return rows_of(statement);
}

std::vector<PositionSnapshot> positions_at(duck::Connection& connection, Timestamp at) {
  return read_positions(connection,
                        "WHERE position_id IN (SELECT max(position_id) FROM ledger.positions WHERE "
                        "snapshot_time <= ? GROUP BY venue, symbol, strategy_id) ORDER BY venue, "
                        "symbol, strategy_id",
                        [&](duck::Statement& s) { s.bind(1, at); });
}

std::optional<PositionSnapshot> newest_position(duck::Connection& connection,
                                                const PositionKey& key) {
  std::vector<PositionSnapshot> rows =
      read_positions(connection, fmt::format("WHERE {} ORDER BY position_id DESC LIMIT 1", kIsKey),
                     [&](duck::Statement& s) { bind_key(s, key); });
  return rows.empty() ? std::nullopt : std::optional{std::move(rows.front())};
}

std::map<Uuid, FillEffect> effects_of_fills(duck::Connection& connection,
                                            std::span<const Uuid> fill_ids) {
  std::map<Uuid, FillEffect> effects;
  if (fill_ids.empty()) return effects;
  const std::string list = joined(fill_ids);
  for (const PositionSnapshot& row :
       read_positions(connection, "WHERE " + uuid_in("fill_id"),
                      [&](duck::Statement& s) { s.bind(1, std::string_view{list}); })) {
    effects.emplace(*row.fill_id, *row.effect);
  }
  return effects;
}

void insert_positions(duck::Transaction& transaction, std::span<const PositionSnapshot> rows) {
  if (rows.empty()) return;
  duck::RowWriter out{transaction, "ledger", "positions"};
  for (const PositionSnapshot& row : rows)
    put(out, row);
  out.close();
}

void delete_positions(duck::Transaction& transaction, const PositionKey& key, Timestamp begin) {
  duck::Statement& statement = transaction.connection().prepare(
      fmt::format("DELETE FROM ledger.positions WHERE {} AND snapshot_time >= ?", kIsKey));
  bind_key(statement, key);
  statement.bind(4, begin).run();
}

}  // namespace tapedeck
