#include "duck/appender.hpp"

#include "duck/failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace tapedeck::duck {

namespace {

std::string reason_of(duckdb_appender appender) {
  const char* reason = appender != nullptr ? duckdb_appender_error(appender) : nullptr;
  return reason != nullptr ? reason : "DuckDB gave no reason";
}

}  // namespace

RowChunk::RowChunk(std::initializer_list<duckdb_type> types) {
  std::vector<TypeHandle> owned;
  for (const duckdb_type type : types)
    owned.emplace_back(duckdb_create_logical_type(type));
  *this = RowChunk{owned};
}

RowChunk::RowChunk(const std::vector<TypeHandle>& types) {
  std::vector<duckdb_logical_type> raw;
  for (const TypeHandle& type : types)
    raw.push_back(type.get());
  handle_ = ChunkHandle{duckdb_create_data_chunk(raw.data(), raw.size())};
}

void RowChunk::set_null(size_t index, size_t row) {
  duckdb_vector_ensure_validity_writable(vector(index));
  duckdb_validity_set_row_invalid(duckdb_vector_get_validity(vector(index)), row);
}

void RowChunk::set_all_null(size_t index) {
  fill_validity(index, 0);
}
void RowChunk::set_all_valid(size_t index) {
  fill_validity(index, ~uint64_t{0});
}

void RowChunk::fill_validity(size_t index, uint64_t word) {
  duckdb_vector_ensure_validity_writable(vector(index));
  std::fill_n(duckdb_vector_get_validity(vector(index)), kRows / 64, word);
}

void RowChunk::set_text(size_t index, size_t row, std::string_view text) {
  duckdb_vector_assign_string_element_len(vector(index), row, text.data(), text.size());
}

Appender::Appender(Transaction& transaction, std::string_view schema, std::string_view table)
    : table_{fmt::format("{}.{}", schema, table)} {
  const std::string schema_text{schema};
  const std::string table_text{table};
  if (duckdb_appender_create(transaction.connection().raw(), schema_text.c_str(),
                             table_text.c_str(), &raw_) != DuckDBSuccess) {
    const std::string reason = reason_of(raw_);
    duckdb_appender_destroy(&raw_);
    fail(fmt::format("cannot open an appender on table '{}'", table_), reason);
  }
}

Appender::~Appender() {
  // Destroying flushes into the still open transaction, which then rolls back if it was not
  // committed after close(): nothing is stored by this.
  if (raw_ != nullptr) duckdb_appender_destroy(&raw_);
}

std::vector<TypeHandle> Appender::column_types() const {
  std::vector<TypeHandle> types;
  for (idx_t column = 0; column < duckdb_appender_column_count(raw_); ++column)
    types.emplace_back(duckdb_appender_column_type(raw_, column));
  return types;
}

void Appender::append(const RowChunk& chunk) {
  if (duckdb_append_data_chunk(raw_, chunk.raw()) != DuckDBSuccess) fail_to_append();
}

void Appender::close() {
  if (duckdb_appender_close(raw_) != DuckDBSuccess) fail_to_append();
  duckdb_appender_destroy(&raw_);
  raw_ = nullptr;
}

void Appender::fail_to_append() {
  fail(fmt::format("cannot append to table '{}'", table_), reason_of(raw_));
}

}  // namespace tapedeck::duck
