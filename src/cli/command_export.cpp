#include "cli/command.hpp"
#include "cli/export_options.hpp"
#include "cli/options.hpp"

namespace tapedeck {
namespace {

class ExportCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("WHAT", what_,
                   "trades, klines, open_interest, bars_1m …: a table or view of: tapedeck schema "
                   "show")
        ->type_name("");
    app.add_option("--query", query_, "the rows of this SELECT instead")->type_name("SQL");
    add_export_options(app, file_);
    app.add_option("--instrument", instrument_, "only this one")->type_name("INSTRUMENT");
    add_range_options(app, selection_);
    add_store_options(app, store_);
  }

  int run() override {
    ExportRequest request = request_from_options();
    const Store store = open_store(store_, OpenMode::read);
    if (!instrument_.empty()) request.instrument = store.instrument(instrument_);
    const int64_t rows = export_rows(store, request);
    if (!store_.quiet) say_exported(rows, request);
    return kExitOk;
  }

 private:
  ExportRequest request_from_options() const {
    if (what_.empty() == query_.empty()) {
      throw Error{ErrorCode::invalid_argument,
                  "name what to export, or give --query SQL: e.g. tapedeck export trades --output "
                  "trades.parquet"};
    }
    const bool limited = !instrument_.empty() || !selection_.from.empty() ||
                         !selection_.to.empty() || !selection_.day.empty();
    if (!query_.empty() && limited) {
      throw Error{ErrorCode::invalid_argument,
                  "--instrument, --from, --to and --day are for tables; a query says it itself"};
    }
    ExportRequest request = parse_export_flags(file_);
    request.what = query_.empty() ? what_ : query_;
    request.is_query = !query_.empty();
    request.range = parse_selection(selection_).range;
    return request;
  }

  StoreChoice store_;
  ExportFlags file_;
  SelectionOptions selection_;
  std::string what_;
  std::string query_;
  std::string instrument_;
};

}  // namespace

std::unique_ptr<Command> make_export_command() {
  return std::make_unique<ExportCommand>();
}

}  // namespace tapedeck
