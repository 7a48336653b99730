// Trades and aggTrades: pieces of any length give what the whole gives (lines in pieces below 128
// bytes are read the careful way, so the fast way is compared with it), and every row obeys the
// rules.
#include "base/check.hpp"
#include "feed/binance_archive.hpp"
#include "input.hpp"

#include <optional>
#include <vector>

namespace tapedeck {
namespace {

struct Decoded {
  std::vector<TradeBlock> blocks;
  std::vector<DecodeError> errors;
  int64_t lines = 0;
  int64_t refused = 0;
};

Decoded decoded(const ArchiveContext& context, std::string_view text, size_t piece) {
  TradeArchiveDecoder decoder{context};
  decode_in_pieces(decoder, text, piece);
  return {.blocks = decoder.take_blocks(),
          .errors = decoder.take_errors(),
          .lines = decoder.lines(),
          .refused = decoder.refused()};
}

void check_same(const Decoded& a, const Decoded& b) {
  TAPEDECK_CHECK(a.lines == b.lines && a.refused == b.refused, "{} and {} lines", a.lines, b.lines);
  TAPEDECK_CHECK(a.errors.size() == b.errors.size(), "{} {}", a.errors.size(), b.errors.size());
  for (size_t i = 0; i < a.errors.size(); ++i) {
    const DecodeError& x = a.errors[i];
    const DecodeError& y = b.errors[i];
    TAPEDECK_CHECK(x.line == y.line && x.reason == y.reason && x.text == y.text,
                   "line {}: {}, line {}: {}", x.line, x.reason, y.line, y.reason);
  }
  TAPEDECK_CHECK(a.blocks.size() == b.blocks.size(), "{} {}", a.blocks.size(), b.blocks.size());
  for (size_t i = 0; i < a.blocks.size(); ++i) {
    const TradeBlock& x = a.blocks[i];
    const TradeBlock& y = b.blocks[i];
    TAPEDECK_CHECK(x.scale == y.scale && x.ts_event == y.ts_event && x.trade_id == y.trade_id &&
                       x.price == y.price && x.quantity == y.quantity && x.side == y.side,
                   "block {}", i);
  }
}

// Rules that hold for every row, whatever the input was.
void check_rows(const Decoded& all, const ArchiveContext& context) {
  std::optional<int64_t> last_id;
  size_t rows = 0;
  for (const TradeBlock& block : all.blocks) {
    rows += block.rows();
    const auto in_range = [](int exponent) { return exponent <= 0 && exponent >= kMinExponent; };
    TAPEDECK_CHECK(in_range(block.scale.price_exp) && in_range(block.scale.qty_exp), "scale");
    TAPEDECK_CHECK(
        block.has_ids && block.rows() > 0 && block.rows() <= TradeArchiveDecoder::kBlockRows,
        "{} rows", block.rows());
    TAPEDECK_CHECK(block.price.size() == block.rows() && block.quantity.size() == block.rows() &&
                       block.side.size() == block.rows() && block.trade_id.size() == block.rows(),
                   "columns differ");
    for (size_t row = 0; row < block.rows(); ++row) {
      TAPEDECK_CHECK(block.price[row] > 0 && block.quantity[row] >= 0, "row {}", row);
      TAPEDECK_CHECK(block.side[row] != AggressorSide::unknown, "row {}", row);
      TAPEDECK_CHECK(!last_id || block.trade_id[row] > *last_id, "row {}", row);
      last_id = block.trade_id[row];
      if (!context.period) continue;
      const Timestamp t = from_epoch_ns(block.ts_event[row]);
      TAPEDECK_CHECK(t >= context.period->begin - std::chrono::days{1} &&
                         t < context.period->end + std::chrono::days{1},
                     "row {}", row);
    }
  }
  TAPEDECK_CHECK(static_cast<int64_t>(rows) + all.refused <= all.lines, "{} rows", rows);
  for (const DecodeError& error : all.errors) {
    TAPEDECK_CHECK(error.text.size() <= 512 && !error.reason.empty() && error.line <= all.lines,
                   "line {}", error.line);
  }
}

}  // namespace
}  // namespace tapedeck

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  FuzzInput input{data, size};
  const unsigned options = input.option();
  const size_t piece = input.option() % 127 + 1;
  ArchiveContext context{.kind =
                             (options & 1) != 0 ? ArchiveKind::agg_trades : ArchiveKind::trades};
  if ((options & 2) != 0) context.period = day_range(*parse_date("2024-08-08"));
  if ((options & 4) != 0) context.scale = {.price_exp = -2, .qty_exp = -8};
  if ((options & 8) != 0) context.scale = {.price_exp = -12, .qty_exp = 0};
  const Decoded whole = decoded(context, input.text(), size + 1);
  check_rows(whole, context);
  check_same(whole, decoded(context, input.text(), piece));
  check_same(whole, decoded(context, input.text(), 128 + piece));
  return 0;
}
