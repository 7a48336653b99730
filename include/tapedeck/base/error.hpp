// The one exception type for failed operations. A bug aborts (src/base/check.hpp); a bad datum is a
// value (tl::expected); only an operation that cannot be carried out throws Error.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace tapedeck {

// What the caller can do about it decides the code, not where it happened.
enum class ErrorCode {
  invalid_argument,   // the request itself is wrong: a bad flag, range, interval, value
  not_found,          // no such store, instrument, file, setting
  already_exists,     // would overwrite
  store_busy,         // another process holds the store; the message names its PID
  not_a_store,        // the path exists and is something else
  schema_newer,       // the store was written by a later version
  schema_mismatch,    // tables differ from what this version made
  read_only,          // a write on something opened or mounted read-only
  disk_full,          // no space; what was committed before is intact
  io,                 // the operating system refused a file operation
  corrupt,            // stored bytes are damaged
  bad_input,          // a file to import is damaged or not what it says
  checksum_mismatch,  // a file differs from the checksum beside it
  conflict,           // the same identity with other content
  out_of_range,       // a number does not fit
  unsupported,        // known, but not handled by this version
  timeout,            // there was no room, no free reader, no answer in time
  query_timeout,      // a query took longer than allowed
  write_conflict,     // a transaction met another one's changes
  cancelled,          // stopped by the caller (Ctrl-C)
  config,             // a settings file or environment variable is wrong
  engine,             // DuckDB refused for another reason; the message has its words
};

// The enumerator's own name, e.g. "store_busy".
std::string_view to_text(ErrorCode code);

// True where trying again later, unchanged, may succeed.
bool is_retryable(ErrorCode code);

class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error{message}, code_{code} {}

  ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace tapedeck
