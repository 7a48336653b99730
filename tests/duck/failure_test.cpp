#include "duck/failure.hpp"

#include "thrown.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace tapedeck;
using namespace tapedeck::test;

TEST_CASE("DuckDB's words decide the code, and stay in the message") {
  struct Case {
    const char* reason;
    duckdb_error_type type;
    ErrorCode code;
  };
  const std::vector<Case> cases{
      {"Could not set lock on file \"x\": Conflicting lock is held in y (PID 7)", DUCKDB_ERROR_IO,
       ErrorCode::store_busy},
      {"Could not write: No space left on device", DUCKDB_ERROR_IO, ErrorCode::disk_full},
      {"The file exists, but it is not a valid DuckDB database file!", DUCKDB_ERROR_IO,
       ErrorCode::corrupt},
      {"Cannot execute statement: attached in read-only mode!", DUCKDB_ERROR_INVALID_INPUT,
       ErrorCode::read_only},
      {"Duplicate key \"a: 1\" violates primary key", DUCKDB_ERROR_CONSTRAINT, ErrorCode::conflict},
      {"Interrupted!", DUCKDB_ERROR_INTERRUPT, ErrorCode::cancelled},
      {"Table does not exist", DUCKDB_ERROR_CATALOG, ErrorCode::invalid_argument},
      {"Value out of range", DUCKDB_ERROR_OUT_OF_RANGE, ErrorCode::out_of_range},
      {"something else", DUCKDB_ERROR_INTERNAL, ErrorCode::engine},
  };
  for (const Case& one : cases) {
    check_refused(one.code, {"cannot do it: ", one.reason},
                  [&] { duck::fail("cannot do it", one.reason, one.type); });
  }
}
