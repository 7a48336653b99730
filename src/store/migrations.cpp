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
      Migration{2, "plain names", kPlainNamesUp, kPlainNamesDown, false},
      Migration{3, "bars of every timeframe", kBarsUp, kBarsDown, false},
      Migration{4, "flowsurface names", kFlowsurfaceUp, kFlowsurfaceDown, false},
      Migration{5, "dreammaker and pyrt names", kOtherNamesUp, kOtherNamesDown, false},
      Migration{6, "ledger", kLedgerUp, kLedgerDown, true},
      Migration{7, "telemetry", kTelemetryUp, kTelemetryDown, true},
  };
  return migrations;
}

std::string checksum_of(const Migration& migration) {
  const std::string text = fmt::format("{}\n{}\n{}", migration.name, migration.up, migration.down);
  return sha256_hex(std::as_bytes(std::span{text}));
}

}  // namespace tapedeck
