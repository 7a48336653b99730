#include "feed/fast_trade.hpp"

#include "tapedeck/market/decimal.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

// Readable beyond the text, as lines within a piece are.
std::string padded(std::string_view text) {
  return std::string{text} + std::string(fast::kReadableBytes, 'x');
}

std::optional<uint64_t> units(std::string_view text, size_t fraction) {
  const std::string bytes = padded(text);
  fast::Reader reader;
  const uint64_t value = reader.units(bytes.data(), text.size(), fast::Fraction{fraction});
  return reader.well_formed() ? std::optional{value} : std::nullopt;
}

std::optional<uint64_t> digits(std::string_view text) {
  const std::string bytes = padded(text);
  fast::Reader reader;
  const uint64_t value = reader.digits(bytes.data(), text.size());
  return reader.well_formed() ? std::optional{value} : std::nullopt;
}

fast::Rules any_rules() {
  return {.id_above = -1,
          .begin_ns = 0,
          .end_ns = std::numeric_limits<int64_t>::max(),
          .time_digits = 13,
          .ns_per_unit = 1'000'000,
          .price = fast::Fraction{2},
          .quantity = fast::Fraction{3}};
}

template <size_t kTime, size_t kColumns>
std::string read(std::string_view text, const fast::Rules& rules) {
  const std::string bytes = padded(text);
  fast::Line<kColumns> line;
  TradeUnits trade;
  if (!line.find(bytes.data()) || !fast::read_trade<kTime, kColumns>(line, rules, trade)) return "";
  return std::to_string(trade.trade_id) + " " + std::to_string(trade.ts_event) + " " +
         std::to_string(trade.price) + " " + std::to_string(trade.quantity) + " " +
         std::string{to_text(trade.side)};
}

}  // namespace

TEST_CASE("a fast decimal is the same number as the careful one, or none") {
  const std::vector<std::string> parts{"",
                                       "0",
                                       "1",
                                       "00",
                                       "12",
                                       "1234567",
                                       "12345678",
                                       "123456789",
                                       "99999999",
                                       "5x",
                                       "1234567890123456",
                                       "12345678901234567",
                                       "12345678x"};
  for (const std::string& whole : parts) {
    for (const std::string& behind : parts) {
      for (const std::string& text : {whole + "." + behind, whole, whole + ".." + behind}) {
        for (size_t fraction = 0; fraction <= 8; ++fraction) {
          CAPTURE(text);
          CAPTURE(fraction);
          const auto fast = units(text, fraction);
          const auto careful = parse_units(text, -static_cast<int>(fraction));
          if (fast) {
            REQUIRE(careful);
            CHECK(static_cast<int64_t>(*fast) == *careful);
          }
        }
      }
    }
  }
}

TEST_CASE("usual decimals are read the fast way") {
  CHECK(units("61837.63000000", 2) == 6183763);
  CHECK(units("61837.63000000", 8) == 6183763000000);
  CHECK(units("12345678.87654321", 8) == 1234567887654321);
  CHECK(units("0.00141342", 8) == 141342);
  CHECK(units("5", 0) == 5);
  CHECK(units("5.000", 0) == 5);
  CHECK(units("99999999", 8) == 9999999900000000);
  CHECK(units("123456789", 0) == 123456789);
  CHECK(units("9999999999999999.00", 2) == 999999999999999900);
  CHECK(units("12345678901.50", 2) == 1234567890150);
  CHECK_FALSE(units("9999999999999999", 3));
  CHECK_FALSE(units("12345678901234567", 0));
  CHECK_FALSE(units("123456789.", 2));
  CHECK_FALSE(units("123456789.001", 2));
  CHECK_FALSE(units("123456789.123456789", 8));
  CHECK_FALSE(units("5.001", 2));
  CHECK_FALSE(units("5.1", 0));
  CHECK_FALSE(units("-5", 2));
  CHECK_FALSE(units("5.", 2));
  CHECK_FALSE(units(".5", 2));
  CHECK_FALSE(units("1e-7", 8));
}

TEST_CASE("1 to 16 digits are read the fast way") {
  CHECK(digits("7") == 7);
  CHECK(digits("12345678") == 12345678);
  CHECK(digits("123456789") == 123456789);
  CHECK(digits("9999999999999999") == 9999999999999999);
  CHECK_FALSE(digits(""));
  CHECK_FALSE(digits("12345678901234567"));
  CHECK_FALSE(digits("12a"));
  CHECK_FALSE(digits("a23456789"));
  CHECK_FALSE(digits("12345678a"));
}

TEST_CASE("the columns of a line are found, of any length up to 128 bytes") {
  for (size_t bytes = 0; bytes < 140; ++bytes) {
    CAPTURE(bytes);
    const std::string text = padded("1," + std::string(bytes, '5') + ",3\r\n4,5,6\n");
    fast::Line<3> line;
    const bool found = line.find(text.data());
    CHECK(found == (bytes + 6 <= fast::kReadableBytes));
    if (!found) continue;
    CHECK(line.bytes(0) == 1);
    CHECK(line.bytes(1) == bytes);
    CHECK(line.bytes(2) == 1);
    CHECK(*line.at(2) == '3');
    CHECK(line.bytes_with_end() == bytes + 6);
  }
}

TEST_CASE("a line of another number of columns is not found") {
  for (const std::string_view text : {"\n", "1\n", "1,2\n", "1,2,3,4\n", "1,2\n3,4,5\n", ",,,\n"}) {
    CAPTURE(text);
    fast::Line<3> line;
    const std::string bytes = padded(text);
    CHECK_FALSE(line.find(bytes.data()));
  }
}

TEST_CASE("usual lines of every layout are read the fast way") {
  const auto rules = any_rules();
  CHECK(read<5, 7>("26129,50000.10,0.25,27781,27782,1704067200000,true\n", rules) ==
        "26129 1704067200000000000 5000010 250 sell");
  CHECK(read<5, 7>("26129,50000.10,0.25,27781,27782,1704067200000,false\r\n", rules) ==
        "26129 1704067200000000000 5000010 250 buy");
  CHECK(read<5, 8>("3,50000.10000000,0.25000000,27781,27782,1704067200000,False,True\r\n", rules) ==
        "3 1704067200000000000 5000010 250 buy");
  CHECK(read<4, 6>("1,5,0,1236.75260000,1704067200000,True\n", rules) ==
        "1 1704067200000000000 500 0 sell");
  CHECK(read<4, 7>("1,5,0,1236.75260000,1704067200000,True,True\n", rules) ==
        "1 1704067200000000000 500 0 sell");
  CHECK(read<4, 7>("1,5,0,1236.75260000,1704067200000,1,0\r\n", rules) ==
        "1 1704067200000000000 500 0 sell");
}

TEST_CASE("a line that breaks a rule is not read the fast way") {
  auto rules = any_rules();
  rules.id_above = 5;
  rules.begin_ns = 1'704'067'200'000'000'000;
  rules.end_ns = 1'704'067'300'000'000'000;
  CHECK(read<4, 6>("6,5,1,5,1704067200000,true\n", rules) != "");
  CHECK(read<4, 6>("6,5,1,5,1704067299999,true\n", rules) != "");
  const std::vector<std::string_view> lines{
      "5,5,1,5,1704067200000,true\n",      "6,0,1,5,1704067200000,true\n",
      "6,0.00,1,5,1704067200000,true\n",   "6,-5,1,5,1704067200000,true\n",
      "6,5,-1,5,1704067200000,true\n",     "6,5.001,1,5,1704067200000,true\n",
      "6,5,1.0001,5,1704067200000,true\n", "6,5,1,5,1704067199999,true\n",
      "6,5,1,5,1704067300000,true\n",      "6,5,1,5,1704067200000000,true\n",
      "6,5,1,5,0704067200000,true\n",      "6,5,1,x,1704067200000,true\n",
      "6,5,1,5,1704067200000,TRUE\n",      "6,5,1,5,1704067200000,trua\n",
      "6,5,1,5,1704067200000,falsa\n",     "6,5,1,5,1704067200000,true \n",
      "6,5,1,5,1704067200000,\n",          "6,5,1,5,1704067200000,2\n",
      "x,5,1,5,1704067200000,true\n",      ",5,1,5,1704067200000,true\n",
      "6,,1,5,1704067200000,true\n",       "6,5,1,5,170406720000x,true\n",
      "6,\"5\",1,5,1704067200000,true\n",  "6,5,1,5,1704067200000,Xrue\n",
  };
  for (const auto line : lines) {
    CAPTURE(line);
    CHECK(read<4, 6>(line, rules) == "");
  }
  CHECK(read<4, 7>("6,5,1,5,1704067200000,true,maybe\n", rules) == "");
  CHECK(read<5, 7>("6,5,1,5,x,1704067200000,true\n", rules) == "");
}

}  // namespace tapedeck
