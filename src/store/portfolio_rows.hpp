// ledger.portfolio_snapshots as rows.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/portfolio.hpp"
#include "tapedeck/tape/payload.hpp"

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace tapedeck {

using BindSnapshots = std::function<void(duck::Statement&)>;
// `condition` is SQL with placeholders for `bind`; with its ORDER BY and LIMIT.
std::vector<PortfolioSnapshot> read_portfolio_snapshots(duck::Connection& connection,
                                                        std::string_view condition,
                                                        const BindSnapshots& bind);
std::optional<PortfolioSnapshot> find_portfolio_snapshot(duck::Connection& connection, Timestamp at,
                                                         SnapshotKind kind);
// One of a time and kind that is there already stays.
void insert_portfolio_snapshots(duck::Transaction& transaction, const PortfolioRows& rows,
                                Timestamp recorded_at);

}  // namespace tapedeck
