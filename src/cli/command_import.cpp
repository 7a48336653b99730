#include "cli/command.hpp"
#include "cli/import_report.hpp"
#include "cli/interrupt.hpp"
#include "cli/options.hpp"
#include "cli/progress_bar.hpp"
#include "cli/say.hpp"
#include "cli/text_file.hpp"
#include "tapedeck/ingest/importer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <stop_token>
#include <system_error>
#include <vector>

namespace tapedeck {
namespace {

namespace fs = std::filesystem;

class ImportCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("PATH", paths_, "archives, or folders of them")->type_name("");
    app.add_option("--market", options_.market, "spot, um or cm, where the path does not tell")
        ->type_name("MARKET");
    app.add_option("--kind", options_.kind, "aggTrades, trades, klines or metrics, likewise")
        ->type_name("KIND");
    app.add_option("--symbol", options_.symbol, "likewise, e.g. BTCUSDT")->type_name("SYMBOL");
    app.add_option("--interval", options_.interval, "of klines, likewise")->type_name("INTERVAL");
    app.add_option("--max-errors", options_.max_errors,
                   "bad lines that a file may have and still be loaded")
        ->capture_default_str()
        ->check(CLI::NonNegativeNumber)
        ->type_name("N");
    app.add_flag("--ignore-unsupported", options_.ignore_unsupported,
                 "pass over known kinds that this version does not load");
    app.add_flag("--dry-run", options_.dry_run, "read and count, store nothing");
    app.add_option("-j,--jobs", options_.jobs, "files decoded at once; else one less than cores")
        ->check(CLI::PositiveNumber)
        ->type_name("N");
    app.add_flag("--json", json_, "the summary as JSON");
    add_store_options(app, store_);
  }

  int run() override {
    check_arguments();
    watch_interrupts(OnInterrupt::only_note);
    Store store = open_target();
    const ImportSummary summary = load(store);
    report(store, summary);
    if (summary.cancelled) return kExitInterrupted;
    const bool unsupported = summary.unsupported > 0 && !options_.ignore_unsupported;
    return summary.failed > 0 || unsupported ? kExitFailure : kExitOk;
  }

 private:
  // Before the store is opened: a mistyped path makes none.
  void check_arguments() const {
    static constexpr std::array<std::string_view, 3> kMarkets{"spot", "um", "cm"};
    if (paths_.empty()) {
      throw Error{ErrorCode::invalid_argument,
                  "which files? e.g. tapedeck import BTCUSDT-aggTrades-2024-08-08.zip"};
    }
    if (options_.market) index_of_word("--market", *options_.market, kMarkets);
    if (options_.interval) interval_from("--interval", *options_.interval);
    for (const fs::path& path : paths_) {
      std::error_code error;
      if (!fs::exists(path, error)) {
        throw Error{ErrorCode::not_found, fmt::format("there is no '{}'", path.string())};
      }
    }
  }

  Store open_target() const {
    if (!options_.dry_run) return open_store(store_, OpenMode::create);
    // A dry run makes no store where there is none.
    try {
      return open_store(store_, OpenMode::read);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::not_found) throw;
    }
    StoreOptions in_memory;
    in_memory.mode = OpenMode::create;
    return Store{":memory:", in_memory};
  }

  ImportSummary load(Store& store) const {
    ProgressBar bar{store_.quiet || json_};
    std::stop_source stop;
    return import_archives(
        store, paths_, options_,
        [&](const ImportProgress& progress) {
          if (interrupted()) stop.request_stop();
          bar.draw(to_work(progress));
        },
        stop.get_token());
  }

  void report(const Store& store, const ImportSummary& summary) const {
    if (json_) {
      TextFile out;
      out.text() = summary_json(summary) + "\n";
      out.finish();
    } else if (!store_.quiet) {
      print_summary(summary, options_.dry_run);
    }
    print_failures(summary, options_.ignore_unsupported);
    if (summary.cancelled) {
      say("stopped: files listed as loaded are whole, of the others nothing is "
          "stored; the same command goes on from there\n");
    } else if (!json_ && !store_.quiet && !options_.dry_run) {
      print_next_step(store, summary);
    }
  }

  void print_next_step(const Store& store, const ImportSummary& summary) const {
    const auto loaded =
        std::find_if(summary.files.begin(), summary.files.end(), [](const FileReport& file) {
          return file.outcome == FileOutcome::loaded && !file.instrument.empty();
        });
    if (loaded == summary.files.end()) return;
    const std::string folder =
        store_.store.empty() ? "" : fmt::format(" --store {}", store.path().string());
    if (loaded->dataset == kOpenInterestDataset) {
      say("next: tapedeck open-interest {}{}\n", loaded->instrument, folder);
      return;
    }
    const bool klines = loaded->dataset.starts_with("klines:");
    say("next: tapedeck klines {}{} --interval {}{}\n", loaded->instrument, folder,
        klines ? loaded->dataset.substr(7) : "1m", klines ? " --source venue" : "");
  }

  StoreChoice store_;
  ImportOptions options_;
  std::vector<fs::path> paths_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_import_command() {
  return std::make_unique<ImportCommand>();
}

}  // namespace tapedeck
