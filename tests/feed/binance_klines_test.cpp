#include "feed/archive_name.hpp"
#include "feed/binance_archive.hpp"
#include "feed/shared_data.hpp"
#include "feed/zip_builder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

using Texts = std::vector<std::string>;

struct Decoded {
  std::vector<Kline> rows;
  Texts reasons;  // `line: reason`
  int64_t lines = 0;
  int64_t refused = 0;
};

Decoded decoded(const ArchiveContext& context, std::string_view text, size_t piece = 0) {
  KlineArchiveDecoder decoder{context};
  const size_t step = piece == 0 ? std::max(text.size(), size_t{1}) : piece;
  for (size_t begin = 0; begin < text.size(); begin += step) {
    decoder.decode(text.substr(begin, step));
  }
  decoder.finish();
  Decoded all{.rows = decoder.take_rows(),
              .reasons = {},
              .lines = decoder.lines(),
              .refused = decoder.refused()};
  for (const DecodeError& error : decoder.take_errors()) {
    all.reasons.push_back(std::to_string(error.line) + ": " + error.reason);
  }
  return all;
}

std::string text_of(const std::optional<Decimal>& value) {
  return value ? to_text(*value) : std::string{"-"};
}

std::string text_of(const Kline& kline) {
  return to_iso(kline.begin) + " " + to_text(kline.open) + " " + to_text(kline.high) + " " +
         to_text(kline.low) + " " + to_text(kline.close) + " " + to_text(kline.volume) + " " +
         text_of(kline.quote_volume) + " " + text_of(kline.buy_volume) + " " +
         text_of(kline.buy_quote_volume) + " " +
         (kline.trades ? std::to_string(*kline.trades) : "-");
}

Texts texts_of(const std::vector<Kline>& rows) {
  Texts texts;
  for (const Kline& kline : rows) {
    texts.push_back(text_of(kline));
  }
  return texts;
}

ArchiveContext of(std::string_view interval) {
  return {.kind = ArchiveKind::klines, .interval = BarInterval::parse(interval)};
}

// A line of 12 columns with one of them replaced.
std::string line_with(size_t column, const std::string& text) {
  Texts fields{"1704067260000", "5.0", "6.0", "4.0", "5.5", "10",
               "1704067319999", "50",  "7",   "3",   "15",  "0"};
  fields[column] = text;
  std::string line;
  for (const std::string& field : fields) {
    line += (line.empty() ? "" : ",") + field;
  }
  return line + "\n";
}

const std::string kBefore = "1704067200000,5.0,6.0,4.0,5.5,10,1704067259999,50,7,3,15,0\n";

}  // namespace

TEST_CASE("klines are read with and without header, in ms and in µs, of 11 or 12 columns") {
  const std::string header =
      "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
      "taker_buy_quote_volume,ignore\n";
  const Texts expected{"2024-01-01T00:00:00Z 5 6 4 5.5 10 50 3 15 7"};
  CHECK(texts_of(decoded(of("1m"), kBefore).rows) == expected);
  CHECK(texts_of(decoded(of("1m"), header + kBefore).rows) == expected);
  CHECK(texts_of(
            decoded(of("1m"), "1704067200000000,5.0,6.0,4.0,5.5,10,1704067259999999,50,7,3,15\r\n")
                .rows) == expected);
  CHECK(texts_of(decoded({.kind = ArchiveKind::klines}, kBefore).rows) == expected);
}

TEST_CASE("sums that a file leaves empty are absent") {
  CHECK(texts_of(decoded(of("1m"), "1704067200000,5,6,4,5.5,10,1704067259999,,,,\n").rows) ==
        Texts{"2024-01-01T00:00:00Z 5 6 4 5.5 10 - - - -"});
}

TEST_CASE("each value keeps its own digits") {
  const auto row = decoded(of("1m"), kBefore).rows.at(0);
  CHECK(row.open.exponent == 0);
  CHECK(row.close.exponent == -1);
}

TEST_CASE("a kline is refused for the rule it breaks") {
  struct Row {
    std::string line;
    std::string reason;
  };
  const std::vector<Row> rows{
      {line_with(1, "5.0"), ""},
      {line_with(5, "0"), ""},
      {line_with(11, "what ever"), ""},
      {"1704067260000,5.0\n", "must have 11 or 12 columns, found 2"},
      {line_with(11, "0,0"), "must have 11 or 12 columns, found 13"},
      {line_with(0, "x"), "open_time must have 13 digits (ms) or 16 (µs), found 'x'"},
      {line_with(0, "1704067260000000"),
       "open_time must have 13 digits as the first row's, found '1704067260000000'"},
      {line_with(0, "1704067261000"),
       "open_time does not begin a bar of 1m, found '1704067261000'"},
      {line_with(0, "1704067200000"),
       "open_time must be after the one before, 2024-01-01T00:00:00Z, found '1704067200000'"},
      {line_with(1, "0"), "open must be above 0, found '0'"},
      {line_with(2, "1e3"), "high must be a decimal number, found '1e3'"},
      {line_with(3, "5.1"), "low is above open"},
      {line_with(3, "5.0"), ""},
      {line_with(4, "3.9"), "low is above close"},
      {line_with(1, "6.1"), "high is below open"},
      {line_with(4, "6.1"), "high is below close"},
      {line_with(5, "-1"), "volume must not be negative, found '-1'"},
      {line_with(5, ""), "volume must be a decimal number, found ''"},
      {line_with(6, "soon"), "close_time must be a decimal number, found 'soon'"},
      {line_with(7, "-1"), "quote_volume must not be negative, found '-1'"},
      {line_with(8, "1.5"), "count must be a whole number, found '1.5'"},
      {line_with(9, "a"), "taker_buy_volume must be a decimal number, found 'a'"},
      {line_with(10, "0.1234567890123"),
       "taker_buy_quote_volume has more than 12 digits behind the point: too precise, found "
       "'0.1234567890123'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    const auto result = decoded(of("1m"), kBefore + row.line);
    CHECK(result.lines == 2);
    CHECK(result.reasons == (row.reason.empty() ? Texts{} : Texts{"2: " + row.reason}));
    CHECK(result.rows.size() == (row.reason.empty() ? 2 : 1));
  }
}

TEST_CASE("bars that meet the period belong to it, weeks and months that began before too") {
  auto context = of("1w");
  context.period = day_range(*parse_date("2024-08-08"));
  const auto week = "1722816000000,5,6,4,5,10,1723420799999,50,7,3,15,0\n";  // 2024-08-05
  CHECK(decoded(context, week).rows.size() == 1);
  context.interval = BarInterval::parse("1m");
  CHECK(decoded(context, week).refused == 1);
}

TEST_CASE("pieces of any length give the same klines") {
  std::string text =
      "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
      "taker_buy_volume,taker_buy_quote_volume,ignore\r\n";
  for (int minute = 0; minute < 50; ++minute) {
    const int64_t begin = 1704067200000 + minute * 60'000;
    text += std::to_string(begin) + ",5.0,6.0,4.0,5.5,10,1704067259999,50,7,3,15,0\r\n";
    if (minute % 10 == 3) text += "wrong\n\n";
  }
  const auto whole = decoded(of("1m"), text);
  CHECK(whole.rows.size() == 50);
  CHECK(whole.refused == 10);
  for (size_t piece = 1; piece < 200; ++piece) {
    CAPTURE(piece);
    const auto pieces = decoded(of("1m"), text, piece);
    CHECK(texts_of(pieces.rows) == texts_of(whole.rows));
    CHECK(pieces.reasons == whole.reasons);
    CHECK(pieces.lines == whole.lines);
  }
}

TEST_CASE("recorded klines are read whole") {
  struct Row {
    std::string_view file;
    int64_t lines;
    size_t rows;
    std::string_view first_begin;
  };
  const std::vector<Row> rows{
      {"LTCUSDT-1m-2026-02", 40321, 40320, "2026-02-01T00:00:00Z"},
      {"NEARUSDT-1m-2025-02", 40321, 40320, "2025-02-01T00:00:00Z"},
      {"spot-BTCUSDT-1h-2024-12", 744, 744, "2024-12-01T00:00:00Z"},
      {"spot-BTCUSDT-1h-2025-01", 744, 744, "2025-01-01T00:00:00Z"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.file);
    const auto archive = shared_file("binance_csv/" + std::string{row.file} + ".zip");
    if (archive.empty()) return;
    const auto text = text_of(*open_zip_member(archive, zip_members(archive).at(0)), 1 << 18);
    const auto name = parse_archive_path(std::string{row.file} + ".zip");
    const auto result = decoded(
        {.kind = name.kind.value(), .period = name.period, .interval = name.interval}, text);
    CHECK(result.lines == row.lines);
    CHECK(result.reasons == Texts{});
    REQUIRE(result.rows.size() == row.rows);
    CHECK(to_iso(result.rows.front().begin) == row.first_begin);
  }
}

}  // namespace tapedeck
