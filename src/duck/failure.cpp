#include "duck/failure.hpp"

#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <atomic>
#include <string>

namespace tapedeck::duck {
namespace {

std::atomic<uint64_t> grave_count{0};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// DuckDB's error types do not tell a full disk from a held lock; its words do.
ErrorCode code_of(std::string_view reason, duckdb_error_type type) {
  if (has(reason, "Could not set lock on file")) return ErrorCode::store_busy;
  if (has(reason, "No space left on device") || has(reason, "ENOSPC")) return ErrorCode::disk_full;
  if (has(reason, "options were not recognized")) return ErrorCode::config;
  if (has(reason, "Conflict on ") || has(reason, "write-write conflict") ||
      has(reason, "Cannot CHECKPOINT: there are other write transactions active")) {
    return ErrorCode::write_conflict;
  }
  if (has(reason, "Duplicate key")) return ErrorCode::conflict;
  if (has(reason, "Failed to commit: Could not ")) return ErrorCode::io;
  if (has(reason, "max_temp_directory_size")) return ErrorCode::disk_full;
  if (has(reason, "not a valid DuckDB database file")) return ErrorCode::corrupt;
  if (has(reason, "read-only mode") || has(reason, "Read-only file system")) {
    return ErrorCode::read_only;
  }
  if (has(reason, "checksum") || has(reason, "Corrupt")) return ErrorCode::corrupt;
  switch (type) {
    case DUCKDB_ERROR_INTERRUPT: return ErrorCode::cancelled;
    case DUCKDB_ERROR_CONSTRAINT:
    case DUCKDB_ERROR_TRANSACTION: return ErrorCode::conflict;
    case DUCKDB_ERROR_IO:
    case DUCKDB_ERROR_PERMISSION: return ErrorCode::io;
    case DUCKDB_ERROR_OUT_OF_RANGE:
    case DUCKDB_ERROR_CONVERSION: return ErrorCode::out_of_range;
    case DUCKDB_ERROR_PARSER:
    case DUCKDB_ERROR_BINDER:
    case DUCKDB_ERROR_CATALOG:
    case DUCKDB_ERROR_SYNTAX:
    case DUCKDB_ERROR_INVALID_INPUT: return ErrorCode::invalid_argument;
    default: return ErrorCode::engine;
  }
}

}  // namespace

uint64_t grave_failures() {
  return grave_count;
}

void fail(std::string_view action, std::string_view reason, duckdb_error_type type) {
  if (has(reason, "FATAL") || has(reason, "INTERNAL") || has(reason, "been invalidated"))
    ++grave_count;
  throw Error{code_of(reason, type), fmt::format("{}: {}", action, reason)};
}

}  // namespace tapedeck::duck
