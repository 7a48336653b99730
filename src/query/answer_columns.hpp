// How the rows of a prepared statement become the cells of a RowSink.
#pragma once

#include "duck/database.hpp"
#include "tapedeck/query/rows.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tapedeck {

// A column as DuckDB gives it.
struct ColumnSource {
  Column column;
  duckdb_type type = DUCKDB_TYPE_VARCHAR;      // of the column as fetched
  duckdb_type internal = DUCKDB_TYPE_INVALID;  // of a decimal
  bool needs_cast = false;                     // to text: no cell can hold its type
};

class AnswerColumns {
 public:
  explicit AnswerColumns(const duck::Statement& statement);

  bool need_cast() const;
  // The same query with the columns that no cell can hold cast to text. `sql` is one statement.
  std::string with_casts(const std::string& sql) const;
  // `statement` has these columns, cast where they need it. Returns the rows given.
  int64_t give_rows(duck::Statement& statement, RowSink& sink) const;

 private:
  std::vector<ColumnSource> sources_;
};

}  // namespace tapedeck
