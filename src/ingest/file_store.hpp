// FileStore: the batches of one file into the store, in one transaction with its loads and
// coverage.
#pragma once

#include "ingest/batch_queue.hpp"
#include "ingest/capture_file.hpp"
#include "store/trade_load.hpp"
#include "tapedeck/ingest/importer.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace tapedeck {

struct SeriesTotals;

// One file on its way: decoded by one thread, stored by the caller's.
struct ImportJob {
  std::filesystem::path path;
  BatchQueue queue;
  // Written by the decoding thread before the queue closes, read by the storing one after that.
  ArchiveFile file;
  std::string sha256;
  std::optional<bool> checksum_matched;
  ReadResult read;
  CaptureResult captured;
  bool unchanged = false;
  // Written by the decoding thread once, before the first batch.
  uint64_t bytes = 0;
  bool is_capture = false;
};

// Rows of a batch; of a capture its messages.
int64_t rows_of(const ArchiveBatch& batch);

class FileStore {
 public:
  // Both must outlive it. `on_rows` is told how many rows were taken on.
  FileStore(Store& store, const ImportOptions& options, std::stop_token stop,
            std::function<void(int64_t)> on_rows);

  // Stores what the job's queue gives, `first` being its first batch, and fills the report. Returns
  // the rows that differ from stored ones of their id. Throws what the decoding thread threw, and
  // Error{cancelled} when stopped.
  std::vector<TradeConflict> store(ImportJob& job, std::optional<ArchiveBatch> first,
                                   FileReport& report);
  // True when what store() threw came from the file, not from the store.
  bool failed_in_file() const { return reading_; }

 private:
  std::vector<TradeConflict> store_archive(ImportJob& job, std::optional<ArchiveBatch> first,
                                           FileReport& report);
  std::vector<TradeConflict> store_table(ImportJob& job, std::optional<ArchiveBatch> batch,
                                         FileReport& report);
  std::vector<TradeConflict> store_capture(ImportJob& job, std::optional<ArchiveBatch> batch,
                                           FileReport& report);
  std::vector<TradeConflict> store_trades(duck::Transaction& transaction, Instrument& instrument,
                                          ImportJob& job, std::optional<ArchiveBatch> batch,
                                          FileReport& report);
  SeriesTotals store_given(duck::Transaction& transaction, ImportJob& job,
                           std::optional<ArchiveBatch> batch, FileReport& report);
  std::optional<ArchiveBatch> next_batch(ImportJob& job);

  // Constant after construction
  Store& store_;
  const ImportOptions& options_;
  std::stop_token stop_;
  std::function<void(int64_t)> on_rows_;

  bool reading_ = false;
};

}  // namespace tapedeck
