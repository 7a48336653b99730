#include "base/file.hpp"
#include "cli/cells.hpp"
#include "cli/command.hpp"
#include "cli/export_options.hpp"
#include "cli/import_options.hpp"
#include "cli/import_report.hpp"
#include "cli/interrupt.hpp"
#include "cli/say.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>
#include <system_error>

namespace tapedeck {
namespace {

namespace fs = std::filesystem;

// A store beside the output, gone when the command ends.
class PassingStore {
 public:
  explicit PassingStore(const fs::path& output)
      : path_{fmt::format("{}.{}.deck", output.string(), ::getpid())} {}
  ~PassingStore() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  PassingStore(const PassingStore&) = delete;
  PassingStore& operator=(const PassingStore&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

class ConvertCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    add_import_options(app, input_);
    add_export_options(app, output_);
    app.add_flag("-q,--quiet", quiet_, "no notes on standard error");
  }

  int run() override {
    ImportOptions options = parse_import_flags(input_);
    if (options.table) options.table->new_venue = true;  // the store that it is new to goes away
    ExportRequest request = parse_export_flags(output_);
    check_export_target(request);
    watch_interrupts(OnInterrupt::only_note);
    const PassingStore passing{request.path};
    StoreOptions store_options;
    store_options.mode = OpenMode::create;
    Store store{passing.path(), store_options};
    ImportSummary summary = import_with_progress(store, input_.paths, options, quiet_);
    keep_rejects(passing.path(), request.path, summary);
    print_failures(summary, options.ignore_unsupported);
    if (summary.cancelled) {
      say("stopped: nothing was written\n");
      return kExitInterrupted;
    }
    if (summary.failed > 0 || (summary.unsupported > 0 && !options.ignore_unsupported)) {
      say("nothing was written\n");
      return kExitFailure;
    }
    request.what = table_of(summary);
    const int64_t rows = export_rows(store, request);
    if (!quiet_) {
      if (summary.duplicates + summary.conflicts > 0) {
        say("left out: {}, {}\n", plural(summary.duplicates, "duplicate row"),
            plural(summary.conflicts, "conflicting row"));
      }
      say_exported(rows, request);
    }
    return kExitOk;
  }

 private:
  // What the passing store keeps of refused rows goes beside the output.
  static void keep_rejects(const fs::path& store, const fs::path& output, ImportSummary& summary) {
    if (summary.rejects + summary.conflicts == 0) return;
    const fs::path kept = output.string() + ".rejects";
    try {
      fs::create_directories(kept);
      for (const fs::directory_entry& one : fs::directory_iterator{store / "rejects"})
        fs::rename(one.path(), kept / one.path().filename());
    } catch (const fs::filesystem_error& error) {
      fail_io("keep the refused rows in", kept, error.code().value());
    }
    for (FileReport& file : summary.files) {
      if (file.outcome != FileOutcome::loaded || file.message.empty()) continue;
      file.message = fmt::format("{} and {} are kept in '{}'", plural(file.rejects, "refused row"),
                                 plural(file.conflicts, "conflicting row"), kept.string());
    }
  }

  static std::string table_of(const ImportSummary& summary) {
    std::set<std::string> tables;
    for (const FileReport& file : summary.files) {
      if (file.outcome == FileOutcome::unsupported || file.dataset.empty()) continue;
      const bool klines = file.dataset.starts_with("klines:");
      const bool given =
          klines || file.dataset == kOpenInterestDataset || file.dataset == kQuotesDataset;
      tables.insert(klines ? "klines" : given ? file.dataset : "trades");
    }
    if (tables.size() == 1) return *tables.begin();
    if (tables.empty()) {
      throw Error{ErrorCode::bad_input, "the files hold nothing that could be converted"};
    }
    throw Error{ErrorCode::invalid_argument,
                fmt::format("the files hold {}, but one file is of one kind; convert them one by "
                            "one",
                            fmt::join(tables, " and "))};
  }

  ImportFlags input_;
  ExportFlags output_;
  bool quiet_ = false;
};

}  // namespace

std::unique_ptr<Command> make_convert_command() {
  return std::make_unique<ConvertCommand>();
}

}  // namespace tapedeck
