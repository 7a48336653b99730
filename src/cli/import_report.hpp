// What an import says: a progress bar while it runs, a summary when it is done.
#pragma once

#include "tapedeck/ingest/importer.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace tapedeck {

// The line of the progress bar, at most `width` characters: files, rows, rows/s, time left.
std::string progress_line(const ImportProgress& progress, double seconds, size_t width);

// Draws it on standard error, ten times a second at most; nothing where that is no terminal.
class ProgressBar {
 public:
  explicit ProgressBar(bool quiet);
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void draw(const ImportProgress& progress);
  void clear();

 private:
  // Constant after construction
  bool enabled_ = false;
  int64_t started_ns_ = 0;

  int64_t drawn_ns_ = 0;
  bool on_screen_ = false;
};

// One object for --json.
std::string summary_json(const ImportSummary& summary);

// A table of the files (totals when they are more than 20) on standard output.
void print_summary(const ImportSummary& summary, bool dry_run);

// `file: reason`, a line each, on standard error, for what was not loaded.
void print_failures(const ImportSummary& summary, bool ignore_unsupported);

// `file: reason`; the file is named once, also where the reason names it.
std::string failure_line(const FileReport& file);

// "1:02:03", "0:07".
std::string duration_text(double seconds);

}  // namespace tapedeck
