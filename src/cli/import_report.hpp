// What an import says: how far it is while it runs, a summary when it is done.
#pragma once

#include "cli/progress_bar.hpp"
#include "tapedeck/ingest/importer.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace tapedeck {

// Draws progress unless `quiet`; Ctrl-C stops it between batches. watch_interrupts() comes before.
ImportSummary import_with_progress(Store& store, std::span<const std::filesystem::path> paths,
                                   const ImportOptions& options, bool quiet);

WorkProgress to_work(const ImportProgress& progress);

// One object for --json.
std::string summary_json(const ImportSummary& summary);

// A table of the files (totals when they are more than 20) on standard output.
void print_summary(const ImportSummary& summary, bool dry_run);

// A table of the streams of captures on standard output: what was in each, and what was missing.
void print_streams(const ImportSummary& summary);

// `file: reason`, a line each, on standard error, for what was not loaded.
void print_failures(const ImportSummary& summary, bool ignore_unsupported);

// `file: reason`; the file is named once, also where the reason names it.
std::string failure_line(const FileReport& file);

}  // namespace tapedeck
