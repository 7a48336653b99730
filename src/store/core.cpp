#include "store/core.hpp"

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "duck/failure.hpp"
#include "store/applier.hpp"
#include "store/config.hpp"
#include "store/live_ledger.hpp"
#include "store/live_series.hpp"
#include "store/live_tape.hpp"
#include "store/recovery.hpp"
#include "store/schema_state.hpp"
#include "tapedeck/base/retry.hpp"

#include <fmt/format.h>

#include <map>
#include <thread>
#include <utility>

namespace tapedeck {
namespace {

// File locks belong to processes: two databases of one process on one file would both get the lock
// and destroy each other. So a process keeps its own list.
struct Users {
  int readers = 0;
  bool writer = false;
};
Mutex open_stores_mutex;
std::map<std::string, Users>& open_stores() REQUIRES(open_stores_mutex) {
  static std::map<std::string, Users> users;
  return users;
}

void register_store(const std::string& key, OpenMode mode) {
  const MutexLock lock{open_stores_mutex};
  Users& users = open_stores()[key];
  const bool reads = mode == OpenMode::read;
  if (users.writer || (!reads && users.readers > 0)) {
    throw Error{ErrorCode::store_busy,
                fmt::format("'{}' is already open in this process; share that Store", key)};
  }
  users.writer = !reads;
  users.readers += reads ? 1 : 0;
}

void unregister_store(const std::string& key, OpenMode mode) {
  const MutexLock lock{open_stores_mutex};
  Users& users = open_stores()[key];
  if (mode == OpenMode::read) --users.readers;
  if (mode == OpenMode::read && users.readers > 0) return;
  open_stores().erase(key);
}

// DuckDB: `… Conflicting lock is held in /usr/bin/tapedeck (PID 4711) …`.
std::string holder_of(std::string_view words) {
  const size_t begin = words.find("held in ");
  const size_t end = words.find(')', begin);
  if (begin == std::string_view::npos || end == std::string_view::npos) return "another process";
  return std::string{words.substr(begin + 8, end + 1 - begin - 8)};
}

[[noreturn]] void fail_to_open(const std::string& folder, const Error& error) {
  if (error.code() == ErrorCode::store_busy) {
    throw Error{ErrorCode::store_busy,
                fmt::format("the store '{}' is in use by {}; wait for it, or stop it", folder,
                            holder_of(error.what()))};
  }
  if (error.code() == ErrorCode::corrupt) {
    throw Error{ErrorCode::corrupt,
                fmt::format("the store '{}' cannot be opened, its store.duckdb is damaged or no "
                            "DuckDB file: {}; build it again with: tapedeck salvage '{}'",
                            folder, error.what(), folder)};
  }
  throw Error{error.code(), fmt::format("cannot open the store '{}': {}", folder, error.what())};
}

// DuckDB counts a reader that has just ended as a writer for a moment.
RetryOptions checkpoint_retry() {
  return {.first = std::chrono::milliseconds{20}, .longest = std::chrono::milliseconds{500}};
}

}  // namespace

class StoreCore::Committing {
 public:
  explicit Committing(std::atomic<uint64_t>& commits) : commits_{commits} { ++commits_; }
  ~Committing() { ++commits_; }
  Committing(const Committing&) = delete;
  Committing& operator=(const Committing&) = delete;

 private:
  std::atomic<uint64_t>& commits_;
};

StoreCore::StoreCore(const std::filesystem::path& path, const StoreOptions& options)
    : location_{locate_store(path, options.mode)},
      config_{load_config(location_.folder, options)},
      mode_{location_.in_memory() ? OpenMode::create : options.mode},
      observer_{config_.observe},
      guard_{location_},
      window_{options.window},
      live_ledger_{std::make_unique<LiveLedger>(*this)},
      live_series_{std::make_unique<LiveSeries>(*this)} {
  if (!location_.in_memory()) {
    std::string key = std::filesystem::weakly_canonical(location_.folder).string();
    register_store(key, mode_);
    registered_ = std::move(key);
  }
  readers_ = std::make_unique<ReaderPool>(options.pool, [this] { return connect(); });
  try {
    open(mode_);
    bring_schema_up();
    bring_journal_in();
  } catch (...) {
    close();
    throw;
  }
}

std::chrono::nanoseconds StoreCore::uptime() const {
  return std::chrono::steady_clock::now() - opened_at_;
}

StoreCore::~StoreCore() {
  close();
}

void StoreCore::close() {
  live_tape_.reset();
  readers_.reset();
  {
    const MutexLock lock{writer_mutex_};
    close_writer();
    dead_.reset();
  }
  {
    const MutexLock lock{database_mutex_};
    database_.reset();
  }
  if (!registered_.empty()) unregister_store(registered_, mode_);
}

void StoreCore::bring_journal_in() {
  if (!needs_recovery(*this)) return;
  if (mode_ == OpenMode::read) open(OpenMode::write);
  recover(*this);
  if (mode_ == OpenMode::read) open(OpenMode::read);
}

// Takes in the WAL before DuckDB does so itself when it closes: its own ends the process when it
// fails, and is not guarded.
void StoreCore::close_writer() {
  if (!writer_) return;
  duck::Connection connection = std::move(*writer_);
  writer_.reset();
  std::error_code error;
  if (location_.in_memory()) return;
  try {
    connection.run("PRAGMA disable_checkpoint_on_shutdown");
    if (!std::filesystem::exists(wal_path(), error)) return;
    with_retry([&] { guard_.run(connection, [&] { connection.run("CHECKPOINT"); }); },
               checkpoint_retry());
  } catch (const Error& failure) {
    log::warn("store '{}': its WAL stays, and is read by the next opening: {}",
              location_.folder.string(), failure.what());
  }
}

LiveTape& StoreCore::live_tape() {
  std::call_once(live_tape_made_, [this] { live_tape_ = std::make_unique<LiveTape>(*this); });
  return *live_tape_;
}

const std::string& StoreCore::store_id() {
  std::call_once(store_id_read_, [this] {
    const auto reader = borrow_reader();
    duck::Result rows = reader->run("SELECT value FROM tape.store_facts WHERE key = 'store_id'");
    if (!rows.next_row()) {
      throw Error{ErrorCode::corrupt, fmt::format("the store '{}' has no id in tape.store_facts",
                                                  location_.folder.string())};
    }
    store_id_ = rows.text(0);
  });
  return store_id_;
}

Catalogue& StoreCore::catalogue() {
  std::call_once(catalogue_read_, [this] {
    duck::Connection connection = connect();
    catalogue_.load(connection);
  });
  return catalogue_;
}

duck::Connection StoreCore::connect() {
  const MutexLock lock{database_mutex_};
  if (database_) return database_->connect();
  throw Error{ErrorCode::timeout,
              fmt::format("the database of '{}' is being opened again after a fatal error of "
                          "DuckDB; try again",
                          location_.folder.string())};
}

std::unique_ptr<duck::Database> StoreCore::open_database(OpenMode mode) {
  checkpoint_bytes_ = config_.checkpoint_threshold_bytes;
  const auto try_to_open = [&] {
    auto database = std::make_unique<duck::Database>(
        duck::DatabaseOptions{.path = location_.database.string(),
                              .read_only = mode == OpenMode::read,
                              .settings = to_duckdb_settings(config_)});
    duck::Connection connection = database->connect();
    connection.run("SET GLOBAL TimeZone = 'UTC'");
    return database;
  };
  const std::string folder = location_.folder.string();
  try {
    guard_.before_opening();
    auto database = try_to_open();
    guard_.after_opening();
    return database;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::corrupt || !guard_.put_back()) fail_to_open(folder, error);
  }
  try {
    auto database = try_to_open();
    guard_.after_opening();
    return database;
  } catch (const Error& error) {
    fail_to_open(folder, error);
  }
}

// Connections keep the database open that they are of.
void StoreCore::open(OpenMode mode) {
  const MutexLock writer_lock{writer_mutex_};
  close_writer();
  readers_->suspend();
  {
    const MutexLock lock{database_mutex_};
    database_.reset();
    database_ = open_database(mode);
    if (mode != OpenMode::read) writer_ = database_->connect();
  }
  readers_->resume();
}

bool StoreCore::is_dead() {
  const uint64_t grave = duck::grave_failures();
  if (!writer_ || location_.in_memory() || grave == grave_seen_.exchange(grave)) return false;
  try {
    writer_->run("SELECT 1");
    return false;
  } catch (const std::exception&) {
    return true;
  }
}

// What is committed is in the file and its WAL; a transaction that DuckDB could not end may be too.
void StoreCore::open_again() {
  constexpr std::chrono::seconds kLongest{1};  // whoever writes tries again
  constexpr std::chrono::milliseconds kPause{5};
  needs_opening_ = true;
  writer_.reset();
  readers_->suspend();
  {
    const MutexLock lock{database_mutex_};
    if (database_) dead_ = std::move(database_);
  }
  const auto deadline = std::chrono::steady_clock::now() + kLongest;
  while (dead_ && dead_->connections() > 0) {
    if (std::chrono::steady_clock::now() >= deadline) {
      throw Error{
          ErrorCode::timeout,
          fmt::format("{} queries still hold the database that DuckDB gave up; it is opened "
                      "again when they end",
                      dead_->connections())};
    }
    std::this_thread::sleep_for(kPause);
  }
  dead_.reset();
  const Committing committing{commits_};
  auto database = open_database(mode_);
  duck::Connection connection = database->connect();
  catalogue_.load(connection);
  window_.add_stored(applied_position(connection).sequence, nullptr);
  writer_ = std::move(connection);
  {
    const MutexLock lock{database_mutex_};
    database_ = std::move(database);
  }
  needs_opening_ = false;
  readers_->resume();
  log::info("store '{}': its database is open again", location_.folder.string());
}

void StoreCore::try_to_open_again() {
  const std::string folder = location_.folder.string();
  log::warn("store '{}': DuckDB gave its database up; it is opened again", folder);
  try {
    open_again();
  } catch (const std::exception& error) {
    log::warn("store '{}': its database cannot be opened yet: {}", folder, error.what());
  }
}

// A writer looks by itself when it has failed.
void StoreCore::look_after_database() {
  if (mode_ == OpenMode::read || writing_thread_ == std::this_thread::get_id()) return;
  if (!writer_mutex_.try_lock()) return;
  if (needs_opening_ || is_dead()) try_to_open_again();
  writer_mutex_.unlock();
}

void StoreCore::bring_schema_up() {
  const int newest = newest_schema_version();
  std::optional<SchemaState> state;
  {
    duck::Connection connection = connect();
    state = find_schema_state(connection);
  }
  const std::string folder = location_.folder.string();
  if (!state) {
    throw Error{ErrorCode::not_a_store,
                fmt::format("'{}' holds a DuckDB database that tapedeck did not make",
                            location_.database.string())};
  }
  check_steps(*state);
  const int version = state->version;
  if (version > newest) {
    throw Error{ErrorCode::schema_newer,
                fmt::format("the store '{}' has schema version {}, this tapedeck knows up to {}; "
                            "use a newer tapedeck",
                            folder, version, newest)};
  }
  if (version == newest) return;
  if (mode_ == OpenMode::read) open(OpenMode::write);
  {
    const MutexLock lock{writer_mutex_};
    if (version > 0) {
      guard_.run(*writer_, [&]() REQUIRES(writer_mutex_) { writer_->run("CHECKPOINT"); });
      set_copy_aside(version);
    }
    for (const Migration& migration : builtin_migrations()) {
      if (migration.version > version) run_migration(*writer_, migration, Direction::up);
    }
  }
  if (mode_ == OpenMode::read) open(OpenMode::read);
}

void StoreCore::set_copy_aside(int version) {
  if (location_.in_memory()) return;
  const std::filesystem::path folder = location_.folder / "backups";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail_io("make the folder", folder, error.value());
  const std::filesystem::path copy =
      folder / fmt::format("store-schema{}-{}.duckdb", version, now_epoch_ns() / 1'000'000'000);
  guard_.copy_database(copy);
  sync_folder(folder);
  log::info("schema: a copy of version {} is at '{}'", version, copy.string());
}

void StoreCore::GiveBack::operator()(Reader* reader) const {
  core->readers_->give_back(std::unique_ptr<Reader>{reader});
}

StoreCore::ReaderLease StoreCore::borrow_reader() {
  if (needs_opening_ || duck::grave_failures() != grave_seen_) look_after_database();
  return {readers_->take().release(), GiveBack{this}};
}

StoreCore::ReaderLease StoreCore::try_borrow_reader() {
  return {readers_->try_take().release(), GiveBack{this}};
}

PoolStats StoreCore::pool_stats() {
  PoolStats stats = readers_->stats();
  stats.writing = writing_;
  return stats;
}

void StoreCore::write(const std::function<void(duck::Transaction&)>& work,
                      const std::function<void()>& committed) {
  run_as_writer([&](duck::Connection& connection) {
    duck::Transaction transaction{connection};
    work(transaction);
    const Committing committing{commits_};
    transaction.commit();
    if (committed) committed();
  });
}

void StoreCore::write_steps(const std::function<void(duck::Connection&)>& work) {
  run_as_writer([&](duck::Connection& connection) {
    const Committing committing{commits_};
    guard_.run(connection, [&] { work(connection); });  // SQL may checkpoint
  });
}

void StoreCore::run_as_writer(const std::function<void(duck::Connection&)>& work) {
  const MutexLock lock{writer_mutex_};
  if (mode_ == OpenMode::read && !writer_) {
    throw Error{ErrorCode::read_only, fmt::format("the store '{}' was opened for reading only",
                                                  location_.folder.string())};
  }
  if (!writer_) open_again();
  writing_ = true;
  writing_thread_ = std::this_thread::get_id();
  window_.begin_write();
  const int64_t began = steady_ns();
  try {
    work(*writer_);
  } catch (...) {  // of several steps some may have been committed
    end_write();
    count_write(began, "error");
    if (is_dead()) try_to_open_again();
    throw;
  }
  end_write();
  count_write(began, "success");
  checkpoint_if_due(*writer_);
}

// What was committed stays committed: a checkpoint that fails is tried after the next commit.
void StoreCore::checkpoint_if_due(duck::Connection& connection) {
  std::error_code error;
  const uint64_t bytes = location_.in_memory() ? 0 : std::filesystem::file_size(wal_path(), error);
  if (error || bytes < checkpoint_bytes_ || bytes == 0) return;
  try {
    guard_.run(connection, [&] { connection.run("CHECKPOINT"); });
  } catch (const Error& failure) {
    if (failure.code() != ErrorCode::write_conflict) {
      log::warn("store '{}': no checkpoint: {}", location_.folder.string(), failure.what());
    }
    if (is_dead()) try_to_open_again();
  }
}

std::filesystem::path StoreCore::wal_path() const {
  return location_.database.string() + ".wal";
}

void StoreCore::checkpoint() {
  with_retry([&] { maintain("CHECKPOINT"); }, checkpoint_retry());
}

void StoreCore::maintain(const std::string& sql) {
  run_as_writer([&](duck::Connection& connection) {
    window_.keep_stored();
    guard_.run(connection, [&] { connection.run(sql); });
  });
}

void StoreCore::between_writes(const std::function<void()>& work) {
  const MutexLock lock{writer_mutex_};
  work();
}

std::shared_ptr<const TapeFacts> StoreCore::tape_facts(Reader& reader, InstrumentId instrument,
                                                       std::optional<uint64_t> moment) {
  if (auto kept = facts_.find(instrument, moment)) return kept;
  TapeFacts facts = read_tape_facts(reader, instrument);
  for (const Grain grain : {Grain::trade, Grain::aggregate})
    facts.open_bars[grain] = window_.open_bar({instrument, grain}, facts.applied_sequence);
  return facts_.keep(instrument, moment, std::move(facts));
}

std::shared_ptr<const std::vector<BookIndex>> StoreCore::book_indexes(
    Reader& reader, InstrumentId instrument, std::optional<uint64_t> moment) {
  if (auto kept = books_.find(instrument, moment)) return kept;
  return books_.keep(instrument, moment, read_book_indexes(reader, instrument));
}

void StoreCore::end_write() {
  writing_ = false;
  writing_thread_ = std::thread::id{};
  window_.end_write();
}

SnapshotReader::SnapshotReader(StoreCore& core, StoreCore::ReaderLease lease)
    : lease_{std::move(lease)}, before_{core.commits()}, snapshot_{*lease_} {
  if (before_ % 2 == 0 && core.commits() == before_) moment_ = before_;
}

}  // namespace tapedeck
