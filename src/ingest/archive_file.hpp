// One file to import: where it is, and what its path and the caller say that it holds.
#pragma once

#include "feed/archive_name.hpp"
#include "tapedeck/ingest/importer.hpp"
#include "tapedeck/market/instrument.hpp"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tapedeck {

struct ArchiveFile {
  std::filesystem::path path;
  ArchiveKind kind = ArchiveKind::trades;
  InstrumentName instrument;
  std::optional<BarInterval> interval;
  std::optional<TimeRange> period;
  bool whole_period = false;  // all of the period, not a part of it
  std::string dataset;        // as in coverage
};

// Files below `paths` (zip, CSV and captures; of `tables` zip, CSV and Parquet), each once, in the
// order of the arguments and by name within a folder. Throws Error{not_found, io} for an argument
// that cannot be read.
std::vector<std::filesystem::path> find_files(std::span<const std::filesystem::path> paths,
                                              bool tables = false);

// Throws Error{invalid_argument} when market, kind, symbol or interval is told by neither path nor
// options, or when they contradict; Error{unsupported} for a known kind without support.
ArchiveFile classify(const std::filesystem::path& path, const ImportOptions& options);

}  // namespace tapedeck
