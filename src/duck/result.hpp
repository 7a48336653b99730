// Result: the rows of a query, chunk by chunk as typed column spans, or row by row for small ones.
#pragma once

#include "duck/handle.hpp"
#include "tapedeck/market/decimal.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tapedeck::duck {

// Of a row in the bits that Result::validity() gives; without bits every row has a value.
inline bool is_valid(const uint64_t* bits, size_t row) {
  return bits == nullptr || ((bits[row / 64] >> (row % 64)) & 1U) != 0;
}

class Result {
 public:
  Result() = default;
  ~Result();
  Result(Result&& other) noexcept;
  Result& operator=(Result&& other) noexcept;

  // Moves to the next chunk; false at the end. Throws Error when the query fails on the way.
  bool next_chunk();
  size_t rows() const { return rows_; }  // of this chunk
  // Borrowed until the next chunk. T must be the column's storage type.
  template <typename T>
  std::span<const T> column(size_t index) const {
    return {static_cast<const T*>(duckdb_vector_get_data(vector(index))), rows_};
  }
  // Bit per row; nullptr when no row of this chunk is NULL.
  const uint64_t* validity(size_t index) const;

  // Moves to the next row, across chunks; false at the end.
  bool next_row();
  bool is_null(size_t column) const;
  int64_t int64(size_t column) const;  // any integer type up to 64 bits
  int128 hugeint(size_t column) const;
  bool boolean(size_t column) const;
  std::string text(size_t column) const;
  Timestamp timestamp(size_t column) const;  // TIMESTAMP_NS and TIMESTAMP
  std::optional<int64_t> find_int64(size_t column) const;
  std::optional<std::string> find_text(size_t column) const;

  size_t row() const { return row_; }  // of the chunk that next_row() is in

  size_t columns() const;
  int64_t rows_changed();
  duckdb_result* raw() { return &result_; }
  // The text of a VARCHAR cell; borrowed until the next chunk.
  std::string_view text_at(size_t column, size_t row) const;
  bool is_null_at(size_t column, size_t row) const;

 private:
  duckdb_vector vector(size_t index) const {
    return duckdb_data_chunk_get_vector(chunk_.get(), index);
  }

  duckdb_result result_{};
  ChunkHandle chunk_;
  size_t rows_ = 0;
  size_t row_ = 0;
  bool before_first_row_ = true;
};

}  // namespace tapedeck::duck
