#include "feed/json_objects.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace tapedeck;

namespace {

// "1 {}; 2 refused: no JSON object": line and text of each piece.
std::string pieces_of(std::string_view text, size_t piece = 3) {
  JsonObjects objects;
  for (size_t at = 0; at < text.size(); at += piece)
    objects.add(text.substr(at, piece));
  objects.finish();
  std::string line;
  for (const JsonObjects::Piece& one : objects.take()) {
    line += fmt::format("{}{} {}", line.empty() ? "" : "; ", one.line, one.text);
    if (!one.reason.empty()) line += fmt::format(" refused: {}", one.reason);
  }
  return line;
}

}  // namespace

TEST_CASE("objects are found one a line, one after another, in arrays and over many lines") {
  CHECK(pieces_of("") == "");
  CHECK(pieces_of("{\"a\":1}\n{\"b\":2}\n") == "1 {\"a\":1}; 2 {\"b\":2}");
  CHECK(pieces_of("{\"a\":1}{\"b\":2}") == "1 {\"a\":1}; 1 {\"b\":2}");
  CHECK(pieces_of("\xEF\xBB\xBF[{\"a\":[1,{}]},\r\n {\"b\":2}]\n") ==
        "1 {\"a\":[1,{}]}; 2 {\"b\":2}");
  CHECK(pieces_of("{\n  \"a\": {\n    \"b\": 1\n  }\n}\n\n{}") ==
        "1 {\n  \"a\": {\n    \"b\": 1\n  }\n}; 7 {}");
}

TEST_CASE("brackets and quotes within texts do not count") {
  CHECK(pieces_of(R"({"a":"}{\"]"}{"b":"\\"})") == R"(1 {"a":"}{\"]"}; 1 {"b":"\\"})");
}

TEST_CASE("a broken object costs no other that begins a line") {
  CHECK(pieces_of("{\"a\":[1\n{\"b\":2}\n") ==
        "1 {\"a\":[1\n refused: the JSON object does not end; 2 {\"b\":2}");
  CHECK(pieces_of("{\"a\":\"x\n{\"b\":2}\n") ==
        "1 {\"a\":\"x refused: a text in the JSON object does not end; 2 {\"b\":2}");
  CHECK(pieces_of("{\"a\":1}\n{\"b\":") ==
        "1 {\"a\":1}; 2 {\"b\": refused: the JSON object does not end");
}

TEST_CASE("what is no object is refused by its line") {
  CHECK(pieces_of("hello {}\n{}\nNaN") ==
        "1 hello {} refused: no JSON object; 2 {}; 3 NaN refused: no JSON object");
}

TEST_CASE("an object without end is not collected without end") {
  const std::string longer = "{\"a\":\"" + std::string(JsonObjects::kMaxBytes, 'x') + "\"}\n{}";
  JsonObjects objects;
  objects.add(longer);
  objects.finish();
  const auto pieces = objects.take();
  REQUIRE(pieces.size() == 2);
  CHECK(pieces[0].reason == "the JSON object has more than 1048576 bytes");
  CHECK(pieces[0].text.size() == JsonObjects::kMaxBytes);
  CHECK(pieces[1].text == "{}");
}
