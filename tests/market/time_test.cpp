#include "tapedeck/market/time.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

namespace tapedeck {

TEST_CASE("an instant is read from a date, a clock or an epoch") {
  struct Row {
    std::string_view text;
    std::string_view iso;
  };
  const std::vector<Row> rows{
      {"2024-08-08", "2024-08-08T00:00:00Z"},
      {"2024-08-08T23:54", "2024-08-08T23:54:00Z"},
      {"2024-08-08T23:54Z", "2024-08-08T23:54:00Z"},
      {"2024-08-08 23:54:15", "2024-08-08T23:54:15Z"},
      {"2024-08-08T23:54:15.3", "2024-08-08T23:54:15.300Z"},
      {"2024-08-08T23:54:15.342Z", "2024-08-08T23:54:15.342Z"},
      {"2024-08-08T23:54:15.342001", "2024-08-08T23:54:15.342001Z"},
      {"2024-08-08T23:54:15.342001007Z", "2024-08-08T23:54:15.342001007Z"},
      {"2024-08-08T23:54:15.000000000Z", "2024-08-08T23:54:15Z"},
      {"2024-02-29", "2024-02-29T00:00:00Z"},
      {"1969-12-31T23:59:59.999999999", "1969-12-31T23:59:59.999999999Z"},
      {"1900-03-01T00:00:01Z", "1900-03-01T00:00:01Z"},
      {"1677-09-21T00:12:43.145224192Z", "1677-09-21T00:12:43.145224192Z"},
      {"2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:16.854775807Z"},
      {"0", "1970-01-01T00:00:00Z"},
      {"2024", "1970-01-01T00:33:44Z"},  // a bare number is never a year
      {"1704067200", "2024-01-01T00:00:00Z"},
      {"9223372036", "2262-04-11T23:47:16Z"},
      {"170406720000", "1975-05-27T07:12:00Z"},  // 12 digits: milliseconds
      {"1704067200000", "2024-01-01T00:00:00Z"},
      {"1704067200123", "2024-01-01T00:00:00.123Z"},
      {"170406720012345", "1975-05-27T07:12:00.012345Z"},
      {"1704067200123456", "2024-01-01T00:00:00.123456Z"},
      {"1704067200123456789", "2024-01-01T00:00:00.123456789Z"},
      {"9223372036854775807", "2262-04-11T23:47:16.854775807Z"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto t = parse_timestamp(row.text);
    REQUIRE(t.has_value());
    CHECK(to_iso(*t) == row.iso);
  }
}

TEST_CASE("a text that is no instant is refused") {
  for (const std::string_view text : {"",
                                      "-",
                                      "-1",
                                      "+1",
                                      "1.5",
                                      "1e9",
                                      "now",
                                      "20240808x",
                                      "2024-8-8",
                                      "2024-08-8",
                                      "2024-08-08T",
                                      "2024-08-08Z",
                                      "2024-08-08 ",
                                      "2024-08-08t23:54",
                                      "2024-08-08T23",
                                      "2024-08-08T23:5",
                                      "2024-08-08T23:54:",
                                      "2024-08-08T23:54:1",
                                      "2024-08-08T23:54:15.",
                                      "2024-08-08T23:54:15.1234567890",
                                      "2024-08-08T23:54:15,3",
                                      "2024-08-08T23:54:15ZZ",
                                      "2024-08-08T23:54:15+01:00",
                                      "2024-08-08T24:00",
                                      "2024-08-08T23:60",
                                      "2024-08-08T23:59:60",
                                      "2023-02-29",
                                      "1900-02-29",
                                      "2024-13-01",
                                      "2024-00-01",
                                      "2024-04-31",
                                      "2024-01-00",
                                      "2024/08/08",
                                      "1677-09-21T00:12:43.145224191Z",
                                      "2262-04-11T23:47:16.854775808Z",
                                      "2262-04-12",
                                      "0001-01-01",
                                      "99999999999",
                                      "99999999999999",
                                      "99999999999999999",
                                      "9223372036854775808",
                                      "12345678901234567890",
                                      "1704067200000 "}) {
    CAPTURE(text);
    CHECK_FALSE(parse_timestamp(text).has_value());
  }
}

TEST_CASE("what is printed reads back as the same instant") {
  std::mt19937_64 random{1};
  for (int round = 0; round < 20'000; ++round) {
    auto ns = static_cast<int64_t>(random());
    const int64_t unit = std::vector<int64_t>{1, 1'000, 1'000'000, 1'000'000'000}[random() % 4];
    ns = ns / unit * unit;
    const std::string text = to_iso(from_epoch_ns(ns));
    CAPTURE(text);
    CHECK(parse_timestamp(text) == from_epoch_ns(ns));
    CHECK(text.substr(0, 10) == to_iso_date(day_of(from_epoch_ns(ns))));
  }
}

TEST_CASE("the fewest of 0, 3, 6 and 9 fractional digits that lose nothing are printed") {
  CHECK(to_iso(from_epoch_ns(0)) == "1970-01-01T00:00:00Z");
  CHECK(to_iso(from_epoch_ns(100'000'000)) == "1970-01-01T00:00:00.100Z");
  CHECK(to_iso(from_epoch_ns(1'000)) == "1970-01-01T00:00:00.000001Z");
  CHECK(to_iso(from_epoch_ns(1)) == "1970-01-01T00:00:00.000000001Z");
  CHECK(to_iso(from_epoch_ns(-1)) == "1969-12-31T23:59:59.999999999Z");
  std::string line = "at ";
  append_iso(line, from_epoch_ns(0));
  CHECK(line == "at 1970-01-01T00:00:00Z");
}

TEST_CASE("a day is read from a date alone") {
  const auto day = parse_date("2024-02-29");
  REQUIRE(day.has_value());
  CHECK(to_iso_date(*day) == "2024-02-29");
  for (const std::string_view text :
       {"", "2023-02-29", "2024-02-29T00:00", "2024-02-29Z", "20240229", "2024-2-29"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_date(text).has_value());
  }
}

TEST_CASE("a day begins at midnight UTC, before 1970 as well") {
  const auto at = [](std::string_view text) { return *parse_timestamp(text); };
  CHECK(to_iso_date(day_of(at("2024-08-08T23:59:59.999999999"))) == "2024-08-08");
  CHECK(to_iso_date(day_of(at("1969-12-31T23:59:59.999999999"))) == "1969-12-31");
  const TimeRange range = day_range(*parse_date("2024-08-08"));
  CHECK(range.begin == at("2024-08-08"));
  CHECK(range.end == at("2024-08-09"));
  CHECK(range.contains(at("2024-08-08T23:59:59.999999999")));
  CHECK_FALSE(range.contains(range.end));
}

TEST_CASE("the first and the last day are cut where 64-bit nanoseconds end") {
  CHECK(day_range(*parse_date("1677-09-21")).begin == Timestamp::min());
  CHECK(day_range(*parse_date("2262-04-11")).end == Timestamp::max());
  CHECK(day_range(*parse_date("0001-01-01")).empty());
  CHECK(day_range(*parse_date("9999-12-31")).empty());
}

TEST_CASE("ranges are half-open and meet in their common part") {
  const auto range = [](int64_t begin, int64_t end) {
    return TimeRange{.begin = from_epoch_ns(begin), .end = from_epoch_ns(end)};
  };
  CHECK(intersect(range(0, 10), range(5, 20)) == range(5, 10));
  CHECK(intersect(range(0, 10), TimeRange{}) == range(0, 10));
  CHECK(intersect(range(0, 10), range(10, 20)).empty());
  CHECK(intersect(range(0, 10), range(30, 40)).empty());
}

// OR-11
TEST_CASE("a trade on the border of two ranges belongs to the later one") {
  const TimeRange first{.begin = from_epoch_ns(0), .end = from_epoch_ns(2500)};
  const TimeRange second{.begin = from_epoch_ns(2500), .end = from_epoch_ns(5000)};
  int in_first = 0;
  int in_second = 0;
  for (const int64_t ns : {0, 2500, 5000}) {
    in_first += first.contains(from_epoch_ns(ns)) ? 1 : 0;
    in_second += second.contains(from_epoch_ns(ns)) ? 1 : 0;
  }
  CHECK(in_first == 1);
  CHECK(in_second == 1);
}

}  // namespace tapedeck
