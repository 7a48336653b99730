#include "tapedeck/market/decimal.hpp"

#include "tapedeck/base/error.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <random>
#include <vector>

namespace tapedeck {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int128 kInt128Max = static_cast<int128>(~uint128{0} >> 1);
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int128 kMax128 = static_cast<int128>(~uint128{0} >> 1);

std::string printed(int128 units, int exponent) {
  return to_text(Decimal{.units = units, .exponent = exponent});
}

TEST_CASE("sums and differences are exact, at the finer digits") {
  CHECK(difference({1, 0}, {1, -3}) == Decimal{999, -3});
  CHECK(difference({125, -2}, {1, 0}) == Decimal{25, -2});
  CHECK(sum({1, 0}, {1, -12}) == Decimal{1'000'000'000'001, -12});
  CHECK(sum({-5, -1}, {5, -1}) == Decimal{0, 0});
  const int128 most = ~(int128{1} << 127);
  CHECK(sum({most - 1, 0}, {1, 0}) == Decimal{most, 0});
  CHECK_THROWS_AS(sum({most, 0}, {1, 0}), Error);
  CHECK_THROWS_AS(sum({most, 0}, {1, -1}), Error);
}

}  // namespace

TEST_CASE("a decimal is read at the digits that its text needs") {
  struct Row {
    std::string_view text;
    int128 units;
    int exponent;
  };
  const std::vector<Row> rows{
      {"61837.63000000", 6183763, -2},
      {"0", 0, 0},
      {"-0", 0, 0},
      {"0.000", 0, 0},
      {"+7", 7, 0},
      {"-7.50", -75, -1},
      {"100", 100, 0},
      {"007.010", 701, -2},
      {"0.000000000001", 1, -12},
      {"1.0000000000000000000", 1, 0},
      {"0.00000001", 1, -8},
      {"9999999999.99999999", 999999999999999999, -8},
      {"9223372036854775807", kMax, 0},
      {"-9223372036854775808", kMin, 0},
      {"9223372036854775808", int128{kMax} + 1, 0},
      {"170141183460469231731687303715884105727", kInt128Max, 0},
      {"-170141183460469231731687303715884105727", -kInt128Max, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto value = parse_decimal(row.text);
    REQUIRE(value.has_value());
    CHECK((value->units == row.units));
    CHECK(value->exponent == row.exponent);
  }
}

TEST_CASE("a text that is no decimal says why") {
  struct Row {
    std::string_view text;
    DecimalError error;
  };
  const std::vector<Row> rows{
      {"", DecimalError::not_a_number},
      {"-", DecimalError::not_a_number},
      {".", DecimalError::not_a_number},
      {".5", DecimalError::not_a_number},
      {"5.", DecimalError::not_a_number},
      {"1.2.3", DecimalError::not_a_number},
      {"1e5", DecimalError::not_a_number},
      {"1,5", DecimalError::not_a_number},
      {" 1", DecimalError::not_a_number},
      {"1 ", DecimalError::not_a_number},
      {"--1", DecimalError::not_a_number},
      {"nan", DecimalError::not_a_number},
      {"inf", DecimalError::not_a_number},
      {"0x10", DecimalError::not_a_number},
      {"99999999999999999999x", DecimalError::not_a_number},
      {std::string_view{"1\0", 2}, DecimalError::not_a_number},
      {"0.0000000000001", DecimalError::too_precise},
      {"-9.223372036854775808", DecimalError::too_precise},
      {"170141183460469231731687303715884105728", DecimalError::out_of_range},
      {"-170141183460469231731687303715884105728", DecimalError::out_of_range},
      {"17014118346046923173168730371588.4105728", DecimalError::out_of_range},
      {"99999999999999999999999999999999999999999", DecimalError::out_of_range},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto value = parse_decimal(row.text);
    REQUIRE_FALSE(value.has_value());
    CHECK(value.error() == row.error);
  }
}

TEST_CASE("units are read at a given exponent or refused, never rounded") {
  CHECK(parse_units("61837.63", -3) == 61837630);
  CHECK(parse_units("61837.63000000", -2) == 6183763);
  CHECK(parse_units("-1", -12) == -1'000'000'000'000);
  CHECK(parse_units("0.0", 0) == 0);
  CHECK(parse_units("61837.635", -2).error() == DecimalError::too_precise);
  CHECK(parse_units("10000000", -12).error() == DecimalError::out_of_range);
  CHECK(parse_units("92233720368547758.08", -2).error() == DecimalError::out_of_range);
  CHECK(parse_units("-92233720368547758.08", -2) == kMin);
  CHECK(parse_units("1e5", -2).error() == DecimalError::not_a_number);
}

TEST_CASE("what is printed reads back as the same value") {
  std::mt19937_64 random{1};
  for (int round = 0; round < 20'000; ++round) {
    const auto units = static_cast<int64_t>(random()) >> (random() % 64);
    const int exponent = -static_cast<int>(random() % 13);
    const std::string text = printed(units, exponent);
    CAPTURE(text);
    const auto value = parse_decimal(text);
    REQUIRE(value.has_value());
    CHECK(*value == Decimal{.units = units, .exponent = exponent});
    CHECK(parse_units(text, exponent) == units);
    CHECK(to_text(*value) == text);
  }
}

TEST_CASE("decimals print as plain digits without trailing zeros") {
  CHECK(printed(6183763, -2) == "61837.63");
  CHECK(printed(-5, -1) == "-0.5");
  CHECK(printed(1, -12) == "0.000000000001");
  CHECK(printed(1, -8) == "0.00000001");
  CHECK(printed(999999999999999999, -8) == "9999999999.99999999");
  CHECK(printed(1500, -2) == "15");
  CHECK(printed(1500, 0) == "1500");
  CHECK(printed(0, -4) == "0");
  CHECK(printed(kMin, 0) == "-9223372036854775808");
  CHECK(printed(kMax128, 0) == "170141183460469231731687303715884105727");
  CHECK(printed(-kMax128 - 1, -38) == "-1.70141183460469231731687303715884105728");
  CHECK(printed(int128{1'000'000'000'000'000'000} * 1'000'000'000'000'000'000, -16) ==
        "100000000000000000000");
  std::string line = "price=";
  append_decimal(line, 25, -2);
  CHECK(line == "price=0.25");
}

TEST_CASE("decimals compare by value, whatever their exponents") {
  const auto decimal = [](int128 units, int exponent) {
    return Decimal{.units = units, .exponent = exponent};
  };
  CHECK(decimal(150, -2) == decimal(15, -1));
  CHECK(compare(decimal(15, -1), decimal(151, -2)) < 0);
  CHECK(compare(decimal(-15, -1), decimal(-151, -2)) > 0);
  CHECK(decimal(0, 0) == decimal(0, -12));
  CHECK(compare(decimal(0, 0), decimal(-1, -12)) > 0);
  CHECK(compare(decimal(kMax128, 0), decimal(kMax128, -12)) > 0);
  CHECK(compare(decimal(-kMax128, 0), decimal(-kMax128, -12)) < 0);
  CHECK(compare(decimal(kMax128, -12), decimal(kMax128, 0)) < 0);
}

TEST_CASE("rescaling there keeps the value, and overflow is told") {
  std::mt19937_64 random{2};
  for (int round = 0; round < 2'000; ++round) {
    const auto units = static_cast<int64_t>(random() % 1'000'000);
    const int from = -static_cast<int>(random() % 6);
    const int to = from - static_cast<int>(random() % 7);
    const auto scaled = rescale(units, from, to);
    REQUIRE(scaled.has_value());
    CHECK(*scaled / power_of_ten(from - to) == units);
    CHECK(printed(*scaled, to) == printed(units, from));
  }
  CHECK(rescale(kMax, 0, 0) == kMax);
  CHECK(rescale(kMin, -3, -3) == kMin);
  CHECK(rescale(kMax / 10 + 1, 0, -1).error() == DecimalError::out_of_range);
  CHECK(rescale(kMin / 10 - 1, 0, -1).error() == DecimalError::out_of_range);
  CHECK(rescale(1, 0, -18) == 1'000'000'000'000'000'000);
  CHECK(rescale(1, 0, -19).error() == DecimalError::out_of_range);
  CHECK(rescale(0, 0, -30) == 0);
}

TEST_CASE("a quotient is rounded half to even at its last digit") {
  CHECK(divide_half_even(1, 3, 4) == 3333);
  CHECK(divide_half_even(2, 3, 4) == 6667);
  CHECK(divide_half_even(1, 2, 0) == 0);
  CHECK(divide_half_even(3, 2, 0) == 2);
  CHECK(divide_half_even(5, 2, 0) == 2);
  CHECK(divide_half_even(-1, 2, 0) == 0);
  CHECK(divide_half_even(-3, 2, 0) == -2);
  CHECK(divide_half_even(-2, 3, 4) == -6667);
  CHECK(divide_half_even(401, 4, 4) == 1002500);
  CHECK(divide_half_even(1, 8, 2) == 12);  // 0.125
  CHECK(divide_half_even(3, 8, 2) == 38);  // 0.375
  CHECK(divide_half_even(999'999, 1'000'000, 3) == 1000);
  CHECK(divide_half_even(0, 7, 6) == 0);
}

TEST_CASE("a quotient near 128 bits is exact, and one beyond is refused") {
  CHECK(divide_half_even(kMax128, kMax128, 6) == 1'000'000);
  CHECK(divide_half_even(kMax128 - 1, kMax128, 6) == 1'000'000);
  CHECK(divide_half_even(kMax128 / 3, kMax128, 6) == 333'333);
  CHECK(divide_half_even(kMax128, 1, 0) == kMax128);
  CHECK(divide_half_even(-kMax128 - 1, 1, 0) == -kMax128 - 1);
  CHECK(divide_half_even(kMax128, 10'000, 4) == kMax128);
  CHECK_THROWS_AS(divide_half_even(kMax128, 1, 1), Error);
  CHECK_THROWS_AS(divide_half_even(-kMax128, 10, 4), Error);
}

TEST_CASE("a quotient equals the one computed at once") {
  std::mt19937_64 random{3};
  for (int round = 0; round < 5'000; ++round) {
    const int128 numerator = static_cast<int64_t>(random());
    const int128 denominator = static_cast<int64_t>(random() >> (1 + random() % 62)) + 1;
    const int128 scaled = numerator * 1'000'000;
    const int128 twice = 2 * scaled;
    const int128 rounded = divide_half_even(numerator, denominator, 6);
    // The error is at most half a unit.
    CHECK(twice - 2 * rounded * denominator <= denominator);
    CHECK(twice - 2 * rounded * denominator >= -denominator);
  }
}

TEST_CASE("a double is the one nearest to the decimal while its units fit 53 bits") {
  CHECK(to_double({.units = 6183763, .exponent = -2}) == 61837.63);
  CHECK(to_double({.units = -1, .exponent = -12}) == -1e-12);
  CHECK(to_double({.units = 0, .exponent = 0}) == 0.0);
}

// OR-10: a float sum of the same would be 100000.00149.
TEST_CASE("a million quantities of 0.1 sum to 100000 exactly") {
  const auto tenth = parse_decimal("0.1");
  REQUIRE(tenth.has_value());
  Volume sum = 0;
  for (int count = 0; count < 1'000'000; ++count)
    sum += tenth->units;
  CHECK(printed(sum, tenth->exponent) == "100000");
}

// OR-15
TEST_CASE("the smallest and the largest price come back as the text they came in") {
  for (const std::string_view text : {"0.00000001", "9999999999.99999999"}) {
    const auto units = parse_units(text, -8);
    REQUIRE(units.has_value());
    CHECK(printed(*units, -8) == text);
  }
}

TEST_CASE("the finest of two scales is taken exponent by exponent") {
  CHECK(finest({.price_exp = -2, .qty_exp = -5}, {.price_exp = -3, .qty_exp = -1}) ==
        Scale{.price_exp = -3, .qty_exp = -5});
}

TEST_CASE("decimal errors have their enumerator's name") {
  CHECK(to_text(DecimalError::not_a_number) == "not_a_number");
  CHECK(to_text(DecimalError::too_precise) == "too_precise");
  CHECK(to_text(DecimalError::out_of_range) == "out_of_range");
}

}  // namespace tapedeck
