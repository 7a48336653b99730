#include "feed/fields.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace tapedeck {
namespace {

// The value as text, or the reason.
std::string said(const Field<Decimal>& field) {
  return field ? to_text(*field) : field.error();
}
std::string said(const Field<int64_t>& field) {
  return field ? std::to_string(*field) : field.error();
}
std::string said(const Field<bool>& field) {
  return field ? *field ? "yes" : "no" : field.error();
}
std::string said(const Field<Timestamp>& field) {
  return field ? to_iso(*field) : field.error();
}
std::string said(const Field<void>& field) {
  return field ? "ok" : field.error();
}

struct Row {
  std::string_view text;
  std::string_view said;
};

TimeRange day(std::string_view text) {
  return day_range(*parse_date(text));
}

}  // namespace

TEST_CASE("a whole number has digits only and fits 64 bits") {
  const std::vector<Row> rows{
      {"0", "0"},
      {"007", "7"},
      {"9223372036854775807", "9223372036854775807"},
      {"9223372036854775808",
       "id is out of range: it does not fit 64 bits, found '9223372036854775808'"},
      {"", "id must be a whole number, found ''"},
      {"-1", "id must be a whole number, found '-1'"},
      {"1.0", "id must be a whole number, found '1.0'"},
      {"1e5", "id must be a whole number, found '1e5'"},
      {" 1", "id must be a whole number, found ' 1'"},
  };
  for (const Row& row : rows) {
    CHECK(said(read_whole("id", row.text)) == row.said);
  }
}

TEST_CASE("a price is above 0, a quantity not below, a decimal either") {
  CHECK(said(read_decimal("x", "-1.50")) == "-1.5");
  CHECK(said(read_price("price", "61837.63000000")) == "61837.63");
  CHECK(said(read_price("price", "0.000")) == "price must be above 0, found '0.000'");
  CHECK(said(read_price("price", "-1.5")) == "price must be above 0, found '-1.5'");
  CHECK(said(read_quantity("quantity", "0")) == "0");
  CHECK(said(read_quantity("quantity", "-0.5")) == "quantity must not be negative, found '-0.5'");
}

TEST_CASE("a decimal is refused by the rule it breaks") {
  const std::vector<Row> rows{
      {"1e-7", "price must be a decimal number, found '1e-7'"},
      {"", "price must be a decimal number, found ''"},
      {"1.2.3", "price must be a decimal number, found '1.2.3'"},
      {"NaN", "price must be a decimal number, found 'NaN'"},
      {"0.0000000000001",
       "price has more than 12 digits behind the point: too precise, found '0.0000000000001'"},
      {"100000000000000000000000000",
       "price is out of range: it has more than 26 digits before the point, found "
       "'100000000000000000000000000'"},
  };
  for (const Row& row : rows) {
    CHECK(said(read_price("price", row.text)) == row.said);
  }
}

TEST_CASE("what is stored as units must fit 64 bits, a monthly turnover need not") {
  const auto units = [](std::string_view text) {
    return said(in_64_bits("price", text, read_price("price", text)));
  };
  CHECK(said(read_price("price", "123456789012.12345678")) == "123456789012.12345678");
  CHECK(units("92233720368.54775807") == "92233720368.54775807");
  CHECK(units("92233720368.54775808") ==
        "price is out of range: its digits do not fit 64 bits, found '92233720368.54775808'");
  CHECK(units("0") == "price must be above 0, found '0'");
}

TEST_CASE("a number that is not stored may have any length") {
  CHECK(said(check_number("x", "123456789012345678901234567890.12345678901234567890")) == "ok");
  CHECK(said(check_number("x", "-1")) == "ok");
  CHECK(said(check_number("x", "one")) == "x must be a decimal number, found 'one'");
}

TEST_CASE("a boolean is written in one of six ways") {
  for (const std::string_view word : {"true", "True", "1"}) {
    CHECK(said(read_boolean("maker", word)) == "yes");
  }
  for (const std::string_view word : {"false", "False", "0"}) {
    CHECK(said(read_boolean("maker", word)) == "no");
  }
  for (const std::string_view word : {"", "TRUE", "yes", "2", "truee", "fals"}) {
    CHECK(said(read_boolean("maker", word)) ==
          "maker must be true or false, found '" + std::string{word} + "'");
  }
}

TEST_CASE("a long text is cut where a reason cites it") {
  CHECK(said(read_boolean("maker", std::string(70, 'x'))) ==
        "maker must be true or false, found '" + std::string(64, 'x') + "…'");
}

TEST_CASE("a time is of 13 or 16 digits, and all of a file are alike") {
  FileClock clock{std::nullopt};
  CHECK(clock.digits() == 0);
  for (const std::string_view text : {"", "1", "170406720000", "17040672000000", "170406720000a",
                                      "0704067200000", "-704067200000", "1704067200000000000"}) {
    CHECK(said(clock.read_epoch("time", text)) ==
          "time must have 13 digits (ms) or 16 (µs), found '" + std::string{text} + "'");
  }
  CHECK(said(clock.read_epoch("time", "9999999999999")) ==
        "time is out of range: beyond the year 2262, found '9999999999999'");
  CHECK(clock.digits() == 0);
  CHECK(said(clock.read_epoch("time", "1704067200123")) == "2024-01-01T00:00:00.123Z");
  CHECK(clock.digits() == 13);
  CHECK(clock.ns_per_unit() == 1'000'000);
  CHECK(said(clock.read_epoch("time", "1704067200123456")) ==
        "time must have 13 digits as the first row's, found '1704067200123456'");
  FileClock microseconds{std::nullopt};
  CHECK(said(microseconds.read_epoch("time", "1704067200123456")) == "2024-01-01T00:00:00.123456Z");
  CHECK(microseconds.ns_per_unit() == 1'000);
}

TEST_CASE("a time lies within one day of the file's period") {
  FileClock clock{day("2024-01-02")};
  CHECK(said(clock.read_epoch("time", "1704067199999"))
            .starts_with("time lies outside of the file's period, 2024-01-01T00:00:00Z to "
                         "2024-01-04T00:00:00Z with a day more"));
  CHECK(clock.digits() == 0);
  CHECK(said(clock.read_epoch("time", "1704067200000")) == "2024-01-01T00:00:00Z");
  CHECK(said(clock.read_epoch("time", "1704326399999")) == "2024-01-03T23:59:59.999Z");
  CHECK(said(clock.read_epoch("time", "1704326400000")).starts_with("time lies outside"));
}

TEST_CASE("a period at the end of time stays within it") {
  const FileClock clock{TimeRange{}};
  CHECK(clock.allowed().begin == Timestamp::min());
  CHECK(clock.allowed().end == Timestamp::max());
}

TEST_CASE("a time in words has a day and a time") {
  const FileClock clock{day("2025-08-01")};
  CHECK(said(clock.read_text("create_time", "2025-08-01 00:05:00")) == "2025-08-01T00:05:00Z");
  for (const std::string_view text : {"", "2025-08-01", "1754006700000", "2025-08-01 25:00:00"}) {
    CHECK(said(clock.read_text("create_time", text))
              .starts_with("create_time must be like '2025-08-01 00:05:00'"));
  }
  CHECK(said(clock.read_text("create_time", "2025-08-03 00:00:00"))
            .starts_with("create_time lies outside"));
}

}  // namespace tapedeck
