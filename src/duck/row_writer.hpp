// RowWriter: rows of any columns into one table, value by value in the order of the columns.
#pragma once

#include "duck/appender.hpp"
#include "tapedeck/base/uuid.hpp"
#include "tapedeck/market/amount.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tapedeck::duck {

// `transaction` must outlive it. Rows are stored by close() and the transaction's commit(). A value
// must have the storage type of its column: int64_t BIGINT, Timestamp TIMESTAMP_NS, Amount
// DECIMAL(38,12).
class RowWriter {
 public:
  RowWriter(Transaction& transaction, std::string_view schema, std::string_view table);

  RowWriter& put(int64_t value) { return put_as(value); }
  RowWriter& put(int32_t value) { return put_as(value); }
  RowWriter& put(double value) { return put_as(value); }
  RowWriter& put(bool value) { return put_as(value); }
  RowWriter& put(Timestamp value) { return put_as(to_epoch_ns(value)); }
  RowWriter& put(Amount value);
  RowWriter& put(const Uuid& value);
  RowWriter& put(std::string_view value);
  RowWriter& put_null();
  template <typename Value>
  RowWriter& put(const std::optional<Value>& value) {
    return value ? put(*value) : put_null();
  }
  // Every column has its value.
  void end_row();
  void close();

 private:
  template <typename T>
  RowWriter& put_as(T value) {
    chunk_.column<T>(column_++)[row_] = value;
    return *this;
  }
  void flush();

  Appender appender_;
  RowChunk chunk_;
  size_t columns_;
  size_t column_ = 0;
  size_t row_ = 0;
};

}  // namespace tapedeck::duck
