// ledger.fills and ledger.fill_entries as rows.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/fill.hpp"
#include "tapedeck/market/position.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

// A fill that counts, and the entry that brought it first: its place in the order of arrival.
struct FillRow {
  Fill fill;
  int64_t entry = 0;
};

// A fill as it was said: new, amended, or as it was before it was taken back.
struct FillVersion {
  Timestamp recorded_at;
  std::string_view kind;  // literal: fill, amend, bust
  std::string source;
  std::optional<std::string> reason = {};
  FillRow row;
};

using BindFills = std::function<void(duck::Statement&)>;
// `condition` is SQL with placeholders for `bind`; with its ORDER BY and LIMIT.
std::vector<FillRow> read_fills(duck::Connection& connection, std::string_view condition,
                                const BindFills& bind);
std::vector<FillRow> fills_by_id(duck::Connection& connection, std::span<const Uuid> ids);
std::vector<FillRow> fills_of_orders(duck::Connection& connection, std::span<const Uuid> order_ids);
// From `begin` on, in the order of compare_in_time(), then of arrival.
std::vector<FillRow> fills_of_position(duck::Connection& connection, const PositionKey& key,
                                       Timestamp begin);
std::optional<Fill> newest_fill(duck::Connection& connection, const PositionKey& key);
// Everything that was said of these fills, in the order of its coming.
std::vector<FillVersion> versions_of_fills(duck::Connection& connection,
                                           std::span<const Uuid> fill_ids);
std::vector<FillVersion> versions_by_trade_id(duck::Connection& connection,
                                              std::span<const std::string> exchange_trade_ids);
// The fills that counted when everything recorded up to `at` was known, by rising time.
std::vector<FillRow> fills_as_known_at(duck::Connection& connection, Timestamp at);
void sort_in_time(std::vector<FillRow>& rows);

void insert_fills(duck::Transaction& transaction, std::span<const FillRow> rows);
void delete_fills(duck::Transaction& transaction, std::span<const Uuid> ids);
void insert_fill_versions(duck::Transaction& transaction, std::span<const FillVersion> versions);

}  // namespace tapedeck
