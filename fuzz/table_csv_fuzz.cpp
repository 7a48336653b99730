// Tables: any bytes become rows that obey the rules or refused lines, pieces of any length give
// what the whole gives, and a header that cannot be read is an Error.
#include "feed/table_csv.hpp"
#include "table_input.hpp"

namespace tapedeck {
namespace {

void check_rules(const TableSeries& series) {
  TAPEDECK_CHECK(parse_instrument_name(to_text(series.instrument)).has_value(), "{}",
                 to_text(series.instrument));
  if (const auto* block = std::get_if<TradeBlock>(&series.content)) {
    for (size_t row = 0; row < block->rows(); ++row) {
      TAPEDECK_CHECK(block->price[row] > 0 && block->quantity[row] >= 0, "row {}", row);
    }
  } else if (const auto* klines = std::get_if<std::vector<Kline>>(&series.content)) {
    for (const Kline& kline : *klines) {
      TAPEDECK_CHECK(series.interval->begin_of(kline.begin) == kline.begin, "begin");
      TAPEDECK_CHECK(compare(kline.low, kline.open) <= 0 && compare(kline.close, kline.high) <= 0,
                     "prices");
    }
  }
}

}  // namespace
}  // namespace tapedeck

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  FuzzInput input{data, size};
  const unsigned choice = input.option();
  const size_t piece = 1 + input.option() % 100U;
  TableFormat format = table_format(choice);
  if ((choice & 16U) != 0) format.columns = {"time", "price", "quantity", "side"};
  if ((choice & 32U) != 0) format.price_exp = -2;
  const std::string_view text = input.text();
  const DecodedTable whole = decoded_both_ways<TableCsvDecoder>(
      format, text, piece, [](TableCsvDecoder& decoder) { return decoder.take_series(); });
  for (const TableSeries& series : whole.series)
    check_rules(series);
  return 0;
}
