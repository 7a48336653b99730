#include "feed/swar.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

namespace tapedeck {

TEST_CASE("eight digits are read as one number") {
  CHECK(swar::number_of(swar::digits_of(swar::load8("00000000"))) == 0);
  CHECK(swar::number_of(swar::digits_of(swar::load8("12345678"))) == 12'345'678);
  CHECK(swar::number_of(swar::digits_of(swar::load8("99999999"))) == 99'999'999);
  std::mt19937_64 random{1};
  for (int i = 0; i < 10'000; ++i) {
    const uint64_t number = random() % 100'000'000;
    const std::string text = std::to_string(100'000'000 + number).substr(1);
    REQUIRE(swar::number_of(swar::digits_of(swar::load8(text.data()))) == number);
  }
}

TEST_CASE("every character but a digit is a fault, at every place") {
  for (size_t place = 0; place < 8; ++place) {
    for (int c = 0; c < 256; ++c) {
      std::string text = "09090909";
      text[place] = static_cast<char>(c);
      const uint64_t digits = swar::digits_of(swar::load8(text.data()));
      CAPTURE(c);
      REQUIRE(swar::has_fault(swar::faults_of(digits)) == !(c >= '0' && c <= '9'));
    }
  }
}

TEST_CASE("the first of a character is found, or none") {
  CHECK(swar::index_of(swar::load8("1.234.67"), '.') == 1);
  CHECK(swar::index_of(swar::load8(".1234567"), '.') == 0);
  CHECK(swar::index_of(swar::load8("1234567."), '.') == 7);
  CHECK(swar::index_of(swar::load8("12345678"), '.') == 8);
  CHECK(swar::index_of(swar::load8("////-///"), '.') == 8);
}

TEST_CASE("a front mask keeps the leading characters") {
  const uint64_t word = swar::load8("abcdefgh");
  CHECK((word & swar::kFront[0]) == 0);
  CHECK((word & swar::kFront[3]) == swar::load8("abc\0\0\0\0\0"));
  CHECK((word & swar::kFront[8]) == word);
}

}  // namespace tapedeck
