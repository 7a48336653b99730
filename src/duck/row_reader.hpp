// RowReader: the rows of a result, value by value in the order of its columns: what RowWriter
// wrote.
#pragma once

#include "duck/result.hpp"
#include "tapedeck/base/uuid.hpp"
#include "tapedeck/market/amount.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace tapedeck::duck {

// Each take moves to the next column. `result` must outlive it.
class RowReader {
 public:
  explicit RowReader(Result& result) : result_{result} {}

  // Moves to the next row; false at the end.
  bool next() {
    column_ = 0;
    return result_.next_row();
  }
  int64_t take_integer() { return result_.int64(column_++); }
  double take_real() { return result_.column<double>(column_++)[result_.row()]; }
  bool take_boolean() { return result_.boolean(column_++); }
  Timestamp take_time() { return result_.timestamp(column_++); }
  Amount take_amount() { return Amount::of_units(result_.hugeint(column_++)); }
  Uuid take_uuid();
  std::string take_text() { return result_.text(column_++); }

  std::optional<int64_t> find_integer() { return find(&RowReader::take_integer); }
  std::optional<double> find_real() { return find(&RowReader::take_real); }
  std::optional<Timestamp> find_time() { return find(&RowReader::take_time); }
  std::optional<Amount> find_amount() { return find(&RowReader::take_amount); }
  std::optional<Uuid> find_uuid() { return find(&RowReader::take_uuid); }
  std::optional<std::string> find_text() { return find(&RowReader::take_text); }

 private:
  template <typename Value>
  std::optional<Value> find(Value (RowReader::*take)()) {
    if (!result_.is_null(column_)) return (this->*take)();
    ++column_;
    return std::nullopt;
  }

  Result& result_;
  size_t column_ = 0;
};

inline Uuid RowReader::take_uuid() {
  const auto value = static_cast<uint128>(result_.hugeint(column_++));
  return {.high = static_cast<uint64_t>(value >> 64) ^ (uint64_t{1} << 63),
          .low = static_cast<uint64_t>(value)};
}

}  // namespace tapedeck::duck
