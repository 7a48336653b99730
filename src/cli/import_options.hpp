// The options that say how files are read: of import and of convert.
#pragma once

#include "tapedeck/ingest/importer.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace tapedeck {

struct ImportFlags {
  std::vector<std::filesystem::path> paths;
  ImportOptions options;  // those of archives, and of both
  // Of tables, as typed
  std::string mapping;                       // a file
  std::map<std::string, std::string> words;  // key of a mapping file → its value; empty: not given
  std::vector<std::string> columns;
  std::vector<std::string> fields;  // FIELD=COLUMN
  TableFormat flags;                // those of yes and no
};

// PATH and the options. `flags` must outlive the parser.
void add_import_options(CLI::App& app, ImportFlags& flags);

// What the flags mean. Errors are invalid_argument, config, and not_found for a path or mapping
// file that is not there.
ImportOptions parse_import_flags(const ImportFlags& flags);

}  // namespace tapedeck
