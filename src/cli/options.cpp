#include "cli/options.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace tapedeck {

void add_store_options(CLI::App& app, StoreChoice& choice) {
  app.add_option("--store", choice.store,
                 "the store's folder; else TAPEDECK_STORE, else ./tape.deck")
      ->type_name("DIR");
  app.add_flag("-q,--quiet", choice.quiet, "no notes on standard error");
}

void add_output_options(CLI::App& app, OutputOptions& options) {
  app.add_option("-f,--format", options.format,
                 "table, csv, json, ndjson or parquet; table on a terminal, csv in a pipe")
      ->type_name("FORMAT");
  app.add_option("-o,--output", options.output, "a file instead of standard output")
      ->type_name("FILE");
  app.add_flag("--force", options.replace, "replace the file of --output");
  app.add_option("--limit", options.limit, "at most so many rows; a terminal gets 100")
      ->type_name("N");
  app.add_option("--epoch", options.epoch, "times as a count of ns, us, ms or s since 1970")
      ->type_name("UNIT");
}

void add_range_options(CLI::App& app, SelectionOptions& options) {
  app.add_option("--from", options.from,
                 "from this time on: 2024-08-08, 2024-08-08T23:54:15.342Z, or an epoch whose unit "
                 "its digits tell; all times are UTC")
      ->type_name("TIME");
  app.add_option("--to", options.to, "up to this time, which is not part of it")->type_name("TIME");
  app.add_option("--day", options.day, "one UTC day")->type_name("DATE");
}

void add_query_options(CLI::App& app, QueryOptions& options) {
  app.add_option("INSTRUMENT,--instrument", options.instrument,
                 "venue:symbol, or a symbol that only one venue has")
      ->type_name("");
  add_range_options(app, options.selection);
  app.add_option("--last", options.selection.last,
                 "the last rows (1000), or so long (45s, 30m, 2h, 3d, 1w) before the newest stored "
                 "trade")
      ->type_name("N|SPAN");
  app.add_option("--grain", options.selection.grain,
                 "trade or aggregate; else what covers each day best")
      ->type_name("GRAIN");
  add_output_options(app, options.output);
  add_store_options(app, options.store);
}

std::filesystem::path store_path(const StoreChoice& choice) {
  if (!choice.store.empty()) return choice.store;
  const char* const from_environment = std::getenv("TAPEDECK_STORE");
  if (from_environment != nullptr && *from_environment != '\0') return from_environment;
  return "tape.deck";
}

Store open_store(const StoreChoice& choice, OpenMode mode) {
  StoreOptions options;
  options.mode = mode;
  options.pool.query_timeout.reset();  // a person waits as long as it takes, and sees it
  options.observe.slow_query = ObserveOptions::kNever;
  return Store{store_path(choice), options};
}

Instrument chosen_instrument(const Store& store, const std::string& name) {
  if (name.empty()) {
    throw Error{ErrorCode::invalid_argument,
                "which instrument? list them with: tapedeck instruments"};
  }
  return store.instrument(name);
}

}  // namespace tapedeck
