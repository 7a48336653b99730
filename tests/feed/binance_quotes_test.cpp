#include "feed/binance_archive.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {
namespace {

using Texts = std::vector<std::string>;

std::string text_of(const Quote& quote) {
  return fmt::format("{} #{} {} {} / {} {}", to_iso(quote.ts_event), quote.sequence.value_or(-1),
                     to_text(quote.bid_price), to_text(quote.bid_quantity),
                     to_text(quote.ask_price), to_text(quote.ask_quantity));
}

std::string text_of(const DepthBand& band) {
  return fmt::format("{} {} {} {}", to_iso(band.ts_event), to_text(band.percentage),
                     to_text(band.depth), to_text(band.notional));
}

struct Decoded {
  Texts rows;
  Texts reasons;  // `line: reason`
};

template <typename Decoder>
Decoded decoded(Decoder decoder, std::string_view text, size_t piece = 7) {
  for (size_t begin = 0; begin < text.size(); begin += piece)
    decoder.decode(text.substr(begin, piece));
  decoder.finish();
  Decoded all;
  for (const auto& row : decoder.take_rows())
    all.rows.push_back(text_of(row));
  for (const DecodeError& error : decoder.take_errors())
    all.reasons.push_back(std::to_string(error.line) + ": " + error.reason);
  return all;
}

Decoded quotes(std::string_view text, const std::optional<TimeRange>& period = {}) {
  return decoded(BookTickerArchiveDecoder{{.kind = ArchiveKind::book_ticker, .period = period}},
                 text);
}

Decoded bands(std::string_view text) {
  return decoded(BookDepthArchiveDecoder{{.kind = ArchiveKind::book_depth}}, text);
}

const std::string kTickerHeader =
    "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,"
    "event_time\n";
const std::string kDepthHeader = "timestamp,percentage,depth,notional\n";

void check_refused(const Decoded& all, std::string_view words) {
  CHECK(all.rows.empty());
  REQUIRE(all.reasons.size() == 1);
  CAPTURE(all.reasons[0]);
  CAPTURE(words);
  CHECK(all.reasons[0].find(words) != std::string::npos);
}

}  // namespace

// The rows are of the venue's archive: see the data set's um_bookTicker_excerpt.csv.
TEST_CASE("a bookTicker row is a quote at its transaction time") {
  const std::string rows =
      "4307082988118,0.02634800,315928.00000000,0.02634900,2385.00000000,1711756800080,"
      "1711756800087\r\n"
      "4307083859526,0.02634800,315563.00000000,0.02634900,0,1711756801522,1711756802066";
  const Texts expected{"2024-03-30T00:00:00.080Z #4307082988118 0.026348 315928 / 0.026349 2385",
                       "2024-03-30T00:00:01.522Z #4307083859526 0.026348 315563 / 0.026349 0"};
  CHECK(quotes(kTickerHeader + rows).rows == expected);
  CHECK(quotes(rows).rows == expected);
}

TEST_CASE("a bookTicker row that cannot be is refused with its reason") {
  check_refused(quotes("1,2,3,4,5,1711756800080\n"), "must have 7 columns, found 6");
  check_refused(quotes("-1,1,1,2,1,1711756800080,1711756800080\n"), "update_id");
  check_refused(quotes("1,0,1,2,1,1711756800080,1711756800080\n"), "best_bid_price");
  check_refused(quotes("1,1,-1,2,1,1711756800080,1711756800080\n"), "best_bid_qty");
  check_refused(quotes("1,1,1,2,12345678901234567890,1711756800080,1\n"), "best_ask_qty");
  check_refused(quotes("1,1,1,2,1,17117568,1711756800080\n"), "transaction_time");
  const TimeRange day{.begin = from_epoch_ns(0), .end = from_epoch_ns(86'400'000'000'000)};
  check_refused(quotes("1,1,1,2,1,1711756800080,1711756800080\n", day), "transaction_time");
}

TEST_CASE("a bookDepth row sums what stands within a percentage of the mid price") {
  const std::string rows =
      "2025-07-31 00:00:07,-5,139762634.00000000,3886539.66954300\n"
      "2025-07-31 00:00:07,0.20,116926083.00000000,3268150.53962000\n";
  const Texts expected{"2025-07-31T00:00:07Z -5 139762634 3886539.669543",
                       "2025-07-31T00:00:07Z 0.2 116926083 3268150.53962"};
  CHECK(bands(kDepthHeader + rows).rows == expected);
  CHECK(bands(rows).rows == expected);
}

TEST_CASE("a bookDepth row that cannot be is refused with its reason") {
  check_refused(bands("2025-07-31 00:00:07,-5,1\n"), "must have 4 columns, found 3");
  check_refused(bands("1711756800080,-5,1,1\n"), "timestamp");
  check_refused(bands("2025-07-31 00:00:07,five,1,1\n"), "percentage");
  check_refused(bands("2025-07-31 00:00:07,-5,-1,1\n"), "depth");
  check_refused(bands("2025-07-31 00:00:07,-5,1,\n"), "notional");
}

}  // namespace tapedeck
