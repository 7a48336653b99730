#include "feed/binance_archive.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

using Texts = std::vector<std::string>;

struct Decoded {
  Texts rows;
  Texts reasons;  // `line: reason`
  int64_t lines = 0;
  std::string symbol;
};

std::string text_of(const std::optional<Decimal>& value) {
  return value ? to_text(*value) : std::string{"-"};
}

std::string text_of(const OpenInterest& row) {
  return to_iso(row.ts_event) + " " + to_text(row.open_interest) + " " +
         text_of(row.open_interest_value) + " " + text_of(row.top_trader_account_ratio) + " " +
         text_of(row.top_trader_position_ratio) + " " + text_of(row.account_ratio) + " " +
         text_of(row.taker_volume_ratio);
}

Decoded decoded(const ArchiveContext& context, std::string_view text, size_t piece = 0) {
  MetricsArchiveDecoder decoder{context};
  const size_t step = piece == 0 ? std::max(text.size(), size_t{1}) : piece;
  for (size_t begin = 0; begin < text.size(); begin += step) {
    decoder.decode(text.substr(begin, step));
  }
  decoder.finish();
  Decoded all{.rows = {}, .reasons = {}, .lines = decoder.lines(), .symbol = decoder.symbol()};
  for (const OpenInterest& row : decoder.take_rows()) {
    all.rows.push_back(text_of(row));
  }
  for (const DecodeError& error : decoder.take_errors()) {
    all.reasons.push_back(std::to_string(error.line) + ": " + error.reason);
  }
  CHECK(decoder.refused() == static_cast<int64_t>(all.reasons.size()));
  return all;
}

const ArchiveContext kMetrics{.kind = ArchiveKind::metrics};
const std::string kHeader =
    "create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,"
    "sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio\n";
const std::string kRow =
    "2025-08-01 00:05:00,AUSDT,28094099.0000000000000000,1608949.0497300000000000,1.40508806,"
    "2.00440300,1.67633929,1.51837000\n";

}  // namespace

TEST_CASE("metrics are read with their ratios") {
  const Texts expected{
      "2025-08-01T00:05:00Z 28094099 1608949.04973 1.40508806 2.004403 1.67633929 1.51837"};
  CHECK(decoded(kMetrics, kHeader + kRow).rows == expected);
  CHECK(decoded(kMetrics, kRow).rows == expected);
}

TEST_CASE("values may be quoted, and empty where they are optional") {
  CHECK(decoded(kMetrics, "\"2025-08-01 00:05:00\",\"AUSDT\",\"5\",\"\",\"\",,\"1.5\",\r\n").rows ==
        Texts{"2025-08-01T00:05:00Z 5 - - - 1.5 -"});
}

TEST_CASE("the first row tells the symbol, or the context does") {
  CHECK(decoded(kMetrics, kRow).symbol == "AUSDT");
  CHECK(decoded(kMetrics, kHeader).symbol.empty());
  auto context = kMetrics;
  context.symbol = "BUSDT";
  const auto other = decoded(context, kRow);
  CHECK(other.reasons == Texts{"1: symbol must be 'BUSDT', found 'AUSDT'"});
  CHECK(other.symbol == "BUSDT");
}

TEST_CASE("a refused row does not tell the symbol") {
  const auto result = decoded(kMetrics, "2025-08-01 00:00:00,BUSDT,x,,,,,\n" + kRow);
  CHECK(result.symbol == "AUSDT");
  CHECK(result.rows.size() == 1);
}

TEST_CASE("a row of metrics is refused for the rule it breaks") {
  struct Row {
    std::string line;
    std::string reason;
  };
  const std::vector<Row> rows{
      {"2025-08-01 00:10:00,AUSDT,5,,,,,", ""},
      {"2025-08-01 00:10:00,AUSDT,5,,,,", "must have 8 columns, found 7"},
      {"2025-08-01 00:10:00,AUSDT,5,,,,,,", "must have 8 columns, found 9"},
      {"1754006700000,AUSDT,5,,,,,",
       "create_time must be like '2025-08-01 00:05:00', found '1754006700000'"},
      {"2025-08-01 00:10:00,,5,,,,,", "symbol is missing"},
      {"2025-08-01 00:10:00,BUSDT,5,,,,,", "symbol must be 'AUSDT', found 'BUSDT'"},
      {"2025-08-01 00:10:00,AUSDT,,5,,,,", "sum_open_interest is missing"},
      {"2025-08-01 00:10:00,AUSDT,-5,,,,,", "sum_open_interest must not be negative, found '-5'"},
      {"2025-08-01 00:10:00,AUSDT,5,,NaN,,,",
       "count_toptrader_long_short_ratio must be a decimal number, found 'NaN'"},
      {"2025-08-01 00:10:00,AUSDT,5,,,,,1e-8",
       "sum_taker_long_short_vol_ratio must be a decimal number, found '1e-8'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    const auto result = decoded(kMetrics, kRow + row.line + "\n");
    CHECK(result.reasons == (row.reason.empty() ? Texts{} : Texts{"2: " + row.reason}));
  }
}

TEST_CASE("metrics must lie within the file's period and one day more") {
  auto context = kMetrics;
  context.period = day_range(*parse_date("2025-08-03"));
  const auto result = decoded(context, kRow);
  REQUIRE(result.reasons.size() == 1);
  CHECK(result.reasons[0].starts_with("1: create_time lies outside of the file's period"));
}

TEST_CASE("pieces of any length give the same metrics") {
  const std::string text = kHeader + kRow + "wrong\n\n" + kRow + kRow;
  const auto whole = decoded(kMetrics, text);
  CHECK(whole.rows.size() == 3);
  for (size_t piece = 1; piece < text.size(); ++piece) {
    CAPTURE(piece);
    const auto pieces = decoded(kMetrics, text, piece);
    CHECK(pieces.rows == whole.rows);
    CHECK(pieces.reasons == whole.reasons);
    CHECK(pieces.lines == whole.lines);
  }
}

}  // namespace tapedeck
