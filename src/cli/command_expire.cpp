#include "cli/ledger_options.hpp"
#include "cli/print_rows.hpp"
#include "cli/say.hpp"
#include "tapedeck/telemetry/retention.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

class ExpireCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    add_age(app, "--metrics", metrics_,
            "older metrics go: 36h, 7d … or never; rollups by minute and hour stay");
    add_age(app, "--rollups", rollups_, "older rollups go");
    add_age(app, "--logs", logs_, "older logs go; errors stay in a Parquet file");
    add_age(app, "--events", events_, "older events go");
    add_age(app, "--performance", performance_, "older rows of performance_history go");
    app.add_option("--archive-level", archive_level_, "logs from this level on are archived")
        ->capture_default_str()
        ->type_name("LEVEL");
    app.add_option("--log-archive", log_archive_, "default: archive/logs in the store")
        ->type_name("FOLDER");
    add_output_options(app, output_);
    add_store_options(app, store_);
  }

  int run() override {
    const Timestamp now = time_now();
    TelemetryRetention retention{
        .metrics_before = before("--metrics", metrics_, now),
        .rollups_before = before("--rollups", rollups_, now),
        .logs_before = before("--logs", logs_, now),
        .archived_logs = word_from("--archive-level", archive_level_,
                                   "debug, info, warning, error, critical", parse_log_level),
        .log_archive = {},
        .events_before = before("--events", events_, now),
        .performance_before = before("--performance", performance_, now)};
    if (!log_archive_.empty()) retention.log_archive = log_archive_;
    Store store = open_store(store_, OpenMode::write);
    const RetentionResult result = apply_retention(store, retention);
    std::vector<std::pair<std::string, int64_t>> facts{
        {"metrics deleted", result.metrics_deleted},
        {"buckets rolled up", result.buckets_rolled_up},
        {"rollups deleted", result.rollups_deleted},
        {"logs archived", result.logs_archived},
        {"logs deleted", result.logs_deleted},
        {"events deleted", result.events_deleted},
        {"performance deleted", result.performance_deleted}};
    static const std::array<Column, 2> columns{
        {{"fact"}, {.name = "rows", .type = CellType::integer}}};
    print_rows(store_, output_, columns, facts, [](const auto& fact) {
      CellRow row;
      row.add(fact.first).add(fact.second);
      return row;
    });
    if (result.log_file && !store_.quiet) {
      say("{} written to '{}'\n", plural(result.logs_archived, "log"), result.log_file->string());
    }
    return kExitOk;
  }

 private:
  static void add_age(CLI::App& app, const char* name, std::string& age, const char* what) {
    app.add_option(name, age, what)->capture_default_str()->type_name("AGE");
  }

  static std::optional<Timestamp> before(std::string_view option, const std::string& age,
                                         Timestamp now) {
    if (age == "never") return std::nullopt;
    return now - duration_from(option, age);
  }

  StoreChoice store_;
  OutputOptions output_;
  std::string metrics_ = "7d";
  std::string rollups_ = "90d";
  std::string logs_ = "7d";
  std::string events_ = "365d";
  std::string performance_ = "365d";
  std::string archive_level_ = "error";
  std::string log_archive_;
};

}  // namespace

std::unique_ptr<Command> make_expire_command() {
  return std::make_unique<ExpireCommand>();
}

}  // namespace tapedeck
