// Table files written by the test, and what a store makes of them.
#pragma once

#include "ingest/archive_fixture.hpp"
#include "sql_rows.hpp"
#include "tapedeck/ingest/importer.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tapedeck::test {

inline ImportOptions table_of(TableFormat format) {
  ImportOptions options;
  options.table = std::move(format);
  return options;
}

inline FileReport import_one(Store& store, const std::filesystem::path& path,
                             const TableFormat& format, int64_t max_errors = 0) {
  ImportOptions options = table_of(format);
  options.max_errors = max_errors;
  return import_paths(store, {path}, options).files.at(0);
}

inline std::filesystem::path write_csv(const TempFolder& folder, std::string_view text,
                                       std::string_view name = "t.csv") {
  write_file(folder / name, text);
  return folder / name;
}

inline TableFormat of_btc() {
  return {.instrument = parse_instrument_name("binance:BTCUSDT")};
}

// A Parquet file of the rows of a SELECT.
inline std::filesystem::path write_parquet(const TempFolder& folder, std::string_view select,
                                           std::string_view name = "t.parquet") {
  Store scratch{":memory:"};
  sql(scratch, fmt::format("COPY ({}) TO '{}' (FORMAT parquet)", select, (folder / name).string()),
      SqlAccess::write);
  return folder / name;
}

// Everything that is stored of a table, without the numbers of instruments.
inline std::vector<std::string> content(Store& store, std::string_view table) {
  if (table == "trades") {
    return sql(store,
               "SELECT venue, symbol, time, trade_id, price, quantity, side, grain FROM trades "
               "ORDER BY ALL");
  }
  return sql(store, fmt::format("SELECT * EXCLUDE (instrument_id) FROM {} ORDER BY ALL", table));
}

}  // namespace tapedeck::test
