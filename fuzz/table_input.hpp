// What both fuzzers of tables do: a format from the first bytes, and the same text whole and in
// pieces.
#pragma once

#include "base/check.hpp"
#include "feed/table_decoder.hpp"
#include "input.hpp"
#include "tapedeck/base/error.hpp"

#include <string>
#include <vector>

namespace tapedeck {

inline TableFormat table_format(unsigned choice) {
  TableFormat format{.kind = static_cast<DataKind>(choice % 4), .ignore_extra = true};
  if ((choice & 4U) != 0) format.instrument = parse_instrument_name("binance:BTCUSDT");
  if ((choice & 8U) != 0) format.interval = BarInterval::parse("1m");
  return format;
}

struct DecodedTable {
  std::vector<TableSeries> series;
  int64_t lines = 0;
  int64_t refused = 0;
  std::string failure;

  size_t rows() const {
    size_t rows = 0;
    for (const TableSeries& one : series)
      rows += one.rows();
    return rows;
  }
};

// `take(decoder)` returns the series.
template <typename Decoder, typename Take>
DecodedTable decoded_table(const TableFormat& format, std::string_view text, size_t piece,
                           Take take) {
  Decoder decoder{format};
  DecodedTable result;
  try {
    decode_in_pieces(decoder, text, piece);
    result.series = take(decoder);
  } catch (const Error& error) {
    result.failure = error.what();
  }
  result.lines = decoder.lines();
  result.refused = decoder.refused();
  return result;
}

// Pieces give what the whole gives, which is returned.
template <typename Decoder, typename Take>
DecodedTable decoded_both_ways(const TableFormat& format, std::string_view text, size_t piece,
                               Take take) {
  DecodedTable whole = decoded_table<Decoder>(format, text, text.size() + 1, take);
  const DecodedTable pieces = decoded_table<Decoder>(format, text, piece, take);
  TAPEDECK_CHECK(whole.failure == pieces.failure, "'{}' and '{}'", whole.failure, pieces.failure);
  TAPEDECK_CHECK(
      !whole.failure.empty() || (whole.lines == pieces.lines && whole.refused == pieces.refused &&
                                 whole.rows() == pieces.rows()),
      "{} rows and {}", whole.rows(), pieces.rows());
  return whole;
}

}  // namespace tapedeck
