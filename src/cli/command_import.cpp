#include "cli/command.hpp"
#include "cli/import_options.hpp"
#include "cli/import_report.hpp"
#include "cli/interrupt.hpp"
#include "cli/options.hpp"
#include "cli/say.hpp"
#include "cli/text_file.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tapedeck {
namespace {

class ImportCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    add_import_options(app, flags_);
    app.add_flag("--dry-run", flags_.options.dry_run, "read and count, store nothing");
    app.add_flag("--report", report_,
                 "of recordings: what each stream of book messages held, and what it lacked");
    app.add_flag("--json", json_, "the summary as JSON");
    add_store_options(app, store_);
  }

  int run() override {
    options_ =
        parse_import_flags(flags_);  // before the store is opened: a mistyped path makes none
    watch_interrupts(OnInterrupt::only_note);
    Store store = open_target();
    const ImportSummary summary =
        import_with_progress(store, flags_.paths, options_, store_.quiet || json_);
    report(store, summary);
    if (summary.cancelled) return kExitInterrupted;
    const bool unsupported = summary.unsupported > 0 && !options_.ignore_unsupported;
    return summary.failed > 0 || unsupported ? kExitFailure : kExitOk;
  }

 private:
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

  void report(const Store& store, const ImportSummary& summary) const {
    if (json_) {
      TextFile out;
      out.text() = summary_json(summary) + "\n";
      out.finish();
    } else if (!store_.quiet) {
      print_summary(summary, options_.dry_run);
      if (report_) print_streams(summary);
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
          return file.outcome == FileOutcome::loaded &&
                 (!file.instrument.empty() || !file.streams.empty());
        });
    if (loaded == summary.files.end()) return;
    const std::string folder =
        store_.store.empty() ? "" : fmt::format(" --store {}", store.path().string());
    if (loaded->dataset == kOpenInterestDataset) {
      say("next: tapedeck open-interest {}{}\n", loaded->instrument, folder);
      return;
    }
    if (loaded->dataset == kCaptureDataset) {
      const std::string& instrument =
          loaded->instrument.empty() ? loaded->streams.front().instrument : loaded->instrument;
      say("next: tapedeck {} {}{}\n", loaded->streams.empty() ? "coverage" : "book", instrument,
          folder);
      return;
    }
    if (loaded->dataset.starts_with("book:")) {
      say("next: tapedeck book {}{} --stream {}\n", loaded->instrument, folder,
          loaded->dataset.substr(5));
      return;
    }
    if (loaded->dataset == kTicksDataset) {
      say("next: tapedeck sql{} 'SELECT * FROM market_ticks LIMIT 10'\n", folder);
      return;
    }
    if (loaded->dataset == kQuotesDataset) {
      say("next: tapedeck quotes {}{}\n", loaded->instrument, folder);
      return;
    }
    if (loaded->dataset == kDepthBandsDataset) {
      say("next: tapedeck sql{} 'SELECT * FROM depth_bands LIMIT 10'\n", folder);
      return;
    }
    const bool klines = loaded->dataset.starts_with("klines:");
    const std::string source =
        options_.table ? options_.table->source.value_or("file") : std::string{"venue"};
    say("next: tapedeck klines {}{} --interval {}{}\n", loaded->instrument, folder,
        klines ? loaded->dataset.substr(7) : "1m",
        klines ? fmt::format(" --source {}", source) : "");
  }

  StoreChoice store_;
  ImportFlags flags_;
  ImportOptions options_;
  bool report_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_import_command() {
  return std::make_unique<ImportCommand>();
}

}  // namespace tapedeck
