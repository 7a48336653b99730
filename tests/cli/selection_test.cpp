#include "cli/selection.hpp"

#include "tapedeck/base/error.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

namespace tapedeck {
namespace {

std::string refusal(const SelectionOptions& options) {
  try {
    parse_selection(options);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalid_argument);
    return error.what();
  }
  return "accepted";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("no options select everything") {
  const Selection selection = parse_selection({});
  CHECK(selection.range == TimeRange{});
  CHECK_FALSE(selection.last);
  CHECK_FALSE(selection.grain);
}

TEST_CASE("a day is a UTC day, and --to is exclusive") {
  const TimeRange day = parse_selection({.day = "2024-08-08"}).range;
  CHECK(to_iso(day.begin) == "2024-08-08T00:00:00Z");
  CHECK(to_iso(day.end) == "2024-08-09T00:00:00Z");
  const TimeRange range =
      parse_selection({.from = "1723075200", .to = "2024-08-08T23:54:15.342Z"}).range;
  CHECK(to_iso(range.begin) == "2024-08-08T00:00:00Z");
  CHECK(to_iso(range.end) == "2024-08-08T23:54:15.342Z");
}

TEST_CASE("--last is rows without a unit and time with one") {
  CHECK(parse_last("1000").rows == 1000);
  CHECK_FALSE(parse_last("1000").span);
  CHECK(parse_last("45s").span == std::chrono::seconds{45});
  CHECK(parse_last("250ms").span == std::chrono::milliseconds{250});
  CHECK(parse_last("30m").span == std::chrono::minutes{30});
  CHECK(parse_last("2h").span == std::chrono::hours{2});
  CHECK(parse_last("3d").span == std::chrono::hours{72});
  CHECK(parse_last("1w").span == std::chrono::hours{168});
  for (const char* text : {"", "0", "-1", "h", "2x", "1.5h", "2 h", "99999999999w", "2h "}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_last(text), Error);
  }
}

TEST_CASE("options that contradict each other are refused by name") {
  CHECK(has(refusal({.from = "2024-08-08", .day = "2024-08-08"}), "--day and --from"));
  CHECK(has(refusal({.to = "2024-08-08", .day = "2024-08-08"}), "--day and --to"));
  CHECK(has(refusal({.from = "2024-08-08", .last = "5"}), "--last and --from"));
  CHECK(has(refusal({.day = "2024-08-08", .last = "5"}), "--last and --day"));
}

TEST_CASE("unreadable times are refused by name") {
  CHECK(has(refusal({.from = "yesterday"}), "--from 'yesterday' is no time"));
  CHECK(has(refusal({.day = "2024-02-30"}), "--day '2024-02-30' is no date"));
  CHECK(has(refusal({.from = "2024-08-09", .to = "2024-08-08"}), "is not before --to"));
}

TEST_CASE("a grain is trade or aggregate") {
  CHECK(parse_selection({.grain = "trade"}).grain == Grain::trade);
  CHECK(parse_selection({.grain = "aggregate"}).grain == Grain::aggregate);
  CHECK(has(refusal({.grain = "agregate"}), "did you mean 'aggregate'?"));
}

TEST_CASE("unknown words are answered with the nearest and all") {
  static constexpr std::array<std::string_view, 3> kWords{"table", "csv", "json"};
  CHECK(index_of_word("--format", "csv", kWords) == 1);
  try {
    index_of_word("--format", "jsn", kWords);
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(std::string{error.what()} ==
          "--format knows no 'jsn'; did you mean 'json'? one of: table, csv, json");
  }
}

TEST_CASE("intervals and counts") {
  CHECK(interval_from("--interval", "5m").text() == "5m");
  CHECK_THROWS_AS(interval_from("--interval", "7m"), Error);
  CHECK(count_from("--trades", "12") == 12);
  for (const char* text : {"0", "-3", "1e3", "12 ", ""}) {
    CAPTURE(text);
    CHECK_THROWS_AS(count_from("--trades", text), Error);
  }
}

}  // namespace tapedeck
