// Klines: pieces of any length give what the whole gives, and every row obeys the rules.
#include "base/check.hpp"
#include "feed/binance_archive.hpp"
#include "input.hpp"

#include <array>
#include <optional>
#include <vector>

namespace tapedeck {
namespace {

struct Decoded {
  std::vector<Kline> rows;
  std::vector<DecodeError> errors;
  int64_t lines = 0;
  int64_t refused = 0;
};

Decoded decoded(const ArchiveContext& context, std::string_view text, size_t piece) {
  KlineArchiveDecoder decoder{context};
  decode_in_pieces(decoder, text, piece);
  return {.rows = decoder.take_rows(),
          .errors = decoder.take_errors(),
          .lines = decoder.lines(),
          .refused = decoder.refused()};
}

bool same(const Kline& a, const Kline& b) {
  return a.begin == b.begin && a.open == b.open && a.high == b.high && a.low == b.low &&
         a.close == b.close && a.volume == b.volume && a.quote_volume == b.quote_volume &&
         a.buy_volume == b.buy_volume && a.buy_quote_volume == b.buy_quote_volume &&
         a.trades == b.trades;
}

void check_same(const Decoded& a, const Decoded& b) {
  TAPEDECK_CHECK(a.lines == b.lines && a.refused == b.refused, "{} and {} lines", a.lines, b.lines);
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

void check_rows(const Decoded& all, const ArchiveContext& context) {
  const Decimal zero;
  std::optional<Timestamp> last;
  for (const Kline& row : all.rows) {
    TAPEDECK_CHECK(!last || row.begin > *last, "begins do not rise");
    last = row.begin;
    TAPEDECK_CHECK(compare(row.low, zero) > 0 && compare(row.volume, zero) >= 0, "below 0");
    TAPEDECK_CHECK(compare(row.low, row.open) <= 0 && compare(row.low, row.close) <= 0 &&
                       compare(row.high, row.open) >= 0 && compare(row.high, row.close) >= 0,
                   "prices contradict each other");
    if (context.interval) {
      TAPEDECK_CHECK(context.interval->begin_of(row.begin) == row.begin, "off the interval");
    }
  }
  TAPEDECK_CHECK(static_cast<int64_t>(all.rows.size()) + all.refused <= all.lines, "{} rows",
                 all.rows.size());
}

}  // namespace
}  // namespace tapedeck

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  constexpr std::array<std::string_view, 4> kIntervals = {"", "1m", "1w", "1mo"};
  FuzzInput input{data, size};
  const unsigned options = input.option();
  const size_t piece = input.option() + size_t{1};
  ArchiveContext context{.kind = ArchiveKind::klines,
                         .interval = BarInterval::parse(kIntervals[options & 3])};
  if ((options & 4) != 0) context.period = day_range(*parse_date("2024-08-08"));
  const Decoded whole = decoded(context, input.text(), size + 1);
  check_rows(whole, context);
  check_same(whole, decoded(context, input.text(), piece));
  return 0;
}
