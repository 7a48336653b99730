#include "base/utf8.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

namespace tapedeck {
namespace {

// RFC 3629, section 3, the other way round.
std::string encoded(uint32_t point) {
  const auto byte = [](uint32_t bits) { return static_cast<char>(static_cast<uint8_t>(bits)); };
  if (point < 0x80) return {byte(point)};
  if (point < 0x800) return {byte(0xC0 | point >> 6), byte(0x80 | (point & 63))};
  if (point < 0x10000) {
    return {byte(0xE0 | point >> 12), byte(0x80 | (point >> 6 & 63)), byte(0x80 | (point & 63))};
  }
  return {byte(0xF0 | point >> 18), byte(0x80 | (point >> 12 & 63)), byte(0x80 | (point >> 6 & 63)),
          byte(0x80 | (point & 63))};
}

TEST_CASE("every character of Unicode is UTF-8 and a surrogate is none") {
  int64_t wrong = 0;
  for (uint32_t point = 0; point < 0x110000; ++point) {
    const std::string text = encoded(point) + "x";
    const bool surrogate = point >= 0xD800 && point < 0xE000;
    wrong += utf8_character_bytes(text) == (surrogate ? 0 : text.size() - 1) ? 0 : 1;
    wrong += utf8_character_bytes(std::string_view{text}.substr(0, text.size() - 2)) == 0 ? 0 : 1;
  }
  CHECK(wrong == 0);
}

TEST_CASE("of all sequences of two and three bytes exactly those of a character are UTF-8") {
  int64_t two = 0;
  int64_t three = 0;
  std::string text(3, '\0');
  for (uint32_t bytes = 0; bytes < 0x1000000; ++bytes) {
    text[0] = static_cast<char>(static_cast<uint8_t>(bytes >> 16));
    text[1] = static_cast<char>(static_cast<uint8_t>(bytes >> 8));
    text[2] = static_cast<char>(static_cast<uint8_t>(bytes));
    const size_t length = utf8_character_bytes(text);
    two += length == 2 ? 1 : 0;
    three += length == 3 ? 1 : 0;
  }
  CHECK(two == (0x800 - 0x80) * 256);
  CHECK(three == 0x10000 - 0x800 - 0x800);
}

TEST_CASE("what is overlong, beyond Unicode or cut short is no UTF-8") {
  for (const std::string_view text :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xFF", "\xE2\x82", "\xF0\x9F\x98", "\xC3(", ""}) {
    CAPTURE(text);
    CHECK(utf8_character_bytes(text) == 0);
  }
}

}  // namespace
}  // namespace tapedeck
