#include "feed/json_message.hpp"

#include "feed/message_text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace tapedeck {
namespace {

// `name=text;` of each member that is a scalar; levels of each list, `name[price quantity,…]`.
class Echo final : public JsonDecoder {
 public:
  explicit Echo(std::string& said) : said_{&said} {}

 protected:
  void read(ondemand::document& document, DecodedMessage& message) override {
    said_->clear();
    if (document.type() != ondemand::json_type::object) return;
    for (ondemand::field field : document.get_object()) {
      const std::string_view name = field.unescaped_key();
      ondemand::value value = field.value();
      if (value.type() == ondemand::json_type::array) {
        say_levels(name, read_levels(value.get_array(), levels()));
      } else if (value.type() != ondemand::json_type::object) {
        *said_ += std::string{name} + '=' + std::string{scalar_text(value)} + ';';
      }
    }
    message.kind = MessageKind::data;
    message.connection_sequence = 1;
    message.records.emplace_back(FeedTrade{.symbol = keep("kept")});
  }
  void read_answer(std::string_view url, ondemand::document& document,
                   DecodedMessage& message) override {
    read(document, message);
    *said_ += std::string{url};
  }

 private:
  void say_levels(std::string_view name, std::span<const WireLevel> levels) {
    *said_ += std::string{name} + '[';
    for (const WireLevel& level : levels) {
      *said_ += to_text(to_decimal(level.price)) + ' ' + to_text(to_decimal(level.quantity)) + ',';
    }
    *said_ += ']';
  }

  std::string* said_;
};

class Echoed {
 public:
  std::string said(std::string_view frame) {
    decoder_.decode(frame);
    return said_;
  }
  std::string refusal(std::string_view frame) { return decoder_.refusal(frame); }
  const DecodedMessage& decode(std::string_view frame) { return decoder_.decode(frame); }
  std::string answer(std::string_view url, std::string_view frame) {
    decoder_.answer(url, frame);
    return said_;
  }

 private:
  std::string said_;
  test::TestDecoder decoder_{std::make_unique<Echo>(said_)};
};

// What `read` returns, or why it does not.
template <typename Read>
std::string said(Read read) {
  try {
    return read();
  } catch (const BadMessage& bad) {
    return bad.what();
  }
}

std::string number_said(WireNumber (*read)(std::string_view, std::string_view),
                        std::string_view text) {
  return said([&] { return to_text(to_decimal(read("p", text))); });
}

std::string time_said(Timestamp (*read)(std::string_view, std::string_view),
                      std::string_view text) {
  return said([&] { return to_iso(read("t", text)); });
}

struct Row {
  std::string_view text;
  std::string_view said;
};

TEST_CASE("a scalar is its text without quotes, whatever space stands around it") {
  Echoed echoed;
  CHECK(echoed.said(R"({"a":"x","b":12.50,"c":true,"d":null,"e":"","f":-1e-7})") ==
        "a=x;b=12.50;c=true;d=null;e=;f=-1e-7;");
  CHECK(echoed.said(" { \"a\" : \"x\" ,\t\"b\" :\n12.50 , \"c\" : false } \r\n") ==
        "a=x;b=12.50;c=false;");
  CHECK(echoed.said(R"({})").empty());
}

TEST_CASE("what a text escapes is unescaped, in values and in names") {
  Echoed echoed;
  CHECK(echoed.said(R"({"a":"x\/y","b":"\u0042\u20ac","c":"\"q\"","d\u0065":"\\"})") ==
        "a=x/y;b=B€;c=\"q\";de=\\;");
  CHECK(echoed.refusal(R"({"a":"\x"})").find("no JSON message") == 0);
  CHECK(echoed.refusal(R"({"a":"\ud800"})").find("no JSON message") == 0);
}

TEST_CASE("the same decoder reads message after message") {
  Echoed echoed;
  const std::string longer = R"({"a":")" + std::string(10'000, 'x') + R"("})";
  for (int i = 0; i < 3; ++i) {
    CHECK(echoed.said(R"({"a":1})") == "a=1;");
    CHECK(echoed.said(longer).size() == 10'003);
    CHECK_FALSE(echoed.refusal(R"({"a":)").empty());
  }
}

TEST_CASE("a message that is cut short is refused wherever the cut is") {
  Echoed echoed;
  const std::string_view frame =
      R"({"a":"x","b":{"c":1,"d":[1,2]},"bids":[["1.5","2"],["1.4","3"]],"e":12.5})";
  CHECK(echoed.refusal(frame).empty());
  for (size_t length = 0; length < frame.size(); ++length) {
    CAPTURE(frame.substr(0, length));
    CHECK(echoed.refusal(frame.substr(0, length)).find("no JSON message as this venue sends it") ==
          0);
  }
}

TEST_CASE("a text that is no object is not taken for one") {
  Echoed echoed;
  for (const std::string_view text : {"", " ", "abc", "}", "{", "{]", "\"", "{\"a\"}", "{\"a\" 1}",
                                      "{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"a\":1 \"b\":2}"}) {
    CAPTURE(text);
    CHECK_FALSE(echoed.refusal(text).empty());
  }
  CHECK(echoed.decode("[]").kind == MessageKind::unknown);
}

TEST_CASE("bytes that are no UTF-8 and bare control characters are refused") {
  Echoed echoed;
  CHECK_FALSE(echoed.refusal("{\"a\":\"\xff\"}").empty());
  CHECK_FALSE(echoed.refusal("{\"a\":\"\xc3\"}").empty());
  CHECK_FALSE(echoed.refusal("{\"a\":\"x\ny\"}").empty());
  CHECK(echoed.said("{\"a\":\"\xe5\xb8\x81\"}") == "a=\xe5\xb8\x81;");
}

TEST_CASE("what stands behind a message makes it refused") {
  Echoed echoed;
  CHECK(echoed.refusal(R"({"a":1}{"a":2})") == "something stands behind the message");
  CHECK(echoed.refusal(R"({"a":1},{})") == "something stands behind the message");
  CHECK(echoed.refusal(R"({"a":1} x)").find("no JSON message") == 0);
  CHECK(echoed.refusal("{\"a\":1} \n").empty());
}

TEST_CASE("a refused message leaves nothing; the next one begins anew") {
  Echoed echoed;
  CHECK(echoed.decode(R"({"a":1})").records.size() == 1);
  CHECK_FALSE(echoed.refusal(R"({"a":1} x)").empty());
  const DecodedMessage& unknown = echoed.decode("[]");
  CHECK(unknown.records.empty());
  CHECK_FALSE(unknown.connection_sequence.has_value());
  const DecodedMessage& again = echoed.decode(R"({"a":1})");
  REQUIRE(again.records.size() == 1);
  CHECK(std::get<FeedTrade>(again.records.front()).symbol == "kept");
}

TEST_CASE("an answer is read with the URL that it answers") {
  Echoed echoed;
  CHECK(echoed.answer("https://venue/depth", R"({"a":1})") == "a=1;https://venue/depth");
}

TEST_CASE("levels are price and quantity, texts or numbers; what follows is passed over") {
  Echoed echoed;
  CHECK(echoed.said(R"({"bids":[["61737.63000000","0.5"],["61737.6","0.00000000"]],"asks":[]})") ==
        "bids[61737.63 0.5,61737.6 0,]asks[]");
  CHECK(echoed.said(R"({"a":[[1.5,2],[0.00001,1e-06]]})") == "a[1.5 2,0.00001 0.000001,]");
  CHECK(
      echoed.said(R"({"a":[["1","2",[]],["1","2","1534614248.456738","r"],["1","2",{"n":0}]]})") ==
      "a[1 2,1 2,1 2,]");
}

TEST_CASE("lists of levels of one message do not disturb each other") {
  Echoed echoed;
  std::string frame = "{";
  std::string wanted;
  for (int list = 0; list < 20; ++list) {
    const std::string name = "l" + std::to_string(list);
    frame += (list > 0 ? ",\"" : "\"") + name + "\":[";
    wanted += name + "[";
    for (int level = 1; level <= list; ++level) {
      frame += std::string{level > 1 ? "," : ""} + "[\"" + std::to_string(level) + "\",\"1\"]";
      wanted += std::to_string(level) + " 1,";
    }
    frame += "]";
    wanted += "]";
  }
  frame += "}";
  CHECK(echoed.said(frame) == wanted);
  CHECK(echoed.said(frame) == wanted);
}

TEST_CASE("a level that is none is refused with its reason") {
  Echoed echoed;
  const std::vector<Row> rows{
      {R"({"a":[["0","1"]]})", "price must be above 0, found '0'"},
      {R"({"a":[["0.000","1"]]})", "price must be above 0, found '0.000'"},
      {R"({"a":[["-1","1"]]})", "price must be above 0, found '-1'"},
      {R"({"a":[["1","-1"]]})", "quantity must not be negative, found '-1'"},
      {R"({"a":[["1","x"]]})", "quantity must be a number, found 'x'"},
      {R"({"a":[["1",null]]})", "quantity must be a number, found 'null'"},
      {R"({"a":[["","1"]]})", "price must be a number, found ''"},
      {R"({"a":[["1"]]})", "a level must be a price and a quantity"},
      {R"({"a":[["1","2"],[]]})", "a level must be a price and a quantity"},
      {R"({"a":[["12345678901234567890","1"]]})",
       "price must fit 64 bits at its own digits, found '12345678901234567890'"},
      {R"({"a":[["1","0.0000000000001"]]})",
       "quantity must have at most 12 digits behind the point, found '0.0000000000001'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(echoed.refusal(row.text) == row.said);
  }
  for (const std::string_view text :
       {R"({"a":[1,2]})", R"({"a":["1","2"]})", R"({"a":[{"price":"1"}]})",
        R"({"a":[[["1"],"2"]]})", R"({"a":[[{},"2"]]})", R"({"a":[null]})", R"({"a":[["1" "2"]]})",
        R"({"a":[["1","2"]["1"]]})", R"({"a":[["1","2"})", R"({"a":[["1","2]]})"}) {
    CAPTURE(text);
    CHECK_FALSE(echoed.refusal(text).empty());
  }
}

TEST_CASE("a price is above 0, a quantity not below, a number either") {
  CHECK(number_said(wire_number, "-1.50") == "-1.5");
  CHECK(number_said(wire_price, "1e-06") == "0.000001");
  CHECK(number_said(wire_price, "0") == "p must be above 0, found '0'");
  CHECK(number_said(wire_price, "-0.1") == "p must be above 0, found '-0.1'");
  CHECK(number_said(wire_quantity, "0.000") == "0");
  CHECK(number_said(wire_quantity, "-1") == "p must not be negative, found '-1'");
  CHECK(number_said(wire_number, "true") == "p must be a number, found 'true'");
}

TEST_CASE("a whole number has a sign and digits and fits 64 bits") {
  const std::vector<Row> rows{
      {"0", "0"},
      {"-7", "-7"},
      {"9223372036854775807", "9223372036854775807"},
      {"9223372036854775808", "u must be a whole number, found '9223372036854775808'"},
      {"12345678901234567890", "u must be a whole number, found '12345678901234567890'"},
      {"", "u must be a whole number, found ''"},
      {"1.0", "u must be a whole number, found '1.0'"},
      {"1e3", "u must be a whole number, found '1e3'"},
      {"+1", "u must be a whole number, found '+1'"},
      {"null", "u must be a whole number, found 'null'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(said([&] { return std::to_string(whole_number("u", row.text)); }) == row.said);
  }
}

TEST_CASE("milliseconds are a time between 1970 and 2262") {
  const std::vector<Row> rows{
      {"0", "1970-01-01T00:00:00Z"},
      {"1723161255208", "2024-08-08T23:54:15.208Z"},
      {"9223372035999", "2262-04-11T23:47:15.999Z"},
      {"9223372036000", "t must be milliseconds since 1970, found '9223372036000'"},
      {"1723161255208000", "t must be milliseconds since 1970, found '1723161255208000'"},
      {"-1", "t must be milliseconds since 1970, found '-1'"},
      {"1.5", "t must be a whole number, found '1.5'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(time_said(time_of_milliseconds, row.text) == row.said);
  }
}

TEST_CASE("seconds with up to nine digits behind the point are a time") {
  const std::vector<Row> rows{
      {"0", "1970-01-01T00:00:00Z"},
      {"1618678142", "2021-04-17T16:49:02Z"},
      {"1618678142.557535", "2021-04-17T16:49:02.557535Z"},
      {"1618678142.5", "2021-04-17T16:49:02.500Z"},
      {"1618678142.000000001", "2021-04-17T16:49:02.000000001Z"},
      {"1618678142.0000000019", "2021-04-17T16:49:02.000000001Z"},
      {"9223372035.999999999", "2262-04-11T23:47:15.999999999Z"},
      {"9223372036", "t must be seconds since 1970, found '9223372036'"},
      {"-1", "t must be seconds since 1970, found '-1'"},
      {"1.-5", "t must be seconds since 1970, found '1.-5'"},
      {"1.5x", "t must be seconds since 1970, found '1.5x'"},
      {".5", "t must be a whole number, found ''"},
      {"", "t must be a whole number, found ''"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(time_said(time_of_seconds, row.text) == row.said);
  }
}

TEST_CASE("a time in ISO 8601 has a date and a time") {
  CHECK(time_said(time_of_text, "2026-08-09T21:05:48.505Z") == "2026-08-09T21:05:48.505Z");
  CHECK(time_said(time_of_text, "2026-08-09T21:05:48.505123456Z") ==
        "2026-08-09T21:05:48.505123456Z");
  for (const std::string_view text :
       {"", "2026-08-09", "1723161255208", "T", "2026-02-30T00:00:00Z"}) {
    CAPTURE(text);
    CHECK(time_said(time_of_text, text).find("t must be a time like") == 0);
  }
}

TEST_CASE("members are found by name, the first of equal ones") {
  Members members;
  members.add("s", "BTCUSDT");
  members.add("p", "1.50");
  members.add("p", "2");
  members.add("m", "true");
  members.add("t", "1723161255208");
  CHECK(members.has("s"));
  CHECK_FALSE(members.has("S"));
  CHECK(members.text("s") == "BTCUSDT");
  CHECK(members.price("p") == WireNumber{.units = 15, .exponent = -1, .digits = 2});
  CHECK(members.decimal("p") == Decimal{15, -1});
  CHECK(members.boolean("m"));
  CHECK(to_iso(members.milliseconds("t")) == "2024-08-08T23:54:15.208Z");
  CHECK(said([&] { return std::string{members.text("q")}; }) == "there is no 'q'");
  CHECK(said([&] { return std::to_string(members.whole("u")); }) == "there is no 'u'");
  CHECK(said([&] { return members.boolean("p") ? "yes" : "no"; }) ==
        "p must be true or false, found '1.50'");
  members.clear();
  CHECK_FALSE(members.has("s"));
}

TEST_CASE("a member that may be missing may be null or empty too, but nothing else") {
  Members members;
  members.add("null", "null");
  members.add("empty", "");
  members.add("number", "7");
  members.add("word", "x");
  for (const std::string_view name : {"missing", "null", "empty"}) {
    CAPTURE(name);
    CHECK_FALSE(members.find_number(name).has_value());
    CHECK_FALSE(members.find_whole(name).has_value());
    CHECK_FALSE(members.find_milliseconds(name).has_value());
    CHECK_FALSE(members.find_decimal(name).has_value());
  }
  CHECK(members.find_number("number")->units == 7);
  CHECK(members.find_whole("number") == 7);
  CHECK(members.find_milliseconds("number") == from_epoch_ns(7'000'000));
  CHECK(*members.find_decimal("number") == Decimal{7, 0});
  CHECK_THROWS_AS(members.find_number("word"), BadMessage);
  CHECK_THROWS_AS(members.find_whole("word"), BadMessage);
  CHECK_THROWS_AS(members.find_milliseconds("word"), BadMessage);
  CHECK_THROWS_AS(members.find_decimal("word"), BadMessage);
}

TEST_CASE("a rate of more than twelve digits is rounded half to even") {
  const auto rate = [](std::string_view text) { return to_text(to_decimal(wire_rate("r", text))); };
  CHECK(rate("0.0001875391284828") == "0.000187539128");
  CHECK(rate("-0.0001875391285828") == "-0.000187539129");
  CHECK(rate("0.0000000000005") == "0");
  CHECK(rate("0.0000000000015") == "0.000000000002");
  CHECK(rate("0.00000000000250000000001") == "0.000000000003");
  CHECK(rate("0.000187") == "0.000187");
  CHECK_THROWS_AS(wire_rate("r", "0.0000000000001x"), BadMessage);
  CHECK_THROWS_AS(wire_rate("r", "abc"), BadMessage);
}

TEST_CASE("seconds with a fraction are digits and one point") {
  CHECK(to_iso(time_of_seconds("t", "1618678142.557535")) == "2021-04-17T16:49:02.557535Z");
  for (const std::string_view text : {"1.123456789abc", "1.", "-0.5", "1e3"})
    CHECK_THROWS_AS(time_of_seconds("t", text), BadMessage);
}

}  // namespace
}  // namespace tapedeck
