// Histories of one's own trading: any bytes become reports that obey the rules or refused lines,
// and pieces of any length give what the whole gives.
#include "base/check.hpp"
#include "feed/report_decoder.hpp"
#include "input.hpp"
#include "tapedeck/base/error.hpp"

namespace {

using namespace tapedeck;

std::unique_ptr<ReportDecoder> decoder_of(unsigned choice) {
  if (choice % 4 == 0) return make_binance_reports();
  if (choice % 4 == 1) return make_alpaca_reports();
  if (choice % 4 == 2) return make_fill_csv(binance_trade_history());
  FillFormat format{.venue = "venue"};
  format.signed_quantity = (choice & 4U) != 0;
  format.dates = static_cast<DateOrder>(choice / 8 % 3);
  return make_fill_csv(std::move(format));
}

struct Decoded {
  std::vector<ReportRow> rows;
  size_t refused = 0;
  int64_t skipped = 0;
  std::string failure;
};

Decoded decoded(unsigned choice, std::string_view text, size_t piece) {
  const auto decoder = decoder_of(choice);
  Decoded result;
  try {
    decode_in_pieces(*decoder, text, piece);
  } catch (const Error& error) {
    result.failure = error.what();
  }
  result.rows = decoder->take_rows();
  result.refused = decoder->take_errors().size();
  result.skipped = decoder->skipped();
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input{data, size};
  const unsigned choice = input.option();
  const size_t piece = 1 + input.option() % 100U;
  const std::string_view text = input.text();
  const Decoded whole = decoded(choice, text, text.size() + 1);
  const Decoded pieces = decoded(choice, text, piece);
  TAPEDECK_CHECK(whole.failure == pieces.failure, "'{}' and '{}'", whole.failure, pieces.failure);
  TAPEDECK_CHECK(!whole.failure.empty() ||
                     (whole.rows.size() == pieces.rows.size() && whole.refused == pieces.refused &&
                      whole.skipped == pieces.skipped),
                 "{} rows and {}", whole.rows.size(), pieces.rows.size());
  for (const ReportRow& row : whole.rows) {
    const ExecutionReport& report = row.report;
    TAPEDECK_CHECK(!report.quantity || *report.quantity > Amount{}, "line {}", row.line);
    TAPEDECK_CHECK(!report.price || *report.price > Amount{}, "line {}", row.line);
    if (!report.fill) continue;
    TAPEDECK_CHECK(report.fill->quantity > Amount{} && report.fill->price > Amount{}, "line {}",
                   row.line);
  }
  return 0;
}
