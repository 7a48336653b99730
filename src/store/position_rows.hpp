// ledger.positions as rows: what was held after each fill and at each mark.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/position.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tapedeck {

using BindPositions = std::function<void(duck::Statement&)>;
// `condition` is SQL with placeholders for `bind`; with its ORDER BY and LIMIT.
std::vector<PositionSnapshot> read_positions(duck::Connection& connection,
                                             std::string_view condition, const BindPositions& bind);
// The newest of each key; without those that are flat, unless asked for.
enum class FlatPositions { leave_out, include };
std::vector<PositionSnapshot> newest_positions(duck::Connection& connection, FlatPositions flat);
// The newest of each key at or before an instant, flat ones too.
std::vector<PositionSnapshot> positions_at(duck::Connection& connection, Timestamp at);
std::optional<PositionSnapshot> newest_position(duck::Connection& connection,
                                                const PositionKey& key);
// Of those that are in the table.
std::map<Uuid, FillEffect> effects_of_fills(duck::Connection& connection,
                                            std::span<const Uuid> fill_ids);

void insert_positions(duck::Transaction& transaction, std::span<const PositionSnapshot> rows);
// From `begin` on.
void delete_positions(duck::Transaction& transaction, const PositionKey& key, Timestamp begin);

}  // namespace tapedeck
