// Import of histories of one's own trading, as venues and brokers give them out, into the ledger.
// Importing a file again, or one that has grown since, stores nothing twice.
#pragma once

#include "tapedeck/store/store.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace tapedeck {

enum class LedgerFormat : uint8_t {
  automatic,  // as the begin of the file tells
  binance,    // events of user data streams, or the CSV export of trade history
  alpaca,     // trade updates, orders, account activities
  csv,        // by the names of its columns, or by a mapping file
};
std::string_view to_text(LedgerFormat format);  // automatic is "auto"
std::optional<LedgerFormat> parse_ledger_format(std::string_view word);

struct LedgerImportOptions {
  LedgerFormat format = LedgerFormat::automatic;
  std::optional<std::string> venue = {};  // whatever the file says
  // Of a CSV file: TOML, as docs/guide.md has it
  std::optional<std::filesystem::path> mapping = {};
};

struct LedgerImportResult {
  // Stored now
  int64_t orders = 0;
  int64_t fills = 0;
  int64_t status_changes = 0;  // and new terms, of orders
  // Not stored
  int64_t duplicates = 0;  // rows that say nothing new
  int64_t skipped = 0;     // rows about something else: deposits, market data
  int64_t rejects = 0;     // rows refused, kept in rejects/ with their reasons
};

// Reads the whole file (gzip too), sorts its rows by time and gives them to the ledger in batches;
// what a failed import stored stays, and the next one goes on. A row that says an order makes it
// known; fills without an order get one each, marked {"synthetic":true} in its metadata. Error
// {bad_input} for a file of no known format, {config} for the mapping, {invalid_argument} where the
// venue is not told, {read_only}; those of Ledger and of reading files.
LedgerImportResult import_ledger_file(Store& store, const std::filesystem::path& path,
                                      const LedgerImportOptions& options = {});

}  // namespace tapedeck
