// Lines of JSON: any bytes become rows that obey the rules or refused lines, and pieces of any
// length give what the whole gives.
#include "base/check.hpp"
#include "feed/table_ndjson.hpp"
#include "input.hpp"
#include "tapedeck/base/error.hpp"

#include <string>
#include <vector>

namespace tapedeck {
namespace {

struct Decoded {
  std::vector<TableSeries> series;
  int64_t lines = 0;
  int64_t refused = 0;
  std::string failure;
};

Decoded decoded(const TableFormat& format, std::string_view text, size_t piece) {
  TableNdjsonDecoder decoder{format};
  Decoded result;
  try {
    decode_in_pieces(decoder, text, piece);
    result.series = decoder.take_all();
  } catch (const Error& error) {
    result.failure = error.what();
  }
  result.lines = decoder.lines();
  result.refused = decoder.refused();
  return result;
}

size_t rows_of(const Decoded& all) {
  size_t rows = 0;
  for (const TableSeries& series : all.series)
    rows += series.rows();
  return rows;
}

}  // namespace
}  // namespace tapedeck

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  FuzzInput input{data, size};
  const unsigned choice = input.option();
  const size_t piece = 1 + input.option() % 100U;
  TableFormat format{.kind = static_cast<DataKind>(choice % 4), .ignore_extra = true};
  if ((choice & 4U) != 0) format.instrument = parse_instrument_name("binance:BTCUSDT");
  if ((choice & 8U) != 0) format.interval = BarInterval::parse("1m");
  const std::string_view text = input.text();
  const Decoded whole = decoded(format, text, text.size() + 1);
  const Decoded pieces = decoded(format, text, piece);
  TAPEDECK_CHECK(whole.failure == pieces.failure, "'{}' and '{}'", whole.failure, pieces.failure);
  if (!whole.failure.empty()) return 0;
  TAPEDECK_CHECK(whole.lines == pieces.lines && whole.refused == pieces.refused &&
                     rows_of(whole) == rows_of(pieces),
                 "{} rows and {}", rows_of(whole), rows_of(pieces));
  for (const TableSeries& series : whole.series) {
    const auto* block = std::get_if<TradeBlock>(&series.content);
    for (size_t row = 0; block != nullptr && row < block->rows(); ++row)
      TAPEDECK_CHECK(block->price[row] > 0 && block->quantity[row] >= 0, "row {}", row);
  }
  return 0;
}
