#include "tapedeck/base/error.hpp"

namespace tapedeck {

std::string_view to_text(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument: return "invalid_argument";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::already_exists: return "already_exists";
    case ErrorCode::store_busy: return "store_busy";
    case ErrorCode::not_a_store: return "not_a_store";
    case ErrorCode::schema_newer: return "schema_newer";
    case ErrorCode::schema_mismatch: return "schema_mismatch";
    case ErrorCode::read_only: return "read_only";
    case ErrorCode::disk_full: return "disk_full";
    case ErrorCode::io: return "io";
    case ErrorCode::corrupt: return "corrupt";
    case ErrorCode::bad_input: return "bad_input";
    case ErrorCode::checksum_mismatch: return "checksum_mismatch";
    case ErrorCode::conflict: return "conflict";
    case ErrorCode::out_of_range: return "out_of_range";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::timeout: return "timeout";
    case ErrorCode::query_timeout: return "query_timeout";
    case ErrorCode::write_conflict: return "write_conflict";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::config: return "config";
    case ErrorCode::engine: return "engine";
  }
  return "engine";
}

bool is_retryable(ErrorCode code) {
  return code == ErrorCode::store_busy || code == ErrorCode::timeout ||
         code == ErrorCode::write_conflict;
}

}  // namespace tapedeck
