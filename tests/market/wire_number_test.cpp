#include "tapedeck/market/wire_number.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

// "6183763e-2 8": units, exponent, and digits behind the point of the text; or the error.
std::string said(std::string_view text) {
  const auto number = parse_wire_number(text);
  if (!number) return std::string{to_text(number.error())};
  return std::to_string(number->units) + "e" + std::to_string(number->exponent) + " " +
         std::to_string(number->digits);
}

struct Row {
  std::string text;
  std::string said;
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(said(row.text) == row.said);
  }
}

// As printf("%.*f") would print it, from the integers alone.
std::string printed(const WireNumber& number) {
  std::string text = to_text(to_decimal(number));
  if (number.digits == 0) return text;
  size_t behind = 0;
  if (const size_t point = text.find('.'); point == std::string::npos) {
    text += '.';
  } else {
    behind = text.size() - point - 1;
  }
  return text.append(number.digits - behind, '0');
}

}  // namespace

TEST_CASE("a number of the wire has no trailing zeros but remembers its digits") {
  check({{"61837.63000000", "6183763e-2 8"},
         {"61837.63", "6183763e-2 2"},
         {"1.500", "15e-1 3"},
         {"0", "0e0 0"},
         {"0.000", "0e0 3"},
         {"0.00000001", "1e-8 8"},
         {"0.000000000001", "1e-12 12"},
         {"100", "100e0 0"},
         {"100.0", "100e0 1"},
         {"007.010", "701e-2 3"},
         {"16384", "16384e0 0"}});
}

TEST_CASE("a number may be negative") {
  check({{"-1.50", "-15e-1 2"},
         {"-0", "0e0 0"},
         {"-0.0", "0e0 1"},
         {"-9223372036854775808", "-9223372036854775808e0 0"},
         {"-0.00012500", "-125e-6 8"}});
}

TEST_CASE("a number is read up to 64 bits at its own digits") {
  check({{"999999999999999999", "999999999999999999e0 0"},
         {"999999.999999999999", "999999999999999999e-12 12"},
         {"9223372036854775807", "9223372036854775807e0 0"},
         {"9223372.036854775807", "9223372036854775807e-12 12"},
         {"9223372036854775808", "out_of_range"},
         {"-9223372036854775809", "out_of_range"},
         {"9223372.036854775808", "out_of_range"},
         {"12345678901234567890", "out_of_range"},
         {"100000000000000000000", "out_of_range"},
         {"123456789012.345678901200", "out_of_range"},
         {std::string(400, '9'), "out_of_range"},
         // Zeros in front and behind are no digits of the value.
         {"000000000000000000000000001.5", "15e-1 1"},
         {"1.5000000000000000000000000", "15e-1 25"},
         {"1." + std::string(255, '0'), "1e0 255"},
         {"1." + std::string(300, '0'), "1e0 255"},
         {"-2." + std::string(300, '0'), "-2e0 255"}});
}

TEST_CASE("a number finer than a store keeps is refused") {
  check({{"0.0000000000001", "too_precise"},
         {"1.1234567890123", "too_precise"},
         {"0.0000000000010", "1e-12 13"},
         {"1e-13", "too_precise"},
         {"10e-13", "1e-12 13"}});
}

TEST_CASE("an exponent moves the point") {
  check({{"1e-06", "1e-6 6"},
         {"1E-6", "1e-6 6"},
         {"-1e-6", "-1e-6 6"},
         {"12.5e-07", "125e-8 8"},
         {"1e0", "1e0 0"},
         {"1.5e1", "15e0 0"},
         {"1.50e+1", "15e0 1"},
         {"1.5e3", "1500e0 0"},
         {"1.5e003", "1500e0 0"},
         {"0e40", "0e0 0"},
         {"9e18", "9000000000000000000e0 0"},
         {"1e19", "out_of_range"},
         {"1e41", "out_of_range"},
         {"1e-41", "out_of_range"},
         {"0.05e2", "5e0 0"},
         {"0.00001e-7", "1e-12 12"}});
}

TEST_CASE("a text that is no number is refused") {
  for (const std::string_view text :
       {"",        "-",      ".",     ".5",     "5.",    "-.5",    "+5",     "+5e1",  "--5",
        "1.2.3",   "1..2",   "1,5",   " 1",     "1 ",    "1_000",  "0x10",   "NaN",   "null",
        "e",       "e5",     "1e",    "1e+",    "1e-",   "1e--5",  "1e0005", "1e5e3", "1e5.0",
        ".5e1",    "5.e1",   "-e1",   "-+5e1",  "--5e1", "+5e-1",  "1-5e1",  "1e 5",  "1..5e2",
        "1.2.3e3", "1.5.e2", "..5e2", "1.-5e2", "-5-e1", "1.5e2 ", "\"1\""}) {
    CAPTURE(text);
    CHECK(said(text) == "not_a_number");
  }
  CHECK(said(std::string_view{"1\0", 2}) == "not_a_number");
}

TEST_CASE("random numbers agree with parse_decimal() and print as they were") {
  std::mt19937_64 random{7};
  for (int i = 0; i < 100'000; ++i) {
    const auto units = static_cast<int64_t>(random() >> (1 + random() % 63));
    const int fraction = static_cast<int>(random() % 13);
    std::string text = random() % 4 == 0 ? "-" : "";
    if (units == 0) text.clear();
    text += to_text(Decimal{.units = units, .exponent = -fraction});
    if (const auto zeros = random() % 10; zeros > 0) {
      if (text.find('.') == std::string::npos) text += '.';
      text.append(zeros, '0');
    }
    CAPTURE(text);
    const auto number = parse_wire_number(text);
    const auto value = parse_decimal(text);
    REQUIRE(value.has_value());
    REQUIRE(number.has_value());
    REQUIRE((number->units == value->units && number->exponent == value->exponent));
    REQUIRE(printed(*number) == text);
  }
}

TEST_CASE("units at an exponent are exact or refused") {
  const WireNumber number = *parse_wire_number("61837.630");
  CHECK(units_at(number, -2) == 6'183'763);
  CHECK(units_at(number, -8) == 6'183'763'000'000);
  CHECK(units_at(number, -12) == 61'837'630'000'000'000);
  CHECK(units_at(number, -1) == tl::make_unexpected(DecimalError::too_precise));
  CHECK(units_at(number, 0) == tl::make_unexpected(DecimalError::too_precise));
  CHECK(units_at(*parse_wire_number("0.000"), -12) == 0);
  CHECK(units_at(*parse_wire_number("-1.5"), -3) == -1'500);
  CHECK(units_at(*parse_wire_number("9223372036854775807"), 0) == kMax);
  CHECK(units_at(*parse_wire_number("9223372036854775807"), -1) ==
        tl::make_unexpected(DecimalError::out_of_range));
  CHECK(units_at(*parse_wire_number("9223373"), -12) ==
        tl::make_unexpected(DecimalError::out_of_range));
}

TEST_CASE("numbers are equal when value and digits are; as decimals when the value is") {
  const WireNumber short_one = *parse_wire_number("1.5");
  const WireNumber long_one = *parse_wire_number("1.50");
  CHECK(short_one == *parse_wire_number("1.5"));
  CHECK_FALSE(short_one == long_one);
  CHECK(to_decimal(short_one) == to_decimal(long_one));
}

}  // namespace tapedeck
