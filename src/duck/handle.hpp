// Owns one opaque handle of DuckDB's C API.
#pragma once

#include <duckdb.h>

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

#include <utility>

namespace tapedeck::duck {

// Locks of DuckDB's allocator order a free before the next use of the same memory. libduckdb is not
// built for ThreadSanitizer, which therefore does not see them.
#if defined(__SANITIZE_THREAD__)
inline char allocator_locks;
inline void note_allocated() {
  __tsan_acquire(&allocator_locks);
}
inline void note_freed() {
  __tsan_release(&allocator_locks);
}
#else
inline void note_allocated() {}
inline void note_freed() {}
#endif

template <typename Raw, auto destroy>
class Handle {
 public:
  Handle() = default;
  explicit Handle(Raw raw) : raw_{raw} { note_allocated(); }
  ~Handle() { reset(); }
  Handle(Handle&& other) noexcept : raw_{std::exchange(other.raw_, nullptr)} {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      reset();
      raw_ = std::exchange(other.raw_, nullptr);
    }
    return *this;
  }

  Raw get() const { return raw_; }
  // For the functions of the C API that create into a pointer; the handle must be empty.
  Raw* out() { return &raw_; }
  explicit operator bool() const { return raw_ != nullptr; }
  void reset() {
    if (raw_ == nullptr) return;
    note_freed();
    destroy(&raw_);
    raw_ = nullptr;
  }

 private:
  Raw raw_ = nullptr;
};

using DatabaseHandle = Handle<duckdb_database, duckdb_close>;
using ConnectionHandle = Handle<duckdb_connection, duckdb_disconnect>;
using StatementHandle = Handle<duckdb_prepared_statement, duckdb_destroy_prepare>;
using PendingHandle = Handle<duckdb_pending_result, duckdb_destroy_pending>;
using ChunkHandle = Handle<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using TypeHandle = Handle<duckdb_logical_type, duckdb_destroy_logical_type>;
using ConfigHandle = Handle<duckdb_config, duckdb_destroy_config>;
using ExtractedHandle = Handle<duckdb_extracted_statements, duckdb_destroy_extracted>;
using ValueHandle = Handle<duckdb_value, duckdb_destroy_value>;

}  // namespace tapedeck::duck
