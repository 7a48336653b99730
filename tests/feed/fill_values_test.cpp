#include "feed/fill_values.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace tapedeck;

namespace {

std::string amount(std::string_view text) {
  const auto value = read_plain_amount("price", text);
  return value ? to_text(*value) : value.error();
}

std::string time(std::string_view text, DateOrder order = DateOrder::year_first) {
  const auto value = read_day_time("time", text, order);
  return value ? to_iso(*value) : value.error();
}

std::string unit(std::string_view text, std::string_view pair) {
  const NumberWithUnit split = split_unit(text, pair);
  return std::string{split.number} + "|" + std::string{split.unit};
}

}  // namespace

TEST_CASE("numbers of brokers are read to the last digit") {
  struct Case {
    std::string_view text;
    std::string_view expected;
  };
  const std::vector<Case> cases{{"427.30", "427.3"},
                                {"$2965", "2965"},
                                {"-$2,885.10", "-2885.1"},
                                {"$-5", "-5"},
                                {" +€1,234,567.000000000001 ", "1234567.000000000001"},
                                {".5", "0.5"},
                                {"1e-06", "0.000001"},
                                {"24.0000000000", "24"}};
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(amount(one.text) == one.expected);
  }
}

TEST_CASE("what is no number is refused") {
  for (const std::string_view text :
       {"", "NaN", "-", "$", "--5", "1,5", "1,2345", ",123", "1234,567", "1.5,000", "12,34.5",
        "5 USD", "0x10", "1e", "-$-5", "inf"}) {
    CAPTURE(text);
    CHECK(amount(text).starts_with("price must be a decimal number, found"));
  }
  CHECK(amount("0.0000000000001").starts_with("price has more than 12 digits behind the point"));
  CHECK(amount("123456789012345678901234567").starts_with("price is out of range"));
}

TEST_CASE("times of brokers are UTC instants") {
  CHECK(time("2024-01-01 16:10:05.175") == "2024-01-01T16:10:05.175Z");
  CHECK(time("2004-01-09 00:00:00+00:00") == "2004-01-09T00:00:00Z");
  CHECK(time("2024-01-01T01:30:00+0230") == "2023-12-31T23:00:00Z");
  CHECK(time("2024-01-01T01:30:00-01:00") == "2024-01-01T02:30:00Z");
  CHECK(time("2024-01-01 01:30:00 UTC") == "2024-01-01T01:30:00Z");
  CHECK(time("2024-01-01") == "2024-01-01T00:00:00Z");
  CHECK(time("1704067200000") == "2024-01-01T00:00:00Z");
  CHECK(time("03/06/2021", DateOrder::month_first) == "2021-03-06T00:00:00Z");
  CHECK(time("3/6/2021 09:30:00", DateOrder::month_first) == "2021-03-06T09:30:00Z");
  CHECK(time("03.06.2021", DateOrder::day_first) == "2021-06-03T00:00:00Z");
}

TEST_CASE("what is no time is refused") {
  for (const std::string_view text :
       {"", "soon", "2024-13-01", "2024-01-01T00:00:00+99:00", "2024-01-01T00:00:00+1"}) {
    CAPTURE(text);
    CHECK(time(text).starts_with("time must be a time like 2024-01-31 16:10:05.175, found"));
  }
  for (const std::string_view text : {"13/01/2021", "03/06/21", "03/2021", "2021-03-06", "//"}) {
    CAPTURE(text);
    CHECK(time(text, DateOrder::month_first).starts_with("time must be a time like 01/31/2024"));
  }
  CHECK(time("9223372036854775807") == "time is out of range, found '9223372036854775807'");
}

TEST_CASE("a unit behind a number is told by the pair") {
  CHECK(unit("0.00028400BTC", "BNBBTC") == "0.00028400|BTC");
  CHECK(unit("0.5001INCH", "1INCHUSDT") == "0.500|1INCH");
  CHECK(unit("0.5BNB", "BTCUSDT") == "0.5|BNB");
  CHECK(unit("1,234.5USDT", "BTCUSDT") == "1,234.5|USDT");
  CHECK(unit("12.5", "BTCUSDT") == "12.5|");
  CHECK(unit("", "BTCUSDT") == "|");
}
