// CheckpointGuard: DuckDB 1.5.5 writes blocks of metadata in place when it checkpoints, blocks that
// the file's header still points to. A process that is killed within such a write leaves a database
// that cannot be opened. So their old content, and the headers, lie in `store.duckdb.guard` during
// each checkpoint; whoever opens the store next puts them back, and the WAL has the rest.
#pragma once

#include "duck/database.hpp"
#include "store/location.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tapedeck {

// Of one store, which it outlives: locks belong to processes, and DuckDB's would be gone when this
// closes the file. Not thread-safe.
class CheckpointGuard {
 public:
  explicit CheckpointGuard(const StoreLocation& location);
  ~CheckpointGuard();

  // Before DuckDB opens the database: puts back what a checkpoint that did not end has overwritten.
  void before_opening();
  // DuckDB cannot open it: puts the headers back too. False when there is nothing to put back.
  bool put_back();
  // It is open.
  void after_opening();

  // Of an open database; not through a file of one's own, for the lock's sake.
  void copy_database(const std::filesystem::path& to);

  // Runs `work`, which may checkpoint the database of `connection`.
  void run(duck::Connection& connection, const std::function<void()>& work);

 private:
  class File;
  struct Stretch {
    uint64_t offset = 0;
    std::string bytes;
  };
  using Stretches = std::vector<Stretch>;

  Stretches overwritten_by_checkpoint(duck::Connection& connection);
  void put_back(const Stretches& guarded);
  int headers_written(const std::string& before);
  void write_guard(const Stretches& stretches) const;
  std::optional<Stretches> read_guard() const;
  void remove() const;
  File& file();

  // Constant after construction
  std::filesystem::path database_;  // empty: in memory
  std::filesystem::path path_;

  std::unique_ptr<File> file_;
};

}  // namespace tapedeck
