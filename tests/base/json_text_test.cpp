#include "base/json_text.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace tapedeck {
namespace {

std::string json_of(std::string_view text) {
  std::string out;
  append_json_text(out, text);
  return out;
}

TEST_CASE("every character of one byte comes back through another parser") {
  std::string all;
  for (char c = 0; c < 0x7F; ++c)
    all += c;
  all += "\x7F naïve 深度 😀";
  CHECK(nlohmann::json::parse(json_of(all)).get<std::string>() == all);
}

TEST_CASE("control characters, quotes and backslashes are escaped") {
  CHECK(json_of("a\"b\\c\n\r\t") == R"("a\"b\\c\n\r\t")");
  CHECK(json_of(std::string_view{"\0\x1F", 2}) == R"("\u0000\u001f")");
}

TEST_CASE("each byte that is no UTF-8 becomes U+FFFD, and what stands around it stays") {
  CHECK(json_of("a\xFFz") == "\"a\xEF\xBF\xBDz\"");
  CHECK(json_of("a\xE2\x82z") == "\"a\xEF\xBF\xBD\xEF\xBF\xBDz\"");
  CHECK(json_of("\xC3\xA9\xC3") == "\"\xC3\xA9\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace tapedeck
