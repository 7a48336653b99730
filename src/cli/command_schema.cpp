#include "cli/answer.hpp"
#include "cli/command.hpp"
#include "cli/say.hpp"
#include "tapedeck/store/schema.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

class SchemaCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    show_ = add(app, "show", "tables and views, or the columns of one");
    show_->add_option("NAME", name_, "trades, tape.trades …")->type_name("");
    verify_ = add(app, "verify", "compare with what this version makes; exit code 3 if it differs");
    history_ = add(app, "history", "which steps were run when, up and down");
    status_ = add(app, "status", "all steps, applied or not");
    up_ = app.add_subcommand("up", "run the steps up to the newest version, or to --to");
    up_->add_option("--to", to_, "version to end at")->type_name("V");
    add_store_options(*up_, store_);
    down_ = app.add_subcommand("down", "undo the steps above --to");
    down_->add_option("--to", to_, "version to end at")->required()->type_name("V");
    down_->add_flag("--force", force_, "also past steps that lose rows");
    add_store_options(*down_, store_);
    app.require_subcommand(0, 1);
  }

  int run() override {
    if (up_->parsed() || down_->parsed()) return migrate();
    if (!show_->parsed() && !verify_->parsed() && !history_->parsed() && !status_->parsed()) {
      throw Error{ErrorCode::invalid_argument,
                  "schema needs one of: show, verify, history, status, up, down"};
    }
    const Store store = open_store(store_, OpenMode::read);
    if (verify_->parsed()) return verify(store);
    if (history_->parsed()) return history(store);
    if (status_->parsed()) return status(store);
    return name_.empty() ? show_all(store) : show_one(store);
  }

 private:
  CLI::App* add(CLI::App& app, const std::string& name, const std::string& description) {
    CLI::App* const command = app.add_subcommand(name, description);
    add_output_options(*command, output_);
    add_store_options(*command, store_);
    return command;
  }

  int finish(Output& output) const {
    output.end();
    print_notes(output, nullptr, store_);
    return kExitOk;
  }

  int show_all(const Store& store) const {
    Output output{output_};
    static const std::array<Column, 4> columns{
        {{"name"}, {"kind"}, {"columns", CellType::integer}, {"comment"}}};
    output.begin(columns);
    for (const TableShape& shape : table_shapes(store)) {
      const std::array<Cell, 4> cells{
          std::string_view{shape.name}, std::string_view{shape.is_view ? "view" : "table"},
          static_cast<int64_t>(shape.columns.size()), std::string_view{shape.comment}};
      if (output.row(cells) == KeepGoing::stop) break;
    }
    return finish(output);
  }

  int show_one(const Store& store) const {
    const TableShape shape = table_shape(store, name_);
    Output output{output_};
    static const std::array<Column, 4> columns{
        {{"column"}, {"type"}, {"nullable", CellType::boolean}, {"comment"}}};
    output.begin(columns);
    for (const TableColumn& column : shape.columns) {
      const std::array<Cell, 4> cells{std::string_view{column.name}, std::string_view{column.type},
                                      column.nullable, std::string_view{column.comment}};
      if (output.row(cells) == KeepGoing::stop) break;
    }
    return finish(output);
  }

  int verify(const Store& store) const {
    const SchemaReport report = verify_schema(store);
    Output output{output_};
    static const std::array<Column, 1> columns{{{"difference"}}};
    output.begin(columns, fmt::format("\"version\":{},\"newest_version\":{}", report.version,
                                      report.newest_version));
    for (const std::string& difference : report.differences) {
      if (output.row(std::array<Cell, 1>{std::string_view{difference}}) == KeepGoing::stop) break;
    }
    finish(output);
    if (!store_.quiet) {
      say("schema version {} of {}: {}\n", report.version, report.newest_version,
          report.differences.empty() ? "as it should be"
                                     : fmt::format("{} differences", report.differences.size()));
    }
    return report.differences.empty() ? kExitOk : kExitVerifyFailed;
  }

  int history(const Store& store) const {
    Output output{output_};
    static const std::array<Column, 5> columns{{{"version", CellType::integer},
                                                {"name"},
                                                {"direction"},
                                                {"applied_at", CellType::time},
                                                {"duration_ms", CellType::real}}};
    output.begin(columns);
    for (const MigrationRun& run : migration_history(store)) {
      const std::array<Cell, 5> cells{int64_t{run.version}, std::string_view{run.name},
                                      std::string_view{run.direction}, run.applied_at,
                                      run.duration_ms};
      if (output.row(cells) == KeepGoing::stop) break;
    }
    return finish(output);
  }

  int status(const Store& store) const {
    Output output{output_};
    static const std::array<Column, 4> columns{
        {{"version", CellType::integer}, {"name"}, {"applied", CellType::boolean}, {"checksum"}}};
    output.begin(columns);
    for (const MigrationStatus& step : migrations(store)) {
      const std::array<Cell, 4> cells{int64_t{step.version}, std::string_view{step.name},
                                      step.applied, std::string_view{step.checksum}};
      if (output.row(cells) == KeepGoing::stop) break;
    }
    return finish(output);
  }

  int migrate() const {
    const int newest = newest_schema_version();
    const int wanted = to_.value_or(newest);
    if (wanted < 0 || wanted > newest) {
      throw Error{ErrorCode::invalid_argument,
                  fmt::format("--to {} is no schema version; there are 0 to {}", wanted, newest)};
    }
    Store store = open_store(store_, OpenMode::write);
    const int present = schema_version(store);
    if (up_->parsed() ? wanted < present : wanted > present) {
      throw Error{ErrorCode::invalid_argument,
                  fmt::format("the schema is at version {}; {} is {} it, use: tapedeck schema {} "
                              "--to {}",
                              present, wanted, wanted < present ? "below" : "above",
                              wanted < present ? "down" : "up", wanted)};
    }
    migrate_to(store, wanted, force_ ? LoseRows::accept : LoseRows::refuse);
    if (!store_.quiet) {
      say("schema version {}{}\n", wanted,
          wanted == present ? ", as before" : fmt::format(", from {}", present));
    }
    return kExitOk;
  }

  StoreChoice store_;
  OutputOptions output_;
  std::string name_;
  std::optional<int> to_;
  bool force_ = false;
  CLI::App* show_ = nullptr;
  CLI::App* verify_ = nullptr;
  CLI::App* history_ = nullptr;
  CLI::App* status_ = nullptr;
  CLI::App* up_ = nullptr;
  CLI::App* down_ = nullptr;
};

}  // namespace

std::unique_ptr<Command> make_schema_command() {
  return std::make_unique<SchemaCommand>();
}

}  // namespace tapedeck
