// DuckDB's refusals become tapedeck::Error here, and nowhere else.
#pragma once

#include <duckdb.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace tapedeck::duck {

// Throws Error with the code that fits DuckDB's words. `action` says what was tried, on what:
// "cannot open store.duckdb".
[[noreturn]] void fail(std::string_view action, std::string_view reason,
                       duckdb_error_type type = DUCKDB_ERROR_INVALID);

// How many failures of this process may be the end of the database that they happened in: DuckDB
// refuses everything after a fatal or internal error, until the file is opened again.
uint64_t grave_failures();

}  // namespace tapedeck::duck
