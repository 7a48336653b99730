#include "duck/result.hpp"

#include "base/check.hpp"
#include "duck/failure.hpp"

#include <utility>

namespace tapedeck::duck {

Result::~Result() {
  chunk_.reset();
  duckdb_destroy_result(&result_);
}

Result::Result(Result&& other) noexcept
    : result_{std::exchange(other.result_, duckdb_result{})},
      chunk_{std::move(other.chunk_)},
      rows_{other.rows_},
      row_{other.row_},
      before_first_row_{other.before_first_row_} {}

Result& Result::operator=(Result&& other) noexcept {
  if (this != &other) {
    chunk_ = std::move(other.chunk_);
    duckdb_destroy_result(&result_);
    result_ = std::exchange(other.result_, duckdb_result{});
    rows_ = other.rows_;
    row_ = other.row_;
    before_first_row_ = other.before_first_row_;
  }
  return *this;
}

bool Result::next_chunk() {
  chunk_.reset();
  rows_ = 0;
  chunk_ = ChunkHandle{duckdb_fetch_chunk(result_)};
  if (!chunk_) {
    const char* reason = duckdb_result_error(&result_);
    if (reason != nullptr && *reason != '\0') {
      fail("cannot read the rows of a query", reason, duckdb_result_error_type(&result_));
    }
    return false;
  }
  rows_ = duckdb_data_chunk_get_size(chunk_.get());
  return rows_ > 0;
}

const uint64_t* Result::validity(size_t index) const {
  return duckdb_vector_get_validity(vector(index));
}

bool Result::next_row() {
  if (!before_first_row_ && row_ + 1 < rows_) {
    ++row_;
    return true;
  }
  before_first_row_ = false;
  row_ = 0;
  return next_chunk();
}

bool Result::is_null_at(size_t column, size_t row) const {
  const uint64_t* mask = validity(column);
  return mask != nullptr && !duckdb_validity_row_is_valid(const_cast<uint64_t*>(mask), row);
}

bool Result::is_null(size_t column) const {
  return is_null_at(column, row_);
}

int64_t Result::int64(size_t column) const {
  const void* values = duckdb_vector_get_data(vector(column));
  const TypeHandle type{duckdb_vector_get_column_type(vector(column))};
  switch (duckdb_get_type_id(type.get())) {
    case DUCKDB_TYPE_BOOLEAN:
    case DUCKDB_TYPE_UTINYINT: return static_cast<const uint8_t*>(values)[row_];
    case DUCKDB_TYPE_TINYINT: return static_cast<const int8_t*>(values)[row_];
    case DUCKDB_TYPE_SMALLINT: return static_cast<const int16_t*>(values)[row_];
    case DUCKDB_TYPE_USMALLINT: return static_cast<const uint16_t*>(values)[row_];
    case DUCKDB_TYPE_INTEGER: return static_cast<const int32_t*>(values)[row_];
    case DUCKDB_TYPE_UINTEGER: return static_cast<const uint32_t*>(values)[row_];
    case DUCKDB_TYPE_HUGEINT: return static_cast<int64_t>(hugeint(column));
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_NS: return static_cast<const int64_t*>(values)[row_];
    default: break;
  }
  TAPEDECK_CHECK(false, "column {} is no integer", column);
  return 0;
}

int128 Result::hugeint(size_t column) const {
  const duckdb_hugeint value = this->column<duckdb_hugeint>(column)[row_];
  return static_cast<int128>((static_cast<uint128>(static_cast<uint64_t>(value.upper)) << 64) |
                             value.lower);
}

bool Result::boolean(size_t column) const {
  return this->column<bool>(column)[row_];
}

std::string_view Result::text_at(size_t column, size_t row) const {
  auto* strings = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector(column)));
  return {duckdb_string_t_data(&strings[row]), duckdb_string_t_length(strings[row])};
}

std::string Result::text(size_t column) const {
  return std::string{text_at(column, row_)};
}

Timestamp Result::timestamp(size_t column) const {
  const TypeHandle type{duckdb_vector_get_column_type(vector(column))};
  const int64_t value = this->column<int64_t>(column)[row_];
  return from_epoch_ns(duckdb_get_type_id(type.get()) == DUCKDB_TYPE_TIMESTAMP ? value * 1000
                                                                               : value);
}

std::optional<int64_t> Result::find_int64(size_t column) const {
  return is_null(column) ? std::nullopt : std::optional{int64(column)};
}

std::optional<std::string> Result::find_text(size_t column) const {
  return is_null(column) ? std::nullopt : std::optional{text(column)};
}

size_t Result::columns() const {
  return duckdb_column_count(const_cast<duckdb_result*>(&result_));
}

int64_t Result::rows_changed() {
  return static_cast<int64_t>(duckdb_rows_changed(&result_));
}

}  // namespace tapedeck::duck
