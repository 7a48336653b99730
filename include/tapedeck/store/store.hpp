// Store: the folder (or memory) that holds a tape. Open one per process and folder; it may be used
// from many threads.
#pragma once

#include "tapedeck/base/error.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/time.hpp"
#include "tapedeck/store/coverage.hpp"
#include "tapedeck/store/observe.hpp"
#include "tapedeck/store/pool.hpp"
#include "tapedeck/store/window.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tapedeck {

enum class OpenMode {
  read,    // the store must exist; other processes may read at the same time
  write,   // the store must exist; no other process may have it open
  create,  // like write, and made when it is not there
};

// What `trades` means in SQL where neither a schema nor a profile is named: the venue's prints, or
// one's own fills as dreammaker.trades has them.
enum class DefaultTrades { market, fills };

// Absent values come from the environment (TAPEDECK_MEMORY_LIMIT …), the store's tapedeck.toml, or
// the default, in this order.
struct StoreOptions {
  OpenMode mode = OpenMode::read;
  // Parameters that affect performance
  std::optional<uint64_t> memory_limit_bytes = {};  // default: a quarter of the RAM, 2 GiB at most
  std::optional<int> threads = {};  // of one SQL query; default 1, see docs/tuning.md
  std::optional<std::string> temp_directory = {};           // default: tmp/ inside the store
  std::optional<uint64_t> max_temp_directory_bytes = {};    // default 50 GiB
  std::optional<uint64_t> checkpoint_threshold_bytes = {};  // default 128 MiB of WAL
  PoolOptions pool = {};                                    // of those who read
  WindowOptions window = {};                                // what is kept in memory
  ObserveOptions observe = {};                              // what the store says of its work
  std::optional<DefaultTrades> default_trades = {};         // default: market
};

struct DatasetStats {
  std::string instrument;  // "binance:BTCUSDT"
  std::string dataset;     // as in coverage
  int64_t rows = 0;
  Timestamp first;
  Timestamp last;
  int64_t loads = 0;
};

struct StoreStats {
  std::string path;
  int schema_version = 0;
  std::string duckdb_version;
  uint64_t database_bytes = 0;  // blocks in use
  uint64_t free_bytes = 0;      // blocks inside the file that new rows will use
  uint64_t wal_bytes = 0;
  int64_t trades = 0;
  std::vector<DatasetStats> datasets;
};

// Bytes of the files before and after.
struct OptimizeReport {
  uint64_t database_bytes_before = 0;
  uint64_t database_bytes = 0;
  uint64_t wal_bytes_before = 0;
  uint64_t wal_bytes = 0;
};

// Of one table. Absent: one without rows, or without a time.
struct TableStats {
  std::string table;  // "tape.trades"
  int64_t rows = 0;
  // Of the blocks that hold it; one that small tables share counts for each. What only the WAL has
  // is in none yet.
  uint64_t bytes = 0;
  std::optional<Timestamp> oldest = {};
  std::optional<Timestamp> newest = {};
};

enum class NewVenue { refuse, add };

class StoreCore;

class Store {
 public:
  // `path` is a folder; `trading.duckdb` names the folder `trading.deck` beside it; ":memory:" is a
  // store without files. An older schema is migrated after store.duckdb was copied to backups/.
  // Errors: not_found, not_a_store, store_busy (names the PID), schema_newer, read_only, corrupt,
  // disk_full, config.
  explicit Store(const std::filesystem::path& path, const StoreOptions& options = {});
  ~Store();
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;

  const std::filesystem::path& path() const;

  // nullopt when the store does not know it.
  std::optional<Instrument> find_instrument(const InstrumentName& name) const;
  // Reads `venue:symbol`, or a symbol that only one venue has. Error{not_found} says what is there
  // and what was probably meant.
  Instrument instrument(std::string_view name) const;
  std::vector<Instrument> instruments() const;
  // Finds or makes it; two callers at once get the same id. Error{invalid_argument} for a venue
  // that the store does not know, unless it may be added.
  Instrument resolve_instrument(const InstrumentName& name, NewVenue venue = NewVenue::refuse);

  // Folded: joined ranges and the gaps between them, rising by time.
  std::vector<CoverageRow> coverage(InstrumentId instrument, std::string_view dataset) const;
  // Every dataset of the instrument that has any.
  std::vector<CoverageRow> coverage(InstrumentId instrument) const;

  StoreStats stats() const;
  // Every table, largest first. Reads which blocks each one has: milliseconds a table.
  std::vector<TableStats> table_statistics() const;
  PoolStats pool_stats() const;
  WindowStats window_stats() const;

  // Settings: text keys, JSON values.
  std::optional<std::string> find_setting(const std::string& key) const;
  std::vector<std::pair<std::string, std::string>> settings() const;
  // Error{invalid_argument} when `json` is no JSON.
  void set_setting(const std::string& key, const std::string& json);
  // False when there was none.
  bool delete_setting(const std::string& key);

  // Writes what waits in the WAL into the database file and refreshes statistics.
  OptimizeReport optimize();

  // For the layers above; not part of the public contract.
  StoreCore& core() const { return *core_; }

 private:
  std::unique_ptr<StoreCore> core_;
};

}  // namespace tapedeck
