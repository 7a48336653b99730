// The peer: the same DuckDB library, one table loaded by read_csv in file order, SQL as its manual
// would write it: exact decimals, TIMESTAMP_NS. It gets the CSV files already unpacked, and checks
// nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace tapedeck::bench {

class PlainDuckDB {
 public:
  explicit PlainDuckDB(const std::filesystem::path& file);
  ~PlainDuckDB();
  PlainDuckDB(const PlainDuckDB&) = delete;
  PlainDuckDB& operator=(const PlainDuckDB&) = delete;

  void import(const std::vector<std::filesystem::path>& csv);
  // Runs a query and reads every chunk of its answer; returns the rows.
  int64_t run(const std::string& sql);
  int64_t used_bytes();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tapedeck::bench
