#include "feed/capture.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {
namespace {

std::string_view word_of(CaptureLineKind kind) {
  switch (kind) {
    case CaptureLineKind::message: return "message";
    case CaptureLineKind::answer: return "answer";
    case CaptureLineKind::connect: return "connect";
    case CaptureLineKind::passed_over: return "passed over";
    case CaptureLineKind::refused: return "refused";
  }
  return "?";
}

struct ReadLines {
  std::vector<std::string> lines;   // "number kind connection url time text"
  std::vector<std::string> errors;  // "number: reason | text"
  int64_t count = 0;
  int64_t refused = 0;
};

std::string shown(const CaptureLine& line) {
  CHECK(line.text.capacity >= line.text.text.size());
  if (!line.text.text.empty()) {
    CHECK(line.text.capacity >= line.text.text.size() + kMessagePadding);
  }
  return fmt::format("{} {}|{}|{}|{}|{}", line.number, word_of(line.kind), line.connection,
                     line.url, line.ts_recv ? to_iso(*line.ts_recv) : "-", line.text.text);
}

// In pieces of `piece` bytes; 0: whole.
ReadLines read_lines(std::string_view text, size_t piece = 0) {
  ReadLines read;
  CaptureReader reader{[&](const CaptureLine& line) { read.lines.push_back(shown(line)); }};
  const size_t step = piece == 0 ? std::max(text.size(), size_t{1}) : piece;
  for (size_t begin = 0; begin < text.size(); begin += step) {
    // A copy on the heap: a sanitizer sees what is read behind it.
    const std::string_view part = text.substr(begin, step);
    const std::vector<char> bytes(part.begin(), part.end());
    reader.decode(bytes);
  }
  reader.finish();
  for (const DecodeError& error : reader.take_errors())
    read.errors.push_back(fmt::format("{}: {} | {}", error.line, error.reason, error.text));
  read.count = reader.lines();
  read.refused = reader.refused();
  return read;
}

std::vector<std::string> good_lines(std::string_view text) {
  const ReadLines read = read_lines(text);
  CHECK(read.errors == std::vector<std::string>{});
  CHECK(read.refused == 0);
  return read.lines;
}

// Why its one line is refused.
std::string refusal(std::string_view line) {
  const ReadLines read = read_lines(line);
  CHECK(read.refused == 1);
  REQUIRE(read.errors.size() == 1);
  return read.errors[0];
}

using Lines = std::vector<std::string>;

TEST_CASE("a stamp in front of a message is ms, µs or ns, as its digits say") {
  CHECK(good_lines("1700000000123 {\"a\":1}\n1700000000123456 {\"a\":2}\n"
                   "1700000000123456789 [3]\n") ==
        Lines{"1 message|||2023-11-14T22:13:20.123Z|{\"a\":1}",
              "2 message|||2023-11-14T22:13:20.123456Z|{\"a\":2}",
              "3 message|||2023-11-14T22:13:20.123456789Z|[3]"});
}

TEST_CASE("seconds with a colon are a stamp, with as many digits as there are") {
  CHECK(good_lines("1633998512.0633569: {\"a\":1}\n1633998512: [2]\n1633998512.5: x y: z\n") ==
        Lines{"1 message|||2021-10-12T00:28:32.063356900Z|{\"a\":1}",
              "2 message|||2021-10-12T00:28:32Z|[2]",
              "3 message|||2021-10-12T00:28:32.500Z|x y: z"});
}

TEST_CASE("URLs tell of connections, of what was sent, and of answers") {
  CHECK(good_lines("wss://a.com/x?y=1 <-> 1633998512.25\n"
                   "wss://a.com/x?y=1 <- 1633998512.5: {\"op\":\"subscribe\"}\n"
                   "https://b.com/depth?limit=5 -> 1633998513.5: {\"lastUpdateId\":7}\n"
                   "http://b.com/ -> 1633998514: {\"u\":\"http: //x -> 5: \"}\n"
                   "ws://c.com <-> 1633998515\n") ==
        Lines{"1 connect||wss://a.com/x?y=1|2021-10-12T00:28:32.250Z|",
              "2 passed over||wss://a.com/x?y=1|-|",
              "3 answer||https://b.com/depth?limit=5|2021-10-12T00:28:33.500Z|{\"lastUpdateId\":7}",
              "4 answer||http://b.com/|2021-10-12T00:28:34Z|{\"u\":\"http: //x -> 5: \"}",
              "5 connect||ws://c.com|2021-10-12T00:28:35Z|"});
}

TEST_CASE("objects with a t say what they are, and their data is unescaped") {
  CHECK(good_lines(R"({"t":"header","format":2,"exchange":"COINBASE","recorded":1786309548.02}
{"t":"connect","conn":"C.2","ts":1786309548.5,"addr":"wss://a.com"}
{"t":"send","conn":"C.2","ts":1786309548.6,"addr":"wss://a.com","data":"{}"}
{"t":"recv","conn":"C.2","ts":1786309548.7,"data":"{\"a\":\"\u00e9\\n\"}"}
{"t":"http","conn":"C.1","ts":1786309548.8,"url":"https://a.com/b","method":"GET","data":"[]"}
{"t":"later","conn":"C.1","ts":"?"}
)") == Lines{"1 passed over|||-|", "2 connect|C.2|wss://a.com|2026-08-09T21:05:48.500Z|",
             "3 passed over|||-|", "4 message|C.2||2026-08-09T21:05:48.700Z|{\"a\":\"é\\n\"}",
             "5 answer|C.1|https://a.com/b|2026-08-09T21:05:48.800Z|[]", "6 passed over|||-|"});
}

TEST_CASE(
    "a message alone is a line without a time, configuration and empty lines are passed over") {
  CHECK(good_lines("configuration: {\"l2_book\":[]}\n\n{\"type\":\"x\"}\r\n\r\n[1,2]") ==
        Lines{"1 passed over|||-|", "3 message|||-|{\"type\":\"x\"}", "5 message|||-|[1,2]"});
}

TEST_CASE("a carriage return at the end of a line is no part of it") {
  CHECK(good_lines("1700000000123 {}\r\nwss://a.com <-> 1633998512\r\n1633998512: []\r\n") ==
        Lines{"1 message|||2023-11-14T22:13:20.123Z|{}",
              "2 connect||wss://a.com|2021-10-12T00:28:32Z|",
              "3 message|||2021-10-12T00:28:32Z|[]"});
}

TEST_CASE("what is no line of a capture is refused with its number and text, the rest goes on") {
  const ReadLines read = read_lines("hello\n1700000000123 {}\n  {}\n");
  CHECK(read.lines.size() == 3);
  CHECK(read.lines[1] == "2 message|||2023-11-14T22:13:20.123Z|{}");
  CHECK(read.refused == 2);
  CHECK(read.count == 3);
  REQUIRE(read.errors.size() == 2);
  CHECK(read.errors[0].starts_with("1: no line of a capture"));
  CHECK(read.errors[0].ends_with("| hello"));
  CHECK(read.errors[1].starts_with("3: "));
}

TEST_CASE("each way to write a stamp wrongly has its reason") {
  CHECK(refusal("170000000012 {}").find("13, 16 or 19 digits") != std::string::npos);
  CHECK(refusal("17000000001234 {}").find("13, 16 or 19 digits") != std::string::npos);
  CHECK(refusal("170000000012345 {}").find("13, 16 or 19 digits") != std::string::npos);
  CHECK(refusal("9999999999999999999 {}").find("13, 16 or 19 digits") != std::string::npos);
  CHECK(refusal("1700000000.12 {}").find("13, 16 or 19 digits") != std::string::npos);
  CHECK(refusal("1700000000123").find("no message behind") != std::string::npos);
  CHECK(refusal("1700000000123\t{}").find("a space or a colon") != std::string::npos);
  CHECK(refusal("1700000000:{}").find("a space or a colon") != std::string::npos);
  CHECK(refusal("1.2.3: {}").find("receive time") != std::string::npos);
  CHECK(refusal("99999999999: {}").find("seconds since 1970") != std::string::npos);
  CHECK(refusal("https://a.com").find("must be followed by") != std::string::npos);
  CHECK(refusal("https://a.com => 5: {}").find("must be followed by") != std::string::npos);
  CHECK(refusal("https://a.com -> soon: {}").find("receive time") != std::string::npos);
  CHECK(refusal("wss://a.com <-> ").find("receive time") != std::string::npos);
}

TEST_CASE("each way to write an object wrongly has its reason") {
  CHECK(refusal(R"({"t":"recv","conn":"a","ts":"now","data":""})").find("receive time") !=
        std::string::npos);
  CHECK(refusal(R"({"t":"recv","conn":"a","data":"{}"})").find("receive time") !=
        std::string::npos);
  CHECK(refusal(R"({"t":"recv","conn":"a","ts":1,"data":{"a":1}})").find("no line of a capture") !=
        std::string::npos);
  CHECK(refusal(R"({"t":"recv","conn":"a","ts":1,"da)").find("no line of a capture") !=
        std::string::npos);
  CHECK(refusal(R"({"t":"http","conn":"a","ts":1,"data":"{}"})").find("URL") != std::string::npos);
}

TEST_CASE("an object that opens and ends anywhere harms nothing") {
  const std::string line = R"({"t":"recv","conn":"a","ts":1786309548.7,"data":"{\"a\":1}"})";
  for (size_t end = 0; end < line.size(); ++end) {
    CAPTURE(end);
    const ReadLines read = read_lines(line.substr(0, end));
    CHECK(read.lines.size() == (end == 0 ? 0 : 1));
  }
}

TEST_CASE(
    "the last line counts without its end, and torn it is refused or a message for the decoder") {
  CHECK(read_lines("1700000000123 {\"a\":1}\n1700000000124 {\"a\"").lines.back() ==
        "2 message|||2023-11-14T22:13:20.124Z|{\"a\"");
  CHECK(read_lines("1700000000123 {\"a\":1}\n17000").refused == 1);
}

TEST_CASE("pieces of any length give what the whole gives") {
  const std::string text =
      "configuration: x\r\nwss://a.com <-> 1633998512.25\n1633998512.5: {\"a\":1}\n\nno line\n"
      "1700000000123456789 {\"e\":\"depthUpdate\"}\r\n"
      R"({"t":"recv","conn":"C.2","ts":1786309548.7,"data":"{\"a\":\"\u00e9\"}"})"
      "\n[1,2]\n17000";
  const ReadLines whole = read_lines(text);
  CHECK(whole.lines.size() == 8);
  for (size_t piece = 1; piece < text.size() + 2; ++piece) {
    CAPTURE(piece);
    const ReadLines cut = read_lines(text, piece);
    CHECK(cut.lines == whole.lines);
    CHECK(cut.errors == whole.errors);
    CHECK(cut.count == whole.count);
    CHECK(cut.refused == whole.refused);
  }
}

TEST_CASE("a line that is too long is refused once, whole or in pieces, and the next one counts") {
  const std::string front = "1700000000123 {}\n";
  for (const size_t excess : {size_t{0}, size_t{1}, size_t{4} << 20}) {
    CAPTURE(excess);
    std::string text = front + "1700000000124 [";
    text.append(front.size() + kMaxFrameBytes + excess - text.size(), 'x');
    text += "\n1700000000125 {}\n";
    for (const size_t piece : {size_t{0}, (size_t{1} << 20) + 7, kMaxFrameBytes}) {
      CAPTURE(piece);
      const ReadLines read = read_lines(text, piece);
      CHECK(read.refused == (excess > 0 ? 1 : 0));
      CHECK(read.count == 3);
      REQUIRE(read.lines.size() == 3);
      CHECK(read.lines[2] == "3 message|||2023-11-14T22:13:20.125Z|{}");
      if (excess == 0) continue;
      REQUIRE(read.errors.size() == 1);
      CHECK(read.errors[0].starts_with("2: the line is longer than 32 MiB | 1700000000124 [xxx"));
      CHECK(read.errors[0].size() < 2 * kKeptErrorText);
    }
  }
}

TEST_CASE("of refused lines the first thousand are kept, all are counted") {
  std::string text;
  for (int i = 0; i < 1'500; ++i)
    text += "?\n";
  const ReadLines read = read_lines(text);
  CHECK(read.errors.size() == kKeptErrors);
  CHECK(read.refused == 1'500);
  CHECK(read.count == 1'500);
}

TEST_CASE("the front of a file tells whether it is a capture") {
  for (const std::string_view front : {
           "1700000000123456789 {\"stream\":\"btcusdt@depth\"",
           "1633998512.06: {\"stream\"",
           "1633998512.06: [1,",
           "1633998512 [1,",
           "wss://ws.kraken.com <-> 1618678132.38",
           "https://www.binance.com/api -> 1633998512.3: {",
           "{\"t\":\"header\",\"format\":2",
           "{\"channel\":\"book\"",
           "[{\"e\":\"markPriceUpdate\"",
           "configuration: {}\n",
       }) {
    CAPTURE(front);
    CHECK(looks_like_capture(front));
  }
  for (const std::string_view front :
       {"", "\n{\"a\":1}\n", "id,price,qty\n", "1504713600,100.5,0.25,1,1,1704067203000,true\n",
        "12345\n", "1.5 2.5\n", "# {\n", "a -> b\n", "1504713600 100.5\n",
        "# see https://x.org/\n"}) {
    CAPTURE(front);
    CHECK_FALSE(looks_like_capture(front));
  }
}

}  // namespace
}  // namespace tapedeck
