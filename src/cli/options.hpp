// The options that commands share, as CLI11 reads them.
#pragma once

#include "cli/output.hpp"
#include "cli/selection.hpp"
#include "tapedeck/store/store.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <string>

namespace tapedeck {

struct StoreChoice {
  std::string store;  // empty: TAPEDECK_STORE, then ./tape.deck
  bool quiet = false;
};

struct QueryOptions {
  StoreChoice store;
  std::string instrument;
  SelectionOptions selection;
  OutputOptions output;
};

void add_store_options(CLI::App& app, StoreChoice& choice);
void add_output_options(CLI::App& app, OutputOptions& options);
void add_range_options(CLI::App& app, SelectionOptions& options);
// INSTRUMENT, the range, --last, --grain, and the two groups above.
void add_query_options(CLI::App& app, QueryOptions& options);

std::filesystem::path store_path(const StoreChoice& choice);
Store open_store(const StoreChoice& choice, OpenMode mode);

// Error{invalid_argument} when none was named.
Instrument chosen_instrument(const Store& store, const std::string& name);

}  // namespace tapedeck
