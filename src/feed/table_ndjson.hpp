// TableNdjsonDecoder: lines with one JSON object each, whose members are the fields of a kind of
// market data, into series of rows. Pure; feed it the bytes in pieces of any length. Numbers keep
// the digits they are written with.
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

class TableNdjsonDecoder {
 public:
  explicit TableNdjsonDecoder(const TableFormat& format, TableDecoder::ScaleOf scale_of = {},
                              SeenTimes* seen = nullptr);
  ~TableNdjsonDecoder();

  void decode(std::span<const char> bytes);
  void finish();

  // All rows so far; the next ones go on behind them.
  std::vector<TableSeries> take_all();
  // Refused lines since the last call.
  std::vector<DecodeError> take_errors() { return log_.take_errors(); }
  int64_t refused() const { return log_.refused(); }
  int64_t lines() const { return log_.lines(); }

 private:
  struct Json;

  void take_lines(std::string_view lines);
  Field<void> take_line(std::string_view line);
  Field<void> read_members(std::string_view line);
  Field<void> add_columns(const std::vector<std::string>& names);

  // Constant after construction
  TableFormat format_;
  TableDecoder::ScaleOf scale_of_;
  SeenTimes* seen_;

  LinePieces pieces_;
  LineLog log_{std::nullopt};
  std::unique_ptr<Json> json_;
  std::vector<std::string> columns_;     // every name met so far
  std::optional<TableDecoder> decoder_;  // of these columns
  std::vector<TableSeries> done_;        // of decoders before it
  std::vector<std::string> texts_;       // of the line, by column
  std::vector<std::string_view> values_;
};

}  // namespace tapedeck
