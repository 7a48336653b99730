#include "feed/binance_frames.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace tapedeck {
namespace {

using test::binance;
using test::kCmDepth;
using test::kForceOrder;
using test::kKline;
using test::kMarkPrice;
using test::kRestDepth;
using test::kSpotDepth;
using test::kSpotQuote;
using test::kSpotTrade;
using test::kUmDepth;
using test::kUmTrade;
using test::only;
using test::replaced;
using test::TestDecoder;
using test::text;
using test::with_stream;

TEST_CASE("answers to subscriptions and streams that nothing is kept of are control") {
  TestDecoder decoder = binance();
  for (const std::string_view frame :
       {R"({"result":null,"id":1})", R"({"result":["btcusdt@aggTrade"],"id":3})",
        R"({"id":"x","status":200,"result":{},"rateLimits":[]})",
        R"({"error":{"code":2,"msg":"Invalid request"},"id":5})",
        R"({"e":"24hrTicker","E":1672515782136,"s":"BNBBTC","p":"0.0015"})",
        R"({"stream":"bnbbtc@avgPrice","data":{"e":"avgPrice","E":1693907033000,"s":"BNBBTC"}})"}) {
    CAPTURE(frame);
    const DecodedMessage& message = decoder.decode(frame);
    CHECK(message.kind == MessageKind::control);
    CHECK(message.records.empty());
  }
}

TEST_CASE("what looks like nothing of Binance's is unknown") {
  TestDecoder decoder = binance();
  for (const std::string_view frame :
       {R"({})", R"({"code":-1121,"msg":"Invalid symbol."})", R"({"channel":"book","data":[]})",
        R"([])", R"({"arg":{"channel":"trades"},"data":[{"px":"1"}]})", R"({"lastUpdateId":5})",
        R"({"topic":"orderbook.50.BTCUSDT","data":{"s":"BTCUSDT"}})"}) {
    CAPTURE(frame);
    const DecodedMessage& message = decoder.decode(frame);
    CHECK(message.kind == MessageKind::unknown);
    CHECK(message.records.empty());
  }
  for (const std::string_view url : {"https://api.binance.com/api/v3/depth?symbol=X",
                                     "https://api.binance.com/api/v3/exchangeInfo"}) {
    CAPTURE(url);
    CHECK(decoder.answer(url, R"({"code":-1003,"msg":"Too many requests."})").kind ==
          MessageKind::unknown);
  }
  CHECK(
      decoder.answer("https://api.binance.com/api/v3/ticker/price", "[{\"symbol\":\"X\"}]").kind ==
      MessageKind::unknown);
}

TEST_CASE("nothing of a message is left in the next one") {
  TestDecoder decoder = binance();
  decoder.decode(kSpotDepth);
  CHECK(decoder.decode(R"({"lastUpdateId":5})").kind == MessageKind::unknown);
  decoder.decode(kSpotDepth);
  CHECK(decoder.refusal(R"({"e":"depthUpdate","E":1,"s":"BTCUSDT","U":1,"u":2,"b":[]})") ==
        "there is no list 'a'");
  decoder.decode(kKline);
  CHECK(decoder.refusal(R"({"e":"kline","E":1,"s":"BNBBTC"})") == "there is no 'i'");
  CHECK(decoder.decode(kKline).records.size() == 1);
  CHECK(decoder.decode(kKline).records.size() == 1);
  decoder.decode(kForceOrder);
  CHECK(decoder.refusal(R"({"e":"forceOrder","E":1})") == "there is no 'S'");
}

TEST_CASE("a message that breaks the venue's layout is refused with its reason") {
  TestDecoder decoder = binance();
  struct Row {
    std::string_view payload;
    std::string_view what;
    std::string_view with;
    std::string_view reason;
  };
  const std::vector<Row> rows{
      {kSpotDepth, "\"61737.63000000\"", "\"0.00000000\"",
       "price must be above 0, found '0.00000000'"},
      {kSpotDepth, "\"61737.63000000\"", "\"-1\"", "price must be above 0, found '-1'"},
      {kSpotDepth, "1.54698000", "-1.54698", "quantity must not be negative, found '-1.54698'"},
      {kSpotDepth, "1.54698000", "12345678901234567890",
       "quantity must fit 64 bits at its own digits, found '12345678901234567890'"},
      {kSpotDepth, "1.54698000", "1.5469800000001",
       "quantity must have at most 12 digits behind the point, found '1.5469800000001'"},
      {kSpotDepth, "[\"61837.64000000\",\"1.54698000\"]", "[\"61837.64000000\"]",
       "a level must be a price and a quantity"},
      {kSpotDepth, "\"E\":1723161255208,", "", "there is no 'E'"},
      {kSpotDepth, "\"s\":\"BTCUSDT\",", "", "there is no 's'"},
      {kSpotDepth, "\"BTCUSDT\"", "null", "s must be a text, found 'null'"},
      {kSpotDepth, "\"BTCUSDT\"", "5", "s must be a text, found '5'"},
      {kSpotDepth, "\"BTCUSDT\"", "\"\"", "s must be a text, found ''"},
      {kForceOrder, "\"BTCUSDT\"", "true", "s must be a text, found 'true'"},
      {kSpotDepth, "\"U\":50093239189,", "", "there is no 'U'"},
      {kSpotDepth, "\"u\":50093239202,", "", "there is no 'u'"},
      {kSpotDepth,
       "\"b\":[[\"61737.63000000\",\"0.00000000\"],[\"61730.17000000\",\"0.00000000\"]],", "",
       "there is no list 'b'"},
      {kSpotDepth, ",\"a\":[[\"61837.64000000\",\"1.54698000\"]]", "", "there is no list 'a'"},
      {kSpotDepth, "50093239202", "12345678901234567890",
       "u must be a whole number, found '12345678901234567890'"},
      {kSpotDepth, "50093239202", "5.5", "u must be a whole number, found '5.5'"},
      {kSpotDepth, "50093239202", "null", "u must be a whole number, found 'null'"},
      {kSpotDepth, "1723161255208", "17231612552080000",
       "E must be milliseconds since 1970, found '17231612552080000'"},
      {kSpotDepth, "1723161255208", "\"yesterday\"", "E must be a whole number, found 'yesterday'"},
      {kUmDepth, "\"pu\":4984029359960", "\"pu\":\"x\"", "pu must be a whole number, found 'x'"},
      {kRestDepth, ",\"asks\":[[\"4.00000200\",\"12.00000000\"],[\"4.1\",\"1\"]]", "",
       "there is no list 'asks'"},
      {kSpotTrade, "28165.47000000", "0.00000000", "p must be above 0, found '0.00000000'"},
      {kSpotTrade, "28165.47000000", "28,165.47", "p must be a number, found '28,165.47'"},
      {kSpotTrade, "0.00056000", "-0.00056000", "q must not be negative, found '-0.00056000'"},
      {kSpotTrade, "\"t\":3071245454,", "", "there is no 't'"},
      {kSpotTrade, "\"m\":true", "\"m\":1", "m must be true or false, found '1'"},
      {kSpotTrade, "\"m\":true,", "", "there is no 'm'"},
      {kSpotTrade, "\"T\":1680652799999,", "", "there is no 'T'"},
      {kSpotQuote, "\"u\":50093239212,", "", "there is no 'u'"},
      {kSpotQuote, "\"61837.63000000\"", "null", "b must be a number, found 'null'"},
      {kKline, "\"o\":\"0.0010\",", "", "there is no 'o'"},
      {kKline, "\"o\":\"0.0010\"", "\"o\":\"0\"", "o must be above 0, found '0'"},
      {kKline, "\"V\":\"500\"", "\"V\":\"-500\"", "V must not be negative, found '-500'"},
      {kKline, "0.0008", "0.0011", "low is above open"},
      {kKline, "0.0025", "0.0019", "high is below close"},
      {kKline, "\"n\":100", "\"n\":1.5", "n must be a whole number, found '1.5'"},
      {kKline, "\"x\":false", "\"x\":\"\"", "x must be true or false, found ''"},
      {kMarkPrice, "11794.15000000", "0", "p must be above 0, found '0'"},
      {kMarkPrice, "0.00038167", "x", "r must be a number, found 'x'"},
      {kForceOrder, "\"ap\":\"9911.5\"", "\"ap\":\"0\"", "ap must be above 0, found '0'"},
      {kForceOrder, "\"z\":\"0.013\",", "", "there is no 'z'"},
  };
  for (const Row& row : rows) {
    const std::string payload = replaced(row.payload, row.what, row.with);
    CAPTURE(payload);
    CHECK(decoder.refusal(payload) == row.reason);
    CHECK(decoder.refusal(with_stream("x@y", payload)) == row.reason);
    CHECK(decoder.refusal(row.payload).empty());
  }
}

TEST_CASE("a level that is no list, or a list of lists, is refused") {
  TestDecoder decoder = binance();
  for (const std::string_view level :
       {"1", "\"1\"", "null", "{\"p\":\"1\"}", "[[\"1\"],\"2\"]", "[{},\"2\"]", "[\"1\" \"2\"]"}) {
    CAPTURE(level);
    CHECK_FALSE(decoder.refusal(replaced(kSpotDepth, "[\"61837.64000000\",\"1.54698000\"]", level))
                    .empty());
  }
}

TEST_CASE("escapes in names and texts are read as what they stand for") {
  TestDecoder decoder = binance();
  const auto trade = only<FeedTrade>(decoder.decode(
      R"({"\u0065":"tr\u0061de","E":1,"s":"BTC\/USDT\u20ac","t":1,"p":"1\u002e5","q":"2","T":1,"m":true})"));
  CHECK(trade.symbol == "BTC/USDT€");
  CHECK(text(trade.price) == "1.5");
}

TEST_CASE("a message that is cut short is refused wherever the cut is") {
  TestDecoder decoder = binance();
  for (const std::string_view payload :
       {kSpotDepth, kCmDepth, kUmTrade, kSpotQuote, kKline, kMarkPrice, kForceOrder, kRestDepth}) {
    for (const std::string& frame : {std::string{payload}, with_stream("x@depth5", payload)}) {
      for (size_t length = 0; length < frame.size(); ++length) {
        CAPTURE(frame.substr(0, length));
        CHECK_FALSE(decoder.refusal(frame.substr(0, length)).empty());
      }
    }
  }
}

TEST_CASE("something behind a message makes it refused") {
  TestDecoder decoder = binance();
  CHECK(decoder.refusal(std::string{kSpotTrade} + std::string{kSpotTrade}) ==
        "something stands behind the message");
  CHECK(decoder.refusal(with_stream("x@trade", kSpotTrade) + "{}") ==
        "something stands behind the message");
  CHECK(decoder.refusal(std::string{kSpotTrade} + "\n").empty());
}

}  // namespace
}  // namespace tapedeck
