#include "store/core.hpp"

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "store/config.hpp"
#include "store/schema_state.hpp"

#include <fmt/format.h>

#include <map>
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

std::unique_ptr<duck::Database> open_database(const StoreLocation& location,
                                              const StoreConfig& config, OpenMode mode) {
  try {
    return std::make_unique<duck::Database>(
        duck::DatabaseOptions{.path = location.database.string(),
                              .read_only = mode == OpenMode::read,
                              .settings = to_duckdb_settings(config)});
  } catch (const Error& error) {
    const std::string folder = location.folder.string();
    if (error.code() == ErrorCode::store_busy) {
      throw Error{ErrorCode::store_busy,
                  fmt::format("the store '{}' is in use by {}; wait for it, or stop it", folder,
                              holder_of(error.what()))};
    }
    if (error.code() == ErrorCode::corrupt) {
      throw Error{ErrorCode::corrupt,
                  fmt::format("the store '{}' cannot be opened, its store.duckdb is damaged or no "
                              "DuckDB file: {}; put back a copy from backups/ if there is one",
                              folder, error.what())};
    }
    throw Error{error.code(), fmt::format("cannot open the store '{}': {}", folder, error.what())};
  }
}

}  // namespace

StoreCore::StoreCore(const std::filesystem::path& path, const StoreOptions& options)
    : location_{locate_store(path, options.mode)},
      mode_{location_.in_memory() ? OpenMode::create : options.mode} {
  if (!location_.in_memory()) {
    std::string key = std::filesystem::weakly_canonical(location_.folder).string();
    register_store(key, mode_);
    registered_ = std::move(key);
  }
  try {
    open(options, mode_);
    bring_schema_up(options);
  } catch (...) {
    if (!registered_.empty()) unregister_store(registered_, mode_);
    throw;
  }
}

StoreCore::~StoreCore() {
  {
    const MutexLock lock{writer_mutex_};
    writer_.reset();
  }
  {
    const MutexLock lock{readers_mutex_};
    idle_.clear();
  }
  database_.reset();
  if (!registered_.empty()) unregister_store(registered_, mode_);
}

Catalogue& StoreCore::catalogue() {
  std::call_once(catalogue_read_, [this] {
    duck::Connection connection = database_->connect();
    catalogue_.load(connection);
  });
  return catalogue_;
}

void StoreCore::open(const StoreOptions& options, OpenMode mode) {
  const MutexLock lock{writer_mutex_};
  writer_.reset();
  database_.reset();
  database_ = open_database(location_, load_config(location_.folder, options), mode);
  duck::Connection connection = database_->connect();
  connection.run("SET GLOBAL TimeZone = 'UTC'");
  if (mode != OpenMode::read) writer_ = std::move(connection);
}

void StoreCore::bring_schema_up(const StoreOptions& options) {
  const int newest = newest_schema_version();
  std::optional<SchemaState> state;
  {
    duck::Connection connection = database_->connect();
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
  if (mode_ == OpenMode::read) open(options, OpenMode::write);
  {
    const MutexLock lock{writer_mutex_};
    if (version > 0) {
      writer_->run("CHECKPOINT");
      set_copy_aside(version);
    }
    for (const Migration& migration : builtin_migrations()) {
      if (migration.version > version) run_migration(*writer_, migration, Direction::up);
    }
  }
  if (mode_ == OpenMode::read) open(options, OpenMode::read);
}

void StoreCore::set_copy_aside(int version) {
  if (location_.in_memory()) return;
  const std::filesystem::path folder = location_.folder / "backups";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail_io("make the folder", folder, error.value());
  const std::filesystem::path copy =
      folder / fmt::format("store-schema{}-{}.duckdb", version, now_epoch_ns() / 1'000'000'000);
  std::filesystem::copy_file(location_.database, copy, error);
  if (error) fail_io("copy the store to", copy, error.value());
  sync_folder(folder);
  log::info("schema: a copy of version {} is at '{}'", version, copy.string());
}

void StoreCore::GiveBack::operator()(Reader* reader) const {
  const MutexLock lock{core->readers_mutex_};
  core->idle_.emplace_back(reader);
  --core->borrowed_;
  core->reader_returned_.notify_one();
}

StoreCore::ReaderLease StoreCore::borrow_reader() {
  const MutexLock lock{readers_mutex_};
  while (idle_.empty() && borrowed_ >= kReaders)
    reader_returned_.wait(readers_mutex_);
  std::unique_ptr<Reader> reader;
  if (idle_.empty()) {
    reader = std::make_unique<Reader>(database_->connect());
  } else {
    reader = std::move(idle_.back());
    idle_.pop_back();
  }
  ++borrowed_;
  return {reader.release(), GiveBack{this}};
}

void StoreCore::write(const std::function<void(duck::Transaction&)>& work,
                      const std::function<void()>& committed) {
  write_steps([&](duck::Connection& connection) {
    duck::Transaction transaction{connection};
    work(transaction);
    transaction.commit();
    if (committed) committed();
  });
}

void StoreCore::write_steps(const std::function<void(duck::Connection&)>& work) {
  const MutexLock lock{writer_mutex_};
  if (!writer_) {
    throw Error{ErrorCode::read_only, fmt::format("the store '{}' was opened for reading only",
                                                  location_.folder.string())};
  }
  try {
    work(*writer_);
  } catch (...) {  // of several steps some may have been committed
    forget_facts();
    throw;
  }
  forget_facts();
}

void StoreCore::between_writes(const std::function<void()>& work) {
  const MutexLock lock{writer_mutex_};
  work();
}

std::shared_ptr<const TapeFacts> StoreCore::tape_facts(InstrumentId instrument) {
  constexpr size_t kKeptInstruments = 256;
  constexpr int kTries = 8;  // against a writer that commits faster than facts are read
  std::shared_ptr<const TapeFacts> facts;
  for (int tries = 0; tries < kTries; ++tries) {
    int64_t writes_before = 0;
    {
      const MutexLock lock{facts_mutex_};
      const auto found = facts_.find(instrument);
      if (found != facts_.end()) return found->second;
      writes_before = writes_;
    }
    facts = std::make_shared<const TapeFacts>(read_tape_facts(*borrow_reader(), instrument));
    const MutexLock lock{facts_mutex_};
    // Facts that a write overtook may be newer than those kept next: a caller would go back in
    // time.
    if (writes_ != writes_before) continue;
    if (facts_.size() >= kKeptInstruments) facts_.clear();
    return facts_.try_emplace(instrument, std::move(facts)).first->second;
  }
  return facts;
}

void StoreCore::forget_facts() {
  const MutexLock lock{facts_mutex_};
  ++writes_;
  facts_.clear();
}

}  // namespace tapedeck
