#include "cli/import_report.hpp"

#include "cli/interrupt.hpp"
#include "cli/say.hpp"
#include "cli/sinks.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <stop_token>

namespace tapedeck {
namespace {

constexpr size_t kListedFiles = 20;

std::array<Cell, 7> cells_of(const FileReport& file, const std::string& name) {
  const auto text = [](std::string_view t) { return t.empty() ? Cell{} : Cell{t}; };
  return {std::string_view{name}, text(file.instrument), text(file.dataset),   file.rows,
          file.duplicates,        file.rejects,          to_text(file.outcome)};
}

void print_files(const ImportSummary& summary) {
  static const std::array<Column, 7> columns{{{"file"},
                                              {"instrument"},
                                              {"dataset"},
                                              {"rows", CellType::integer},
                                              {"duplicates", CellType::integer},
                                              {"rejects", CellType::integer},
                                              {"outcome"}}};
  TextFile out;
  const auto table = table_sink(out, {}, 0);
  table->begin(columns);
  for (const FileReport& file : summary.files) {
    const std::string name = file.path.filename().string();
    table->row(cells_of(file, name));
  }
  table->end();
  out.finish();
}

nlohmann::ordered_json streams_json(const FileReport& file) {
  nlohmann::ordered_json streams = nlohmann::ordered_json::array();
  for (const StreamReport& stream : file.streams) {
    const BookCounts& counts = stream.counts;
    nlohmann::ordered_json entry;
    entry["instrument"] = stream.instrument;
    entry["stream"] = stream.channel;
    entry["integrity"] = std::string{to_text(stream.integrity)};
    entry["trusted"] = stream.trusted;
    entry["messages"] = counts.messages;
    entry["updates"] = counts.levels;
    entry["pushed_out"] = counts.pushed_out;
    entry["rows"] = stream.rows;
    entry["stale"] = counts.stale;
    entry["unsynced"] = counts.unsynced;
    entry["gaps"] = counts.gaps;
    entry["resyncs"] = counts.resyncs;
    entry["crossed"] = counts.crossed;
    entry["checksums_passed"] = counts.checksums_passed;
    entry["checksums_failed"] = counts.checksums_failed;
    streams.push_back(std::move(entry));
  }
  return streams;
}

int64_t count_of(const ImportSummary& summary, FileOutcome outcome) {
  return std::count_if(summary.files.begin(), summary.files.end(),
                       [&](const FileReport& file) { return file.outcome == outcome; });
}

}  // namespace

ImportSummary import_with_progress(Store& store, std::span<const std::filesystem::path> paths,
                                   const ImportOptions& options, bool quiet) {
  ProgressBar bar{quiet};
  std::stop_source stop;
  return import_files(
      store, paths, options,
      [&](const ImportProgress& progress) {
        if (interrupted()) stop.request_stop();
        bar.draw(to_work(progress));
      },
      stop.get_token());
}

WorkProgress to_work(const ImportProgress& progress) {
  const auto bytes = static_cast<double>(std::max<uint64_t>(1, progress.bytes));
  return {.share = static_cast<double>(progress.bytes_done) / bytes,
          .done = fmt::format("{}/{} files", progress.files_done, progress.files),
          .rows = progress.rows,
          .at = progress.file};
}

std::string summary_json(const ImportSummary& summary) {
  nlohmann::ordered_json files = nlohmann::ordered_json::array();
  for (const FileReport& file : summary.files) {
    nlohmann::ordered_json entry;
    entry["path"] = file.path.string();
    entry["outcome"] = std::string{to_text(file.outcome)};
    entry["instrument"] =
        file.instrument.empty() ? nullptr : nlohmann::ordered_json(file.instrument);
    entry["dataset"] = file.dataset.empty() ? nullptr : nlohmann::ordered_json(file.dataset);
    entry["rows"] = file.rows;
    entry["duplicates"] = file.duplicates;
    entry["conflicts"] = file.conflicts;
    entry["rejects"] = file.rejects;
    entry["bytes"] = file.bytes;
    if (file.dataset == kCaptureDataset) {
      entry["unknown"] = file.unknown;
      entry["streams"] = streams_json(file);
    }
    if (file.error) entry["error"] = std::string{to_text(*file.error)};
    if (!file.message.empty()) entry["message"] = file.message;
    files.push_back(std::move(entry));
  }
  nlohmann::ordered_json json;
  json["rows"] = summary.rows;
  json["duplicates"] = summary.duplicates;
  json["conflicts"] = summary.conflicts;
  json["rejects"] = summary.rejects;
  json["failed"] = summary.failed;
  json["unsupported"] = summary.unsupported;
  json["cancelled"] = summary.cancelled;
  json["seconds"] = summary.seconds;
  json["files"] = std::move(files);
  // A path may hold bytes that are no UTF-8.
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void print_summary(const ImportSummary& summary, bool dry_run) {
  if (!summary.files.empty() && summary.files.size() <= kListedFiles) print_files(summary);
  const int64_t loaded = count_of(summary, FileOutcome::loaded);
  const int64_t unchanged = count_of(summary, FileOutcome::unchanged);
  const auto files = static_cast<int64_t>(summary.files.size());
  std::string line;
  if (files > 0 && unchanged == files) {
    line = fmt::format("nothing to do: {} unchanged since an earlier import",
                       files == 1 ? "the file is" : fmt::format("all {} files are", files));
  } else {
    const double rate =
        summary.seconds > 0 ? static_cast<double>(summary.rows) / summary.seconds : 0.0;
    line = fmt::format("{} of {} {}, {} in {:.1f} s ({} rows/s)", grouped(loaded),
                       plural(files, "file"), dry_run ? "would be loaded" : "loaded",
                       plural(summary.rows, "row"), summary.seconds,
                       grouped(static_cast<int64_t>(rate)));
    const auto add = [&](int64_t count, std::string_view words) {
      if (count > 0) line += fmt::format(", {} {}", grouped(count), words);
    };
    const auto add_nouns = [&](int64_t count, std::string_view noun) {
      if (count > 0) line += fmt::format(", {}", plural(count, noun));
    };
    add(unchanged, "unchanged");
    add_nouns(summary.duplicates, "duplicate row");
    add_nouns(summary.conflicts, "conflicting row");
    add_nouns(summary.rejects, "rejected line");
    add(summary.failed, "failed");
    add(summary.unsupported, "not supported yet");
    add(count_of(summary, FileOutcome::cancelled), "not begun");
  }
  fmt::print("{}\n", line);
}

void print_streams(const ImportSummary& summary) {
  static const std::array<Column, 11> columns{{{"instrument"},
                                               {"stream"},
                                               {"integrity"},
                                               {"messages", CellType::integer},
                                               {"updates", CellType::integer},
                                               {"stale", CellType::integer},
                                               {"gaps", CellType::integer},
                                               {"resyncs", CellType::integer},
                                               {"crossed", CellType::integer},
                                               {"checksums", CellType::integer},
                                               {"failed", CellType::integer}}};
  TextFile out;
  const auto table = table_sink(out, {}, 0);
  table->begin(columns);
  int64_t unknown = 0;
  for (const FileReport& file : summary.files) {
    unknown += file.unknown;
    for (const StreamReport& stream : file.streams) {
      const BookCounts& counts = stream.counts;
      const std::array<Cell, 11> cells{std::string_view{stream.instrument},
                                       std::string_view{stream.channel},
                                       to_text(stream.integrity),
                                       counts.messages,
                                       counts.levels,
                                       counts.stale,
                                       counts.gaps,
                                       counts.resyncs,
                                       counts.crossed,
                                       counts.checksums_passed,
                                       counts.checksums_failed};
      table->row(cells);
    }
  }
  table->end();
  out.finish();
  fmt::print("{}\n", plural(unknown, "unknown message"));
}

void print_failures(const ImportSummary& summary, bool ignore_unsupported) {
  for (const FileReport& file : summary.files) {
    const bool told = file.outcome == FileOutcome::failed ||
                      (file.outcome == FileOutcome::unsupported && !ignore_unsupported) ||
                      (file.outcome == FileOutcome::loaded && !file.message.empty());
    if (told) say("{}\n", failure_line(file));
  }
}

std::string failure_line(const FileReport& file) {
  const std::string path = file.path.string();
  std::string_view reason = file.message;
  const std::string own_name = fmt::format("'{}', ", path);
  if (reason.starts_with(own_name)) reason.remove_prefix(own_name.size());
  if (reason.find(path) != std::string_view::npos) return std::string{reason};
  return fmt::format("{}: {}", path, reason);
}

}  // namespace tapedeck
