// Rows of named, typed cells: what SQL gives back and what presenters take.
#pragma once

#include "tapedeck/market/decimal.hpp"
#include "tapedeck/market/time.hpp"
#include "tapedeck/store/store.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tapedeck {

enum class CellType { time, decimal, integer, real, boolean, text };

struct Column {
  std::string name;
  CellType type = CellType::text;
  int digits = 0;  // decimal: most digits behind the point
};

// std::monostate: absent. A string_view is valid until the sink's row() returns.
using Cell =
    std::variant<std::monostate, Timestamp, Decimal, int64_t, double, bool, std::string_view>;

class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual void begin(std::span<const Column> columns) = 0;
  virtual void row(std::span<const Cell> cells) = 0;
  // Nothing counts as written before end() returned.
  virtual void end() = 0;
};

// A Parquet file (zstd 3): TIMESTAMP_NS, DECIMAL(38, digits), BIGINT, DOUBLE, BOOLEAN, VARCHAR.
// Written beside `path` and renamed at end(). Error{already_exists} unless `replace`.
enum class Existing { refuse, replace };
std::unique_ptr<RowSink> parquet_sink(const std::filesystem::path& path, Existing existing);

enum class SqlAccess { read, write };
// Runs one or more statements; the rows of the last go to `sink`. SqlAccess::read refuses every
// statement that would change the store with Error{read_only}. Types that Cell lacks arrive as
// DuckDB's own text. With a profile (the schema of one of sql_profiles()), names without a schema
// mean its views first; for reading only. Error{invalid_argument} for an unknown one. Each call is
// a session of its own: SET and temporary tables end with it, and a BEGIN without its COMMIT is
// rolled back. Returns the rows given.
int64_t run_sql(Store& store, const std::string& sql, SqlAccess access, RowSink& sink,
                const std::string& profile = {});
std::span<const std::string> sql_profiles();

}  // namespace tapedeck
