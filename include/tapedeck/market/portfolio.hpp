// PortfolioSnapshot: what an account was worth at an instant.
#pragma once

#include "tapedeck/market/amount.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tapedeck {

enum class SnapshotKind : uint8_t { intraday, eod, manual };
std::string_view to_text(SnapshotKind kind);
std::optional<SnapshotKind> parse_snapshot_kind(std::string_view word);

struct PortfolioSnapshot {
  Timestamp at;
  SnapshotKind kind = SnapshotKind::intraday;
  Amount cash_balance;
  Amount portfolio_value;  // cash and what the positions are worth
  Amount gross_exposure;   // of long and short positions
  std::optional<Amount> buying_power = {};
  std::optional<Amount> margin_used = {};
  Amount realised_pnl;
  Amount unrealised_pnl;
  std::optional<Amount> daily_pnl = {};  // since the last snapshot of an earlier UTC day
  Amount peak_value;                     // of all snapshots so far
  Amount max_drawdown;                   // the deepest fall below the peak so far
  int64_t long_positions = 0;
  int64_t short_positions = 0;
  std::optional<std::string> metadata = {};  // a JSON object
  bool operator==(const PortfolioSnapshot&) const = default;
};

// gross_exposure / portfolio_value; nullopt while that is not above 0.
std::optional<Amount> leverage(const PortfolioSnapshot& snapshot);

}  // namespace tapedeck
