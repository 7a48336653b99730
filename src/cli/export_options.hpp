// What export and convert share: the file that is written, and what is said of it.
#pragma once

#include "tapedeck/query/export.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>

namespace tapedeck {

struct ExportFlags {
  std::string output;
  std::string format;
  bool decimals = false;
  bool force = false;
};

void add_export_options(CLI::App& app, ExportFlags& flags);

// Path, format, existing and decimals of the request. Error{invalid_argument} when there is no
// file, or neither option nor name tells the format.
ExportRequest parse_export_flags(const ExportFlags& flags);

// "1,234 rows in 'btc.parquet', 5,678 bytes", on standard error.
void say_exported(int64_t rows, const ExportRequest& request);

}  // namespace tapedeck
