// Lines of JSON: any bytes become rows that obey the rules or refused lines, and pieces of any
// length give what the whole gives.
#include "feed/table_ndjson.hpp"
#include "table_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  FuzzInput input{data, size};
  const unsigned choice = input.option();
  const size_t piece = 1 + input.option() % 100U;
  const TableFormat format = table_format(choice);
  const std::string_view text = input.text();
  const DecodedTable whole = decoded_both_ways<TableNdjsonDecoder>(
      format, text, piece, [](TableNdjsonDecoder& decoder) { return decoder.take_all(); });
  for (const TableSeries& series : whole.series) {
    const auto* block = std::get_if<TradeBlock>(&series.content);
    for (size_t row = 0; block != nullptr && row < block->rows(); ++row)
      TAPEDECK_CHECK(block->price[row] > 0 && block->quantity[row] >= 0, "row {}", row);
  }
  return 0;
}
