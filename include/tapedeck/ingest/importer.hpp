// Importer: files into the store: archives of an exchange, captures of its raw messages, tables of
// any origin. One file is one transaction; importing it again changes nothing.
#pragma once

#include "tapedeck/book/book_builder.hpp"
#include "tapedeck/feed/table_format.hpp"
#include "tapedeck/store/store.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

struct ImportOptions {
  // The files are no archives but tables, CSV (`.csv`, `.csv.gz`, `.zip`) or Parquet (`.parquet`)
  std::optional<TableFormat> table = {};
  // What the path of an archive does not tell
  std::optional<std::string> market = {};  // spot, um, cm
  // aggTrades, trades, klines, metrics, bookTicker, bookDepth
  std::optional<std::string> kind = {};
  std::optional<std::string> symbol = {};
  std::optional<std::string> interval = {};  // of klines
  // Of captures: the venue of connections that neither a URL nor a message tells, "bybit-linear"
  std::optional<std::string> instrument_prefix = {};
  // Behaviour
  // Refused lines an archive or table may have and still be loaded. Captures are loaded whatever
  // they have: what a refused message means for a book is found out and kept.
  int64_t max_errors = 0;
  bool ignore_unsupported = false;  // known kinds without support are passed over in silence
  bool dry_run = false;             // reads and counts, stores nothing
  int jobs = 0;                     // files decoded at once; 0: cores − 1, at least 1
};

enum class FileOutcome {
  loaded,
  unchanged,    // these bytes were loaded before
  failed,       // nothing of it was stored; see message
  unsupported,  // a known kind that this version does not load
  cancelled,    // not begun, or given up, when the import was stopped
};
std::string_view to_text(FileOutcome outcome);

// One stream of book messages in a capture.
struct StreamReport {
  std::string instrument;
  std::string channel;  // the venue's word
  BookIntegrity integrity = BookIntegrity::none;
  bool trusted = false;  // the book at its end
  int64_t rows = 0;      // stored: updates and levels pushed out
  BookCounts counts;
};

// The dataset of a file of raw messages, which may hold several.
inline constexpr std::string_view kCaptureDataset = "capture";

struct FileReport {
  std::filesystem::path path;
  FileOutcome outcome = FileOutcome::loaded;
  std::optional<ErrorCode> error = {};
  std::string message = {};     // why it failed, or what to know
  std::string instrument = {};  // "binance-um:BTCUSDT"; empty for a table of several
  std::string dataset = {};
  int64_t rows = 0;        // stored now; with dry_run: that would be decoded
  int64_t duplicates = 0;  // stored before, equal
  int64_t conflicts = 0;   // stored before with other content; the stored row stays
  int64_t rejects = 0;     // lines refused, kept in rejects/
  uint64_t bytes = 0;      // of the file
  // Of a capture
  int64_t unknown = 0;  // messages that no decoder knows, kept in rejects/ too
  std::vector<StreamReport> streams = {};
};

struct ImportSummary {
  std::vector<FileReport> files;  // in the order of the paths
  int64_t rows = 0;
  int64_t duplicates = 0;
  int64_t conflicts = 0;
  int64_t rejects = 0;
  int64_t failed = 0;
  int64_t unsupported = 0;
  bool cancelled = false;
  double seconds = 0;
};

struct ImportProgress {
  size_t files_done = 0;
  size_t files = 0;
  uint64_t bytes_done = 0;  // of the files, compressed
  uint64_t bytes = 0;
  int64_t rows = 0;
  std::string file;  // at work now
};

// Files are found below folders (`.zip`, `.csv`, `.csv.gz`, of tables `.parquet` too, and captures,
// told by their first line; `.CHECKSUM` files, and `.http` answers beside `.ws` frames, are read
// with the file they belong to). One bad file does not stop the others. `progress` is called on the
// calling thread a few times a second, `stop` ends the import between files: what is loaded is
// whole. Errors thrown: not_found for a path that is not there, disk_full and io of the store
// itself.
ImportSummary import_files(Store& store, std::span<const std::filesystem::path> paths,
                           const ImportOptions& options,
                           const std::function<void(const ImportProgress&)>& progress = {},
                           std::stop_token stop = {});

}  // namespace tapedeck
