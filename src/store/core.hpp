// StoreCore: the open database behind a Store: its writer, its readers and what is known of
// instruments. The layers above (query, ingest) work on it; users see Store.
#pragma once

#include "base/mutex.hpp"
#include "duck/database.hpp"
#include "duck/transaction.hpp"
#include "store/book_read.hpp"
#include "store/catalogue.hpp"
#include "store/checkpoint_guard.hpp"
#include "store/config.hpp"
#include "store/live_window.hpp"
#include "store/location.hpp"
#include "store/moment_cache.hpp"
#include "store/observed.hpp"
#include "store/reader_pool.hpp"
#include "store/tape_facts.hpp"
#include "tape/journal.hpp"
#include "tapedeck/store/store.hpp"
#include "tapedeck/store/writer.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace tapedeck {

class LiveLedger;
class LiveSeries;
class LiveTape;

// What is on disk, in bytes.
struct StoreSizes {
  uint64_t database_bytes = 0;
  uint64_t wal_bytes = 0;
};

class StoreCore {
 public:
  StoreCore(const std::filesystem::path& path, const StoreOptions& options);
  ~StoreCore();
  StoreCore(const StoreCore&) = delete;
  StoreCore& operator=(const StoreCore&) = delete;

  // A borrowed reader returns itself. The core must outlive it.
  struct GiveBack {
    StoreCore* core = nullptr;
    void operator()(Reader* reader) const;
  };
  using ReaderLease = std::unique_ptr<Reader, GiveBack>;
  // Waits for one; Error{timeout}.
  ReaderLease borrow_reader();
  // Null when none is free.
  ReaderLease try_borrow_reader();
  ReaderPool& readers() { return *readers_; }
  PoolStats pool_stats();

  // Runs `work` in one transaction as the only writer; commits when it returns, rolls back when it
  // throws. Error{read_only} when the store was opened for reading. Work that is already inside a
  // transaction takes the Transaction along instead of calling this again. `committed` runs after
  // the commit and before the next writer: what is known of instruments changes there.
  void write(const std::function<void(duck::Transaction&)>& work,
             const std::function<void()>& committed = {});
  // The same without a transaction: for work that makes its own, or a CHECKPOINT.
  void write_steps(const std::function<void(duck::Connection&)>& work);

  // Writes what waits in the WAL into the database file.
  void checkpoint();
  // One statement that changes no row, and may checkpoint.
  void maintain(const std::string& sql);

  // Runs `work` while nothing writes: what it begins to read is of one moment.
  void between_writes(const std::function<void()>& work);

  // Odd while a transaction commits. Where it is even and the same at two times, nothing was
  // committed between them.
  uint64_t commits() const { return commits_; }
  // Of an instrument, as `reader` sees the store in the snapshot that it is in. `moment` is
  // commits() then; what was read of the last one is kept.
  std::shared_ptr<const TapeFacts> tape_facts(Reader& reader, InstrumentId instrument,
                                              std::optional<uint64_t> moment);
  // Of all its book streams, by stream_id.
  std::shared_ptr<const std::vector<BookIndex>> book_indexes(Reader& reader,
                                                             InstrumentId instrument,
                                                             std::optional<uint64_t> moment);
  KeyframeCache& keyframes() { return keyframes_; }

  // Read at its first use: opening a store does not wait for it.
  Catalogue& catalogue();
  // What is recorded goes through it; its threads begin with the first batch.
  LiveTape& live_tape();
  // What is written to the ledger goes through it.
  LiveLedger& live_ledger() { return *live_ledger_; }
  LiveSeries& live_series() { return *live_series_; }
  LiveWindow& window() { return window_; }
  Observer& observer() { return observer_; }
  DefaultTrades default_trades() const { return config_.default_trades; }
  StoreSizes sizes() const;
  const std::string& store_id();
  const LiveOptions& live_options() const { return live_options_; }
  const JournalOptions& journal_options() const { return journal_options_; }
  std::chrono::nanoseconds uptime() const;
  const StoreLocation& location() const { return location_; }
  OpenMode mode() const { return mode_; }
  // One of one's own, for what would leave traces on a pooled one. Error{timeout} while the
  // database is opened again.
  duck::Connection connect();

 private:
  class Committing;

  void open(OpenMode mode);
  void bring_schema_up();
  void bring_journal_in();
  // After a fatal error of DuckDB
  bool is_dead() REQUIRES(writer_mutex_);
  void open_again() REQUIRES(writer_mutex_);
  void try_to_open_again() REQUIRES(writer_mutex_);
  void look_after_database();
  void set_copy_aside(int version);
  void run_as_writer(const std::function<void(duck::Connection&)>& work);
  void end_write();
  void count_write(int64_t began_ns, const char* status);
  void close_writer() REQUIRES(writer_mutex_);
  void close();
  std::filesystem::path wal_path() const;
  void checkpoint_if_due(duck::Connection& connection) REQUIRES(writer_mutex_);
  std::unique_ptr<duck::Database> open_database(OpenMode mode);

  // Constant after construction
  StoreLocation location_;
  StoreConfig config_;
  OpenMode mode_;
  std::chrono::steady_clock::time_point opened_at_ = std::chrono::steady_clock::now();
  std::string registered_;  // key in the list of stores this process has open
  LiveOptions live_options_;
  JournalOptions journal_options_;
  std::once_flag store_id_read_;
  std::string store_id_;
  std::once_flag live_tape_made_;
  std::once_flag catalogue_read_;
  Catalogue catalogue_;

  Observer observer_;
  CheckpointGuard guard_;  // outlives the database
  uint64_t checkpoint_bytes_ = 0;

  Mutex database_mutex_;
  std::unique_ptr<duck::Database> database_ GUARDED_BY(database_mutex_);
  std::unique_ptr<duck::Database> dead_ GUARDED_BY(writer_mutex_);  // some still use it
  std::atomic<uint64_t> grave_seen_{0};                             // of duck::grave_failures()
  std::atomic<bool> needs_opening_{false};
  std::atomic<std::thread::id> writing_thread_{};

  LiveWindow window_;

  Mutex writer_mutex_;
  std::optional<duck::Connection> writer_ GUARDED_BY(writer_mutex_);

  std::atomic<uint64_t> commits_{0};
  MomentCache<TapeFacts> facts_;
  MomentCache<std::vector<BookIndex>> books_;
  KeyframeCache keyframes_;

  std::unique_ptr<ReaderPool> readers_;
  std::atomic<bool> writing_{false};

  std::unique_ptr<LiveLedger> live_ledger_;
  std::unique_ptr<LiveSeries> live_series_;
  std::unique_ptr<LiveTape> live_tape_;  // uses all of the above
};

// A borrowed reader in a snapshot of its own.
class SnapshotReader {
 public:
  SnapshotReader(StoreCore& core, StoreCore::ReaderLease lease);
  explicit SnapshotReader(StoreCore& core) : SnapshotReader{core, core.borrow_reader()} {}

  Reader& operator*() const { return *lease_; }
  // commits() of what it sees, if it can be told.
  std::optional<uint64_t> moment() const { return moment_; }

 private:
  StoreCore::ReaderLease lease_;
  uint64_t before_;
  duck::Snapshot snapshot_;
  std::optional<uint64_t> moment_;
};

}  // namespace tapedeck
