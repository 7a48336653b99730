#include "store/migrations.hpp"

#include "base/file.hpp"
#include "store/migration_texts.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>

namespace tapedeck {

std::span<const Migration> builtin_migrations() {
  static const std::array migrations{
      Migration{1, "tape tables", kTablesUp, kTablesDown, true},
      Migration{2, "ledger tables", kLedgerTablesUp, kLedgerTablesDown, true},
      Migration{3, "telemetry tables", kTelemetryTablesUp, kTelemetryTablesDown, true},
      Migration{4, "plain names", kPlainNamesUp, kPlainNamesDown, false},
      Migration{5, "bars of every timeframe", kBarsUp, kBarsDown, false},
      Migration{6, "flowsurface names", kFlowsurfaceUp, kFlowsurfaceDown, false},
      Migration{7, "dreammaker and pyrt names", kOtherNamesUp, kOtherNamesDown, false},
      Migration{8, "ledger names", kLedgerNamesUp, kLedgerNamesDown, false},
      Migration{9, "telemetry names", kTelemetryNamesUp, kTelemetryNamesDown, false},
  };
  return migrations;
}

std::string checksum_of(const Migration& migration) {
  const std::string text = fmt::format("{}\n{}\n{}", migration.name, migration.up, migration.down);
  return sha256_hex(std::as_bytes(std::span{text}));
}

}  // namespace tapedeck
