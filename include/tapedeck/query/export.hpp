// Export: rows of the store as files that other programs read, exact to the last digit.
#pragma once

#include "tapedeck/query/rows.hpp"
#include "tapedeck/store/store.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace tapedeck {

enum class ExportFormat : uint8_t { csv, ndjson, parquet, duckdb };
std::string_view to_text(ExportFormat format);

struct ExportRequest {
  // A table or view by its name (`tape.bars_1m`, `ohlcv_bars`), or, when `is_query`, one SELECT.
  // `trades` are all stored trades, of both grains, with a column that says which.
  std::string what = {};
  bool is_query = false;
  std::filesystem::path path = {};  // of the file; its folder must exist
  ExportFormat format = ExportFormat::parquet;
  Existing existing = Existing::refuse;
  // Of `trades`: prices and quantities as decimals instead of integers with exponents. CSV and
  // NDJSON of every table have decimals and ISO times.
  bool decimals = false;
  // Not for a query. A table that has no instrument or no time refuses them.
  std::optional<Instrument> instrument = {};
  TimeRange range = {};
};

// Writes beside `path`, syncs and renames: the file is whole or not there. Rows of `trades` are
// sorted by instrument, time and id, those of other tables by their first columns. Parquet is
// compressed with zstd 3; a `duckdb` file holds one table of the name of what was exported. All
// rows are of one moment. Returns the rows. Errors: not_found with a suggestion for an unknown
// name, already_exists, invalid_argument for a query that does not only read, disk_full, io.
int64_t export_rows(const Store& store, const ExportRequest& request);

// Throws what export_rows would throw because of the file, not of the store.
void check_export_target(const ExportRequest& request);

}  // namespace tapedeck
