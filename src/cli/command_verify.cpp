#include "cli/answer.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/options.hpp"
#include "cli/progress_bar.hpp"
#include "cli/say.hpp"
#include "tapedeck/query/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <stop_token>
#include <vector>

namespace tapedeck {
namespace {

Cell text_cell(const std::string& text) {
  return text.empty() ? Cell{} : Cell{std::string_view{text}};
}

class VerifyCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("INSTRUMENT,--instrument", instrument_, "only this one; else all")
        ->type_name("");
    add_range_options(app, selection_);
    app.add_flag("--deep", deep_, "read the imported files again, where they are still found");
    app.add_flag("--fix", fix_, "compute derived rows that are wrong again; trades stay");
    add_output_options(app, output_);
    add_store_options(app, store_);
  }

  int run() override {
    const Selection selection = parse_selection(selection_);
    // Ends between two slices, so that --fix is never cut in two.
    watch_interrupts(OnInterrupt::only_note);
    Store store = open_store(store_, fix_ ? OpenMode::write : OpenMode::read);
    VerifyRequest request{.range = selection.range, .deep = deep_, .fix = fix_};
    if (!instrument_.empty()) request.instrument = store.instrument(instrument_);
    Output output{output_};
    static const std::array<Column, 7> columns{{{"instrument"},
                                                {"dataset"},
                                                {"time", CellType::time},
                                                {"what"},
                                                {"expected"},
                                                {"found"},
                                                {"cause"}}};
    output.begin(columns);
    const VerifyReport report = check(store, request, output);
    if (report.cancelled) {
      throw Error{ErrorCode::cancelled, "stopped before everything was read"};
    }
    output.end(report_json(report));
    print_notes(output, nullptr, store_);
    if (!store_.quiet) print_report(report);
    return report.findings == 0 ? kExitOk : kExitVerifyFailed;
  }

 private:
  VerifyReport check(Store& store, const VerifyRequest& request, Output& output) {
    ProgressBar bar{store_.quiet};
    std::stop_source stop;
    const auto show = [&](const Finding& finding) {
      const std::array<Cell, 7> cells{text_cell(finding.instrument),
                                      text_cell(finding.dataset),
                                      finding.time ? Cell{*finding.time} : Cell{},
                                      text_cell(finding.what),
                                      text_cell(finding.expected),
                                      text_cell(finding.found),
                                      text_cell(finding.cause)};
      bar.clear();
      wrong_bars_ = wrong_bars_ || finding.dataset == "bars_1m" || finding.dataset == "superseded";
      output.row(cells);
    };
    return verify(
        store, request, show,
        [&](const VerifyProgress& progress) {
          if (interrupted()) stop.request_stop();
          const double expected = static_cast<double>(std::max<int64_t>(1, progress.rows_expected));
          bar.draw({.share = static_cast<double>(progress.rows) / expected,
                    .rows = progress.rows,
                    .at = progress.at});
        },
        stop.get_token());
  }

  static std::string report_json(const VerifyReport& report) {
    return fmt::format(
        "\"trades\":{},\"minutes\":{},\"klines\":{},\"klines_unmatched\":{},\"book_updates\":{},"
        "\"book_keyframes\":{},\"book_checksums\":{},\"book_quotes\":{},\"loads\":{},\"files\":"
        "{},\"files_absent\":{},\"findings\":{},\"fixed\":{},\"seconds\":{:.3f}",
        report.trades, report.minutes, report.klines, report.klines_unmatched, report.book_updates,
        report.book_keyframes, report.book_checksums, report.book_quotes, report.loads,
        report.files, report.files_absent, report.findings, report.fixed, report.seconds);
  }

  void print_report(const VerifyReport& report) const {
    const double rate =
        report.seconds > 0 ? static_cast<double>(report.trades) / report.seconds : 0;
    say("{}: read {} in {:.2f} s ({} rows/s), compared {}, {} of a venue, {}",
        report.findings == 0 ? "no findings" : plural(report.findings, "finding"),
        plural(report.trades, "trade"), report.seconds, grouped(static_cast<int64_t>(rate)),
        plural(report.minutes, "kept bar"), plural(report.klines, "kline"),
        plural(report.loads, "load"));
    if (deep_) {
      say(", {} ({} no longer there)", plural(report.files, "file"), grouped(report.files_absent));
    }
    say("\n");
    if (report.trades == 0) say("the store holds no trades there\n");
    if (report.book_updates > 0) {
      say("replayed {} of books, compared {}, {} and {} of a venue\n",
          plural(report.book_updates, "update"), plural(report.book_keyframes, "keyframe"),
          plural(report.book_checksums, "checksum"), plural(report.book_quotes, "quote"));
    }
    if (report.klines_unmatched > 0) {
      say("{} could not be compared: shorter than a minute, or their trades are not stored\n",
          plural(report.klines_unmatched, "kline"));
    }
    if (fix_) {
      say("{} computed again from the trades\n", plural(report.fixed, "derived row"));
    } else if (wrong_bars_) {
      say("bars_1m and superseded follow from the trades: tapedeck verify --fix computes them "
          "again\n");
    }
  }

  StoreChoice store_;
  OutputOptions output_;
  SelectionOptions selection_;
  std::string instrument_;
  bool deep_ = false;
  bool fix_ = false;
  bool wrong_bars_ = false;
};

}  // namespace

std::unique_ptr<Command> make_verify_command() {
  return std::make_unique<VerifyCommand>();
}

}  // namespace tapedeck
