#include "cli/import_options.hpp"

#include "cli/selection.hpp"
#include "tapedeck/ingest/mapping.hpp"

#include <fmt/format.h>

#include <array>
#include <system_error>

namespace tapedeck {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTables = "Tables: CSV and Parquet files, read by the names of their columns";

struct WordFlag {
  const char* flag;
  const char* key;  // as in a mapping file
  const char* help;
  const char* type;
};

constexpr std::array<WordFlag, 7> kWordFlags{{
    {"--table", "table", "what the rows are: trades, klines, quotes or open_interest", "KIND"},
    {"--instrument", "instrument", "all rows are of this one, e.g. kraken:BCH/EUR", "INSTRUMENT"},
    {"--venue", "venue", "the venue of all rows, whatever the file calls it", "VENUE"},
    {"--source", "source", "where klines come from; else `file`", "NAME"},
    {"--grain", "grain", "of trades: trade or aggregate", "GRAIN"},
    {"--delimiter", "delimiter", "of CSV; else told by the first line", "CHAR"},
    {"--time-unit", "time_unit", "of epoch times: s, ms, us, ns; else told by their digits",
     "UNIT"},
}};

void add_table_options(CLI::App& app, ImportFlags& flags) {
  for (const WordFlag& word : kWordFlags) {
    app.add_option(word.flag, flags.words[word.key], word.help)
        ->type_name(word.type)
        ->group(kTables);
  }
  app.add_option("--mapping", flags.mapping, "a TOML file that says all this; flags go before it")
      ->type_name("FILE")
      ->group(kTables);
  app.add_option("--map", flags.fields,
                 "a column that is named otherwise, or trade_id= for none; may be repeated")
      ->allow_extra_args(false)
      ->type_name("FIELD=COLUMN")
      ->group(kTables);
  app.add_option("--columns", flags.columns, "names of the columns, where no header line has them")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B,…")
      ->group(kTables);
  app.add_flag("--ignore-extra", flags.flags.ignore_extra, "pass over columns that are no field")
      ->group(kTables);
  app.add_flag("--from-double", flags.flags.from_double,
               "take binary floating-point in Parquet as its shortest decimal")
      ->group(kTables);
  app.add_flag("--new-venue", flags.flags.new_venue, "add venues that the store does not know")
      ->group(kTables);
}

std::map<std::string, std::string> parse_fields(const std::vector<std::string>& pairs) {
  std::map<std::string, std::string> fields;
  for (const std::string& pair : pairs) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error{ErrorCode::invalid_argument,
                  fmt::format("--map must be FIELD=COLUMN, like price=px, found '{}'", pair)};
    }
    fields[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return fields;
}

bool any_table_flag(const ImportFlags& flags) {
  bool any = !flags.columns.empty() || !flags.fields.empty() || flags.flags.ignore_extra ||
             flags.flags.from_double || flags.flags.new_venue;
  for (const auto& entry : flags.words)
    any = any || !entry.second.empty();
  return any;
}

TableFormat parse_table(const ImportFlags& flags) {
  TableFormat format = flags.mapping.empty() ? TableFormat{} : read_mapping(flags.mapping);
  for (const WordFlag& word : kWordFlags) {
    const std::string& value = flags.words.at(word.key);
    if (!value.empty()) set_table_option(format, word.key, value, word.flag);
  }
  if (flags.options.interval) {
    set_table_option(format, "interval", *flags.options.interval, "--interval");
  }
  for (auto& [field, column] : parse_fields(flags.fields))
    format.fields[field] = column;
  if (!flags.columns.empty()) format.columns = flags.columns;
  format.ignore_extra = format.ignore_extra || flags.flags.ignore_extra;
  format.from_double = format.from_double || flags.flags.from_double;
  format.new_venue = format.new_venue || flags.flags.new_venue;
  return format;
}

void check_archive_flags(const ImportOptions& options, bool is_table) {
  if (!is_table) {
    static constexpr std::array<std::string_view, 3> kMarkets{"spot", "um", "cm"};
    if (options.market) index_of_word("--market", *options.market, kMarkets);
    if (options.interval) interval_from("--interval", *options.interval);
    return;
  }
  if (options.market || options.kind || options.symbol) {
    throw Error{ErrorCode::invalid_argument,
                "--market, --kind and --symbol are for archives; of a table --instrument or "
                "--venue say it"};
  }
}

}  // namespace

void add_import_options(CLI::App& app, ImportFlags& flags) {
  app.add_option("PATH", flags.paths, "archives, or folders of them; with --table CSV and Parquet")
      ->type_name("");
  ImportOptions& options = flags.options;
  app.add_option("--market", options.market, "spot, um or cm, where the path does not tell")
      ->type_name("MARKET");
  app.add_option("--kind", options.kind,
                 "aggTrades, trades, klines, metrics, bookTicker or bookDepth, likewise")
      ->type_name("KIND");
  app.add_option("--symbol", options.symbol, "likewise, e.g. BTCUSDT")->type_name("SYMBOL");
  app.add_option("--interval", options.interval, "of klines, likewise; also of tables")
      ->type_name("INTERVAL");
  app.add_option("--instrument-prefix", options.instrument_prefix,
                 "venue of a recording in which nothing tells it, e.g. bybit-linear")
      ->type_name("VENUE");
  app.add_option("--max-errors", options.max_errors,
                 "bad lines that an archive or table may have and still be loaded")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  app.add_flag("--ignore-unsupported", options.ignore_unsupported,
               "pass over known kinds that this version does not load");
  app.add_option("-j,--jobs", options.jobs, "files decoded at once; else one less than cores")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  add_table_options(app, flags);
}

ImportOptions parse_import_flags(const ImportFlags& flags) {
  if (flags.paths.empty()) {
    throw Error{ErrorCode::invalid_argument,
                "which files? e.g. tapedeck import BTCUSDT-aggTrades-2024-08-08.zip"};
  }
  ImportOptions options = flags.options;
  const bool is_table = !flags.mapping.empty() || !flags.words.at("table").empty();
  check_archive_flags(options, is_table);
  if (is_table) {
    options.table = parse_table(flags);
  } else if (any_table_flag(flags)) {
    throw Error{ErrorCode::invalid_argument,
                "--instrument, --columns and the like are for tables: add --table trades, klines, "
                "quotes or open_interest, or --mapping FILE"};
  }
  for (const fs::path& path : flags.paths) {
    std::error_code error;
    if (!fs::exists(path, error)) {
      throw Error{ErrorCode::not_found, fmt::format("there is no '{}'", path.string())};
    }
  }
  return options;
}

}  // namespace tapedeck
