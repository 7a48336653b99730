// Orders, fills, positions and what follows from them as rows.
#pragma once

#include "cli/cell_row.hpp"
#include "tapedeck/ingest/ledger_import.hpp"
#include "tapedeck/ledger/performance.hpp"
#include "tapedeck/ledger/reading.hpp"

#include <span>

namespace tapedeck {

std::span<const Column> order_columns();
CellRow order_row(const Order& order);
std::span<const Column> order_state_columns();
CellRow order_state_row(const OrderState& state);
std::span<const Column> fill_columns();
CellRow fill_row(const FillWithEffect& of);
std::span<const Column> position_columns();
CellRow position_row(const PositionSnapshot& of);
std::span<const Column> portfolio_columns();
CellRow portfolio_row(const PortfolioSnapshot& of);
std::span<const Column> performance_columns();
CellRow performance_row(const PerformanceSummary& of);
std::span<const Column> equity_columns();
CellRow equity_row(const EquityPoint& of);
std::span<const Column> ledger_import_columns();
CellRow ledger_import_row(const std::string& file, const LedgerImportResult& result);

}  // namespace tapedeck
