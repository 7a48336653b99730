// TableCsvDecoder: the lines of a CSV file of market data that names its columns, or whose columns
// the format names, into series of rows. Pure; feed it the bytes in pieces of any length.
#pragma once

#include "feed/csv.hpp"
#include "feed/table_decoder.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

class TableCsvDecoder {
 public:
  explicit TableCsvDecoder(const TableFormat& format, TableDecoder::ScaleOf scale_of = {},
                           SeenTimes* seen = nullptr);

  // Throws Error{bad_input} for a header that cannot be read as the format says, and what
  // TableColumns throws.
  void decode(std::span<const char> bytes);
  void finish();

  // Series that are full so far, all after finish().
  std::vector<TableSeries> take_series();
  // All rows so far; the next ones go on behind them.
  std::vector<TableSeries> take_all();
  // Refused lines since the last call.
  std::vector<DecodeError> take_errors() { return log_.take_errors(); }
  int64_t refused() const { return log_.refused(); }
  int64_t lines() const { return log_.lines(); }

 private:
  void take_lines(std::string_view lines);
  Field<void> take_line(std::string_view line);
  // False when the line is a header.
  bool begin_with(std::string_view line);

  // Constant after construction
  TableFormat format_;
  TableDecoder::ScaleOf scale_of_;
  SeenTimes* seen_;

  LinePieces pieces_;
  LineLog log_{std::nullopt};
  char delimiter_ = ',';
  std::optional<TableDecoder> decoder_;  // from the first line on
  std::vector<std::string_view> fields_;
  bool finished_ = false;
};

}  // namespace tapedeck
