// Reads one archive file into batches: container, decoder, refused lines. Runs on any thread.
#pragma once

#include "base/file.hpp"
#include "feed/decode_error.hpp"
#include "ingest/archive_file.hpp"
#include "tapedeck/market/kline.hpp"
#include "tapedeck/market/trade.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

namespace tapedeck {

using ArchiveBatch = std::variant<TradeBlock, std::vector<Kline>, std::vector<OpenInterest>>;

struct ArchiveSource {
  MappedFile bytes;
  std::string sha256;
  std::optional<bool> checksum_matched;  // absent: there is no .CHECKSUM beside the file
};

// Maps and hashes the file and compares it with the `.CHECKSUM` beside it. Throws
// Error{checksum_mismatch, bad_input} and what MappedFile throws.
ArchiveSource open_archive(const ArchiveFile& file);

struct ArchiveReadOptions {
  Scale scale;  // the instrument's so far
  int64_t max_errors = 0;
  std::stop_token stop;
};

struct ArchiveReadResult {
  std::vector<DecodeError> errors;  // at most max_errors
  int64_t rows = 0;
  std::string symbol;  // of metrics files: what the rows say
};

// Hands the batches to `use` in file order. Trades come at one scale while they fit 64 MB of text;
// longer files stream, and refine their scale on the way. Throws Error{bad_input} naming file, line
// and reason as soon as more than max_errors lines were refused, Error{cancelled} when stopped.
ArchiveReadResult read_archive(ArchiveFile& file, ArchiveSource& source,
                               const ArchiveReadOptions& options,
                               const std::function<void(ArchiveBatch&&)>& use);

}  // namespace tapedeck
