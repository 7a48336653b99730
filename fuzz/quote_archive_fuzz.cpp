// Archives of quotes and of summed depth: pieces of any length give what the whole gives, and every
// row obeys the rules.
#include "base/check.hpp"
#include "feed/binance_archive.hpp"
#include "input.hpp"

#include <fmt/format.h>

#include <string>

namespace tapedeck {
namespace {

std::string say(const Quote& quote) {
  TAPEDECK_CHECK(quote.bid_price.units > 0 && quote.ask_price.units > 0 &&
                     quote.bid_quantity.units >= 0 && quote.ask_quantity.units >= 0 &&
                     quote.sequence.value_or(-1) >= 0,
                 "a quote that cannot be");
  return fmt::format("{} {} {} {} {} {}\n", to_iso(quote.ts_event), *quote.sequence,
                     to_text(quote.bid_price), to_text(quote.bid_quantity),
                     to_text(quote.ask_price), to_text(quote.ask_quantity));
}

std::string say(const DepthBand& band) {
  TAPEDECK_CHECK(band.depth.units >= 0 && band.notional.units >= 0, "a band that cannot be");
  return fmt::format("{} {} {} {}\n", to_iso(band.ts_event), to_text(band.percentage),
                     to_text(band.depth), to_text(band.notional));
}

template <typename Decoder>
std::string decoded(Decoder decoder, std::string_view text, size_t piece) {
  decode_in_pieces(decoder, text, piece);
  std::string said;
  int64_t rows = 0;
  for (const auto& row : decoder.take_rows()) {
    said += say(row);
    ++rows;
  }
  for (const DecodeError& error : decoder.take_errors())
    said += fmt::format("{}: {} | {}\n", error.line, error.reason, error.text);
  TAPEDECK_CHECK(rows + decoder.refused() <= decoder.lines(), "{} rows", rows);
  return said + fmt::format("{} lines", decoder.lines());
}

}  // namespace
}  // namespace tapedeck

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  FuzzInput input{data, size};
  const unsigned options = input.option();
  const size_t piece = input.option() + size_t{1};
  ArchiveContext context{.kind = ArchiveKind::book_ticker};
  if ((options & 1) != 0) context.kind = ArchiveKind::book_depth;
  if ((options & 2) != 0) context.period = day_range(*parse_date("2024-03-30"));
  const auto run = [&](size_t bytes) {
    return context.kind == ArchiveKind::book_depth
               ? decoded(BookDepthArchiveDecoder{context}, input.text(), bytes)
               : decoded(BookTickerArchiveDecoder{context}, input.text(), bytes);
  };
  TAPEDECK_CHECK(run(size + 1) == run(piece), "pieces of {}", piece);
  return 0;
}
