// Appender: bulk columns into one table, inside a transaction. DuckDB's own appender commits every
// 204,800 rows outside of one, and its destroy call flushes and loses the error.
#pragma once

#include "duck/handle.hpp"
#include "duck/transaction.hpp"

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace tapedeck::duck {

// At most 2048 rows (DuckDB's vector size) on their way into a table.
class RowChunk {
 public:
  static constexpr size_t kRows = 2048;

  RowChunk(std::initializer_list<duckdb_type> types);
  explicit RowChunk(const std::vector<TypeHandle>& types);

  // Where column `index` is written; `T` must be its storage type. Valid until the chunk goes.
  template <typename T>
  T* column(size_t index) {
    return static_cast<T*>(duckdb_vector_get_data(vector(index)));
  }
  void set_null(size_t index, size_t row);
  void set_all_null(size_t index);
  void set_all_valid(size_t index);
  void set_text(size_t index, size_t row, std::string_view text);
  void set_rows(size_t rows) { duckdb_data_chunk_set_size(handle_.get(), rows); }
  // Forgets rows and NULLs.
  void reset() { duckdb_data_chunk_reset(handle_.get()); }
  duckdb_data_chunk raw() const { return handle_.get(); }

 private:
  void fill_validity(size_t index, uint64_t word);
  duckdb_vector vector(size_t index) { return duckdb_data_chunk_get_vector(handle_.get(), index); }
  ChunkHandle handle_;
};

// `transaction` must outlive the appender. Rows are stored by close() and the transaction's
// commit(); without close() they are dropped with the transaction.
class Appender {
 public:
  Appender(Transaction& transaction, std::string_view schema, std::string_view table);
  ~Appender();
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;

  // Of the table.
  std::vector<TypeHandle> column_types() const;
  void append(const RowChunk& chunk);
  void close();

 private:
  [[noreturn]] void fail_to_append();

  std::string table_;
  duckdb_appender raw_ = nullptr;
};

}  // namespace tapedeck::duck
