// Command: one word behind `tapedeck`. The table of them all is in command.cpp.
#pragma once

#include <CLI/CLI.hpp>

#include <memory>
#include <span>
#include <string_view>

namespace tapedeck {

constexpr int kExitOk = 0;
constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;
constexpr int kExitVerifyFailed = 3;
constexpr int kExitStoreBusy = 4;

class Command {
 public:
  virtual ~Command() = default;
  // Adds the options to the command's own parser, which outlives it.
  virtual void setup(CLI::App& app) = 0;
  // Gives the exit code. Errors are thrown.
  virtual int run() = 0;
};

struct CommandEntry {
  std::string_view name;
  std::string_view synopsis;
  std::string_view examples;
  std::unique_ptr<Command> (*make)();
};
// In the order of --help.
std::span<const CommandEntry> commands();

std::unique_ptr<Command> make_import_command();
std::unique_ptr<Command> make_ingest_command();
std::unique_ptr<Command> make_instruments_command();
std::unique_ptr<Command> make_trades_command();
std::unique_ptr<Command> make_klines_command();
std::unique_ptr<Command> make_bars_command();
std::unique_ptr<Command> make_delta_command();
std::unique_ptr<Command> make_footprint_command();
std::unique_ptr<Command> make_heatmap_command();
std::unique_ptr<Command> make_profile_command();
std::unique_ptr<Command> make_book_command();
std::unique_ptr<Command> make_book_stream_command();
std::unique_ptr<Command> make_order_runs_command();
std::unique_ptr<Command> make_slippage_command();
std::unique_ptr<Command> make_quotes_command();
std::unique_ptr<Command> make_asof_command();
std::unique_ptr<Command> make_open_interest_command();
std::unique_ptr<Command> make_orders_command();
std::unique_ptr<Command> make_fills_command();
std::unique_ptr<Command> make_fill_quality_command();
std::unique_ptr<Command> make_positions_command();
std::unique_ptr<Command> make_portfolio_command();
std::unique_ptr<Command> make_pnl_command();
std::unique_ptr<Command> make_metrics_command();
std::unique_ptr<Command> make_logs_command();
std::unique_ptr<Command> make_events_command();
std::unique_ptr<Command> make_expire_command();
std::unique_ptr<Command> make_trace_command();
std::unique_ptr<Command> make_health_command();
std::unique_ptr<Command> make_coverage_command();
std::unique_ptr<Command> make_verify_command();
std::unique_ptr<Command> make_optimize_command();
std::unique_ptr<Command> make_stats_command();
std::unique_ptr<Command> make_export_command();
std::unique_ptr<Command> make_convert_command();
std::unique_ptr<Command> make_sql_command();
std::unique_ptr<Command> make_settings_command();
std::unique_ptr<Command> make_schema_command();
std::unique_ptr<Command> make_journal_command();
std::unique_ptr<Command> make_salvage_command();
std::unique_ptr<Command> make_torture_command();

}  // namespace tapedeck
