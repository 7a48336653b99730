#include "cli/cells.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>

namespace tapedeck {
namespace {

std::string plain(const Cell& cell) {
  std::string out;
  append_plain(out, cell, {});
  return out;
}

std::string json(const Cell& cell) {
  std::string out;
  append_json(out, cell, {});
  return out;
}

TEST_CASE("counts come with their noun") {
  CHECK(plural(1, "row") == "1 row");
  CHECK(plural(0, "row") == "0 rows");
  CHECK(plural(1'234, "kept bar") == "1,234 kept bars");
}

}  // namespace

TEST_CASE("cells as plain text") {
  CHECK(plain({}).empty());
  CHECK(plain(int64_t{-12}) == "-12");
  CHECK(plain(Decimal{-1, -8}) == "-0.00000001");
  CHECK(plain(0.1) == "0.1");
  CHECK(plain(false) == "false");
  CHECK(plain(std::string_view{"x"}) == "x");
}

TEST_CASE("cells as JSON: decimals are strings, what is no number is null") {
  CHECK(json(Decimal{100, -2}) == "\"1\"");
  CHECK(json(std::numeric_limits<double>::quiet_NaN()) == "null");
  CHECK(json(std::numeric_limits<double>::infinity()) == "null");
  CHECK(json(2.5) == "2.5");
  CHECK(json(true) == "true");
}

TEST_CASE("epoch units") {
  CHECK(parse_time_style("").epoch_unit_ns == 0);
  CHECK(parse_time_style("ns").epoch_unit_ns == 1);
  CHECK(parse_time_style("s").epoch_unit_ns == 1'000'000'000);
  CHECK_THROWS_AS(parse_time_style("sec"), Error);
}

TEST_CASE("digits in groups of three") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(-1234567) == "-1,234,567");
  CHECK(grouped(-123) == "-123");
}

}  // namespace tapedeck
