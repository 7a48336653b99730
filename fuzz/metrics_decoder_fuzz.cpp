// Metrics: pieces of any length give what the whole gives, and every row obeys the rules.
#include "base/check.hpp"
#include "feed/binance_archive.hpp"
#include "input.hpp"

#include <string>
#include <vector>

namespace tapedeck {
namespace {

struct Decoded {
  std::vector<OpenInterest> rows;
  std::vector<DecodeError> errors;
  int64_t lines = 0;
  int64_t refused = 0;
  std::string symbol;
};

Decoded decoded(const ArchiveContext& context, std::string_view text, size_t piece) {
  MetricsArchiveDecoder decoder{context};
  decode_in_pieces(decoder, text, piece);
  return {.rows = decoder.take_rows(),
          .errors = decoder.take_errors(),
          .lines = decoder.lines(),
          .refused = decoder.refused(),
          .symbol = decoder.symbol()};
}

bool same(const OpenInterest& a, const OpenInterest& b) {
  return a.ts_event == b.ts_event && a.open_interest == b.open_interest &&
         a.open_interest_value == b.open_interest_value &&
         a.top_trader_account_ratio == b.top_trader_account_ratio &&
         a.top_trader_position_ratio == b.top_trader_position_ratio &&
         a.account_ratio == b.account_ratio && a.taker_volume_ratio == b.taker_volume_ratio;
}

void check_same(const Decoded& a, const Decoded& b) {
  TAPEDECK_CHECK(a.lines == b.lines && a.refused == b.refused && a.symbol == b.symbol,
                 "{} and {} lines", a.lines, b.lines);
  TAPEDECK_CHECK(a.rows.size() == b.rows.size() && a.errors.size() == b.errors.size(),
                 "{} and {} rows", a.rows.size(), b.rows.size());
  for (size_t i = 0; i < a.rows.size(); ++i) {
    TAPEDECK_CHECK(same(a.rows[i], b.rows[i]), "row {}", i);
  }
  for (size_t i = 0; i < a.errors.size(); ++i) {
    TAPEDECK_CHECK(a.errors[i].line == b.errors[i].line && a.errors[i].reason == b.errors[i].reason,
                   "line {}: {}", a.errors[i].line, a.errors[i].reason);
  }
}

}  // namespace
}  // namespace tapedeck

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  FuzzInput input{data, size};
  const unsigned options = input.option();
  const size_t piece = input.option() + size_t{1};
  ArchiveContext context{.kind = ArchiveKind::metrics};
  if ((options & 1) != 0) context.period = day_range(*parse_date("2024-08-08"));
  if ((options & 2) != 0) context.symbol = "ETHUSDT";
  const Decoded whole = decoded(context, input.text(), size + 1);
  for (const OpenInterest& row : whole.rows) {
    TAPEDECK_CHECK(row.open_interest.units >= 0, "open interest below 0");
  }
  TAPEDECK_CHECK(whole.rows.empty() || !whole.symbol.empty(), "rows without a symbol");
  TAPEDECK_CHECK(static_cast<int64_t>(whole.rows.size()) + whole.refused <= whole.lines, "{} rows",
                 whole.rows.size());
  check_same(whole, decoded(context, input.text(), piece));
  return 0;
}
