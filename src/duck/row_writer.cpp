#include "duck/row_writer.hpp"

#include "base/check.hpp"

namespace tapedeck::duck {

RowWriter::RowWriter(Transaction& transaction, std::string_view schema, std::string_view table)
    : appender_{transaction, schema, table},
      chunk_{appender_.column_types()},
      columns_{appender_.column_types().size()} {}

RowWriter& RowWriter::put(Amount value) {
  const int128 units = value.units();
  return put_as(duckdb_hugeint{.lower = static_cast<uint64_t>(units),
                               .upper = static_cast<int64_t>(units >> 64)});
}

// DuckDB keeps a UUID as a number of 128 bits whose order is that of its text.
RowWriter& RowWriter::put(const Uuid& value) {
  return put_as(duckdb_hugeint{.lower = value.low,
                               .upper = static_cast<int64_t>(value.high ^ (uint64_t{1} << 63))});
}

RowWriter& RowWriter::put(std::string_view value) {
  chunk_.set_text(column_++, row_, value);
  return *this;
}

RowWriter& RowWriter::put_null() {
  chunk_.set_null(column_++, row_);
  return *this;
}

void RowWriter::end_row() {
  TAPEDECK_CHECK(column_ == columns_, "a row of {} values for {} columns", column_, columns_);
  column_ = 0;
  if (++row_ == RowChunk::kRows) flush();
}

void RowWriter::flush() {
  if (row_ == 0) return;
  chunk_.set_rows(row_);
  appender_.append(chunk_);
  chunk_.reset();
  row_ = 0;
}

void RowWriter::close() {
  flush();
  appender_.close();
}

}  // namespace tapedeck::duck
