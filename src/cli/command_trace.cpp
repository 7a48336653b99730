#include "cli/ledger_options.hpp"
#include "cli/print_rows.hpp"
#include "cli/say.hpp"
#include "tapedeck/query/health.hpp"
#include "tapedeck/query/trace.hpp"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

class TraceCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("UUID,--correlation-id", id_, "of an order, a log, a metric …")
        ->required()
        ->type_name("");
    add_output_options(app, output_);
    add_store_options(app, store_);
  }

  int run() override {
    const Uuid id = uuid_from("UUID", id_);
    const Store store = open_store(store_, OpenMode::read);
    static const std::array<Column, 4> columns{
        {{"time", CellType::time}, {"kind"}, {"subject"}, {"what"}}};
    return print_rows(store_, output_, columns, trace(store, id), [](const TraceEntry& entry) {
      CellRow row;
      row.add(entry.at).add(entry.kind).add(entry.subject).add(entry.what);
      return row;
    });
  }

 private:
  StoreChoice store_;
  OutputOptions output_;
  std::string id_;
};

class HealthCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    add_output_options(app, output_);
    add_store_options(app, store_);
  }

  int run() override {
    const HealthReport report = check_health(store_path(store_));
    const auto bytes = [](uint64_t count) { return std::to_string(count); };
    std::vector<std::pair<std::string, std::string>> facts{
        {"status", std::string{to_text(status_of(report))}},
        {"connection", report.connection_ok ? "ok" : "failed"},
        {"trades", std::to_string(report.trade_count)},
        {"schema_version", std::to_string(report.schema_version)},
        {"database_bytes", bytes(report.database_bytes)},
        {"free_bytes", bytes(report.free_bytes)},
        {"wal_bytes", bytes(report.wal_bytes)},
        {"disk_free_bytes", bytes(report.disk_free_bytes)},
        {"pending_rows", std::to_string(report.pending_rows)}};
    for (const std::string& warning : report.warnings)
      facts.emplace_back("warning", warning);
    for (const std::string& error : report.errors)
      facts.emplace_back("error", error);
    static const std::array<Column, 2> columns{{{"fact"}, {"value"}}};
    print_rows(store_, output_, columns, facts, [](const auto& fact) {
      CellRow row;
      row.add(fact.first).add(fact.second);
      return row;
    });
    return status_of(report) == HealthStatus::failed ? kExitFailure : kExitOk;
  }

 private:
  StoreChoice store_;
  OutputOptions output_;
};

}  // namespace

std::unique_ptr<Command> make_trace_command() {
  return std::make_unique<TraceCommand>();
}

std::unique_ptr<Command> make_health_command() {
  return std::make_unique<HealthCommand>();
}

}  // namespace tapedeck
