#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/say.hpp"
#include "cli/torture.hpp"
#include "cli/torture_writer.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <optional>
#include <string>

namespace tapedeck {
namespace {

class TortureCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("--dir", folder_,
                   "a folder on the disk to be tried; a store is made in it and "
                   "removed at the end")
        ->type_name("DIR");
    app.add_option("--rounds", options_.rounds, "how often the writer is killed (100)")
        ->type_name("N");
    app.add_option("--seed", options_.seed,
                   "repeats a run: the same calls fail, the same bits flip")
        ->type_name("S");
    app.add_option("--flips", options_.journal_flips, "bits flipped in the journal each round (5)")
        ->type_name("N");
    app.add_option("--store-flips", options_.store_flips,
                   "bits flipped in copies of the database and its WAL after every tenth round (2)")
        ->type_name("N");
    app.add_flag(
        "--no-sync", no_sync_,
        "leave out the journal's syncs: rows must be lost, which shows that they are missed");
    app.add_flag("--keep", keep_, "leave the store where it is");
    app.add_flag("-q,--quiet", quiet_, "no progress");
    app.add_option("--writer", store_, "")->group("");
    app.add_option("--first-id", writer_.first_id, "")->group("");
    app.add_option("--import", import_, "")->group("");
    app.add_option("--batches", writer_.most_batches, "")->group("");
    app.add_option("--cut-power", cut_power_, "")->group("");
    app.add_option("--fail-call", fail_call_, "")->group("");
    app.add_option("--fail-count", writer_.fail_count, "")->group("");
  }

  int run() override {
    watch_interrupts(OnInterrupt::only_note);
    options_.syncs = !no_sync_;
    if (!store_.empty()) return write();
    if (options_.rounds < 1 || options_.journal_flips < 0 || options_.store_flips < 0) {
      throw Error{ErrorCode::invalid_argument,
                  "--rounds must be 1 or more, --flips and --store-flips 0 or more"};
    }
    if (folder_.empty()) {
      throw Error{ErrorCode::invalid_argument,
                  "which disk? name a folder on it, for example: tapedeck torture --dir /data/try"};
    }
    options_.folder = folder_;
    const TortureReport report = torture(
        options_, [](const std::string& line) { say("{}\n", line); },
        [&](const TortureReport& now) {
          if (!quiet_ && now.rounds % 20 == 0) {
            say("{} of {} rounds, {} rows acknowledged, {} lost\n", now.rounds, options_.rounds,
                now.acknowledged, now.lost);
          }
          return !interrupted();
        });
    print(report);
    if (!keep_) remove_traces();
    if (interrupted()) return kExitInterrupted;
    return report.holds() ? kExitOk : kExitVerifyFailed;
  }

 private:
  int write() {
    writer_.store = store_;
    writer_.seed = options_.seed;
    writer_.syncs = options_.syncs;
    writer_.cut_power_at = cut_power_;
    writer_.fail_call = fail_call_;
    if (!import_.empty()) writer_.import = import_;
    return run_torture_writer(writer_);
  }

  void print(const TortureReport& report) const {
    const auto line = [](std::string_view name, const std::string& value) {
      fmt::print("{:<34}{}\n", name, value);
    };
    line("seed", std::to_string(options_.seed));
    line("rounds", fmt::format("{}: {} killed, {} without power, {} with a failed call, {} with a "
                               "full disk",
                               report.rounds, report.kills, report.power_cuts, report.failed_calls,
                               report.full_disks));
    line("rows acknowledged", std::to_string(report.acknowledged));
    line("rows lost", std::to_string(report.lost));
    line("rows duplicated", std::to_string(report.duplicated));
    line("rows wrong", std::to_string(report.wrong));
    line("findings of verify", std::to_string(report.findings));
    line("stores that did not open", std::to_string(report.unopened));
    line("bits flipped in the journal",
         fmt::format("{}: {} detected, {} harmless", report.journal_flips,
                     report.journal_flips_detected, report.journal_flips_harmless));
    line("bits flipped in the database",
         fmt::format("{}: {} detected, {} harmless", report.store_flips,
                     report.store_flips_detected, report.store_flips_harmless));
    line("flips that nobody noticed", std::to_string(report.flips_missed()));
    line("reopened in ms, p50 / p99 / max",
         fmt::format("{:.1f} / {:.1f} / {:.1f}", report.reopen_percentile(0.5),
                     report.reopen_percentile(0.99), report.reopen_percentile(1)));
  }

  void remove_traces() const {
    std::error_code ignored;  // what cannot be removed stays
    for (const char* name : {"torture.deck", "flipped.deck", "torture.csv"})
      std::filesystem::remove_all(std::filesystem::path{folder_} / name, ignored);
  }

  TortureOptions options_;
  TortureWriterOptions writer_;
  std::string folder_;
  std::string store_;
  std::string import_;
  std::optional<int64_t> cut_power_;
  std::optional<int64_t> fail_call_;
  bool no_sync_ = false;
  bool keep_ = false;
  bool quiet_ = false;
};

}  // namespace

std::unique_ptr<Command> make_torture_command() {
  return std::make_unique<TortureCommand>();
}

}  // namespace tapedeck
