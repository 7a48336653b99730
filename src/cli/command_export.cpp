#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/say.hpp"
#include "tapedeck/query/export.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>

namespace tapedeck {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kFormats{"csv", "ndjson", "parquet", "duckdb"};

class ExportCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("WHAT", what_,
                   "trades, klines, open_interest, bars_1m …: a table or view of: tapedeck schema "
                   "show")
        ->type_name("");
    app.add_option("--query", query_, "the rows of this SELECT instead")->type_name("SQL");
    app.add_option("-o,--output", output_, "the file to write")->type_name("FILE");
    app.add_option("-f,--format", format_,
                   "csv, ndjson, parquet or duckdb; else what the file's name says")
        ->type_name("FORMAT");
    app.add_flag("--decimals", decimals_,
                 "prices and quantities of trades as decimals, where Parquet and DuckDB files have "
                 "integers and exponents");
    app.add_flag("--force", force_, "replace the file");
    app.add_option("--instrument", instrument_, "only this one")->type_name("INSTRUMENT");
    add_range_options(app, selection_);
    add_store_options(app, store_);
  }

  int run() override {
    ExportRequest request = request_from_options();
    const Store store = open_store(store_, OpenMode::read);
    if (!instrument_.empty()) request.instrument = store.instrument(instrument_);
    const int64_t rows = export_rows(store, request);
    if (!store_.quiet) {
      std::error_code error;
      const auto bytes = fs::file_size(request.path, error);
      say("{} in '{}', {} bytes\n", plural(rows, "row"), request.path.string(),
          grouped(static_cast<int64_t>(error ? 0 : bytes)));
    }
    return kExitOk;
  }

 private:
  ExportRequest request_from_options() const {
    if (what_.empty() == query_.empty()) {
      throw Error{ErrorCode::invalid_argument,
                  "name what to export, or give --query SQL: e.g. tapedeck export trades --output "
                  "trades.parquet"};
    }
    if (output_.empty() || output_ == "-") {
      throw Error{ErrorCode::invalid_argument,
                  "an export needs a file: --output FILE; for standard output use: tapedeck sql"};
    }
    const bool limited = !instrument_.empty() || !selection_.from.empty() ||
                         !selection_.to.empty() || !selection_.day.empty();
    if (!query_.empty() && limited) {
      throw Error{ErrorCode::invalid_argument,
                  "--instrument, --from, --to and --day are for tables; a query says it itself"};
    }
    return {.what = query_.empty() ? what_ : query_,
            .is_query = !query_.empty(),
            .path = output_,
            .format = chosen_format(),
            .existing = force_ ? Existing::replace : Existing::refuse,
            .decimals = decimals_,
            .range = parse_selection(selection_).range};
  }

  ExportFormat chosen_format() const {
    if (!format_.empty()) {
      return static_cast<ExportFormat>(index_of_word("--format", format_, kFormats));
    }
    const std::string extension = fs::path{output_}.extension().string();
    for (size_t i = 0; i < kFormats.size(); ++i) {
      if (extension == fmt::format(".{}", kFormats[i])) return static_cast<ExportFormat>(i);
    }
    throw Error{ErrorCode::invalid_argument,
                fmt::format("the name '{}' does not say which format; add --format csv, ndjson, "
                            "parquet or duckdb",
                            output_)};
  }

  StoreChoice store_;
  SelectionOptions selection_;
  std::string what_;
  std::string query_;
  std::string output_;
  std::string format_;
  std::string instrument_;
  bool decimals_ = false;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Command> make_export_command() {
  return std::make_unique<ExportCommand>();
}

}  // namespace tapedeck
