// Database, Connection, Statement: open, run, bind. A Connection keeps its database open; it
// outlives its Statements and Transactions, and belongs to one thread at a time: only interrupt()
// may be called from another.
#pragma once

#include "duck/handle.hpp"
#include "duck/result.hpp"
#include "tapedeck/base/uuid.hpp"
#include "tapedeck/market/decimal.hpp"
#include "tapedeck/market/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tapedeck::duck {

struct DatabaseOptions {
  std::string path;  // empty: in memory
  bool read_only = false;
  // Given to the open call, since the WAL is read before any SET could be sent.
  std::vector<std::pair<std::string, std::string>> settings;
};

class Connection;

class Database {
 public:
  explicit Database(const DatabaseOptions& options);
  Connection connect();
  long connections() const { return handle_.use_count() - 1; }
  static std::string version();  // "v1.5.5"

 private:
  std::shared_ptr<DatabaseHandle> handle_ = std::make_shared<DatabaseHandle>();
};

// Placeholders are numbered from 1.
class Statement {
 public:
  Statement& bind(int index, int64_t value);
  Statement& bind(int index, int value) { return bind(index, int64_t{value}); }
  Statement& bind(int index, bool value);
  Statement& bind(int index, double value);
  Statement& bind(int index, std::string_view value);
  Statement& bind(int index, const char* value) { return bind(index, std::string_view{value}); }
  Statement& bind(int index, std::span<const std::byte> value);
  Statement& bind(int index, Timestamp value);
  Statement& bind(int index, int128 value);
  Statement& bind(int index, const Uuid& value);
  Statement& bind_null(int index);
  template <typename Value>
  Statement& bind(int index, const std::optional<Value>& value) {
    return value ? bind(index, *value) : bind_null(index);
  }

  // Runs to the end; the rows are kept.
  Result run();
  // Rows are produced as they are fetched. The statement must outlive the result.
  Result stream();
  size_t columns() const;
  size_t parameters() const;
  std::string column_name(size_t column) const;
  TypeHandle column_type(size_t column) const;
  // BEGIN, COMMIT, ROLLBACK.
  bool controls_transaction() const;

 private:
  friend class Connection;
  Statement(StatementHandle handle, std::string sql)
      : handle_{std::move(handle)}, sql_{std::move(sql)} {}
  void check(duckdb_state state, std::string_view action);

  StatementHandle handle_;
  std::string sql_;  // for messages
};

class Connection {
 public:
  // One or more statements without placeholders; the result of the last.
  Result run(std::string_view sql);
  // Prepared at its first use and, with placeholders, kept: for the fixed texts of the program.
  // Valid as long as the connection; a second call with one text ends the stream of the first.
  Statement& prepare(const std::string& sql);
  // For texts that come once.
  Statement prepare_once(std::string_view sql);
  // Number `index` of a text of several; `sql` is for messages.
  Statement prepare_extracted(const ExtractedHandle& extracted, size_t index, std::string_view sql);
  // Stops the query that runs on this connection; it fails with `cancelled`. Any thread.
  void interrupt();
  duckdb_connection raw() const { return handle_.get(); }

 private:
  friend class Database;
  Connection(std::shared_ptr<DatabaseHandle> database, ConnectionHandle handle)
      : database_{std::move(database)}, handle_{std::move(handle)} {}
  std::shared_ptr<DatabaseHandle> database_;
  ConnectionHandle handle_;
  std::unordered_map<std::string, Statement> statements_;
};

}  // namespace tapedeck::duck
