#include "feed/feed_venue.hpp"
#include "feed/message_text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

using test::records_of;
using test::TestDecoder;

TestDecoder hyperliquid() {
  return TestDecoder{make_hyperliquid_decoder()};
}

std::string text(const WireNumber& number) {
  return to_text(to_decimal(number));
}

// "105055 3.03622; 105054 0.1428; "
std::string text(std::span<const WireLevel> levels) {
  std::string result;
  for (const WireLevel& level : levels)
    result += text(level.price) + " " + text(level.quantity) + "; ";
  return result;
}

std::string time(const std::optional<Timestamp>& at) {
  return at ? to_iso(*at) : "none";
}

// The one record of a message. Valid until the decoder's next call.
template <typename Record>
Record only(const DecodedMessage& message) {
  CHECK(message.kind == MessageKind::data);
  REQUIRE(message.records.size() == 1);
  REQUIRE(std::holds_alternative<Record>(message.records.front()));
  return std::get<Record>(message.records.front());
}

std::string replaced(std::string_view where, std::string_view what, std::string_view with) {
  std::string result{where};
  const size_t at = result.find(what);
  REQUIRE(at != std::string::npos);
  return result.replace(at, what.size(), with);
}

// These two are recorded, of hftbacktest (MIT), examples/hyperliquid/btcusd_20250126.gz, the lists
// cut short; the others are in the layout of Hyperliquid's documentation with numbers of our own.
constexpr std::string_view kBook =
    R"({"channel":"l2Book","data":{"coin":"BTC","levels":[[{"n":5,"px":"105055.0","sz":"3.03622"},)"
    R"({"n":1,"px":"105054.0","sz":"0.1428"}],[{"n":4,"px":"105073.0","sz":"0.48835"}]],)"
    R"("time":1737918843542}})";
constexpr std::string_view kTrades =
    R"({"channel":"trades","data":[{"coin":"BTC",)"
    R"("hash":"0xde477894bfb2b4eac0a8041c9228ca013100955485522c8e6e787dfa0077475b",)"
    R"("px":"105056.0","side":"B","sz":"0.00219","tid":121451470284048,"time":1737918794873,)"
    R"("users":["0xe9ed7e16612d676df804f5aecd16e1f9bf9ec9dd",)"
    R"("0x6802b4267f7f2bf7003dcf993c51542245b38329"]},{"coin":"BTC",)"
    R"("hash":"0x53928a936d73a27741d4041c9228d8013900a892292c75cee467f90a2bd253d2",)"
    R"("px":"105055.0","side":"A","sz":"0.00219","tid":85392298469503,"time":1737918796079,)"
    R"("users":["0x6f90d048a511626ba5a6425db17f377826df336a",)"
    R"("0x6ba2474576769a4ad1578a90ed4d6e3f98f09a3d"]}]})";
constexpr std::string_view kBest =
    R"({"channel":"bbo","data":{"coin":"ABC","time":1700000000123,"bbo":[)"
    R"({"px":"10.5","sz":"3.0","n":2},{"px":"10.6","sz":"7.5","n":1}]}})";
constexpr std::string_view kCandle =
    R"({"channel":"candle","data":{"t":1700000100000,"T":1700000399999,"s":"ABC","i":"5m",)"
    R"("o":"10.5","c":"10.6","h":"10.70","l":"10.45","v":"120.5","n":17}})";

}  // namespace

TEST_CASE("a Hyperliquid book is a snapshot each time, without numbers") {
  TestDecoder decoder = hyperliquid();
  const auto book = only<BookMessage>(decoder.decode(kBook));
  CHECK(book.kind == BookMessageKind::snapshot);
  CHECK(book.symbol == "BTC");
  CHECK(book.channel == "l2Book");
  CHECK(time(book.ts_event) == "2025-01-26T19:14:03.542Z");
  CHECK_FALSE(book.sequence_begin.has_value());
  CHECK_FALSE(book.sequence.has_value());
  CHECK_FALSE(book.sequence_previous.has_value());
  CHECK_FALSE(book.checksum.has_value());
  CHECK(text(book.bids) == "105055 3.03622; 105054 0.1428; ");
  CHECK(text(book.asks) == "105073 0.48835; ");
  CHECK(book.bids[0].price == WireNumber{.units = 105055, .exponent = 0, .digits = 1});
}

TEST_CASE("a side of a Hyperliquid book may be empty, levels have their keys in any order") {
  TestDecoder decoder = hyperliquid();
  const auto book = only<BookMessage>(decoder.decode(
      R"({"data":{"time":1700000000123,"levels":[[],[{"sz":"7.5","px":"10.6","n":1}]],)"
      R"("coin":"PURR\/USDC"},"channel":"l2Book"})"));
  CHECK(book.symbol == "PURR/USDC");
  CHECK(book.bids.empty());
  CHECK(text(book.asks) == "10.6 7.5; ");
}

TEST_CASE("each entry of a Hyperliquid trade message is a trade; B bought, A sold") {
  TestDecoder decoder = hyperliquid();
  const DecodedMessage& message = decoder.decode(kTrades);
  CHECK(message.kind == MessageKind::data);
  const auto trades = records_of<FeedTrade>(message);
  REQUIRE(trades.size() == 2);
  CHECK(trades[0].symbol == "BTC");
  CHECK(time(trades[0].ts_event) == "2025-01-26T19:13:14.873Z");
  CHECK(trades[0].trade_id == 121'451'470'284'048);
  CHECK(text(trades[0].price) + " " + text(trades[0].quantity) == "105056 0.00219");
  CHECK(trades[0].side == AggressorSide::buy);
  CHECK(trades[0].grain == Grain::trade);
  CHECK(trades[1].side == AggressorSide::sell);
  CHECK(trades[1].trade_id == 85'392'298'469'503);
}

TEST_CASE("Hyperliquid's best bid and ask are a quote while both sides have someone") {
  TestDecoder decoder = hyperliquid();
  const auto quote = only<FeedQuote>(decoder.decode(kBest));
  CHECK(quote.symbol == "ABC");
  CHECK(time(quote.ts_event) == "2023-11-14T22:13:20.123Z");
  CHECK_FALSE(quote.sequence.has_value());
  CHECK(text(quote.bid.price) + " " + text(quote.bid.quantity) == "10.5 3");
  CHECK(text(quote.ask.price) + " " + text(quote.ask.quantity) == "10.6 7.5");
  for (const std::string_view side :
       {R"({"px":"10.5","sz":"3.0","n":2})", R"({"px":"10.6","sz":"7.5","n":1})"}) {
    const DecodedMessage& message = decoder.decode(replaced(kBest, side, "null"));
    CHECK(message.kind == MessageKind::data);
    CHECK(message.records.empty());
  }
}

TEST_CASE("a Hyperliquid candle counts its trades and never says that it is closed") {
  TestDecoder decoder = hyperliquid();
  const auto record = only<FeedKline>(decoder.decode(kCandle));
  CHECK(record.symbol == "ABC");
  CHECK(record.interval.text() == "5m");
  CHECK_FALSE(record.closed);
  CHECK(to_iso(record.kline.begin) == "2023-11-14T22:15:00Z");
  CHECK(to_text(record.kline.open) == "10.5");
  CHECK(to_text(record.kline.high) == "10.7");
  CHECK(to_text(record.kline.low) == "10.45");
  CHECK(to_text(record.kline.close) == "10.6");
  CHECK(to_text(record.kline.volume) == "120.5");
  CHECK(record.kline.trades == 17);
  CHECK_FALSE(record.kline.quote_volume.has_value());
  std::string list = replaced(kCandle, R"("data":{)", R"("data":[{)");
  list = replaced(list, R"("n":17}})", R"("n":17}]})");
  CHECK(only<FeedKline>(decoder.decode(list)).kline.trades == 17);
  const std::string month = replaced(kCandle, R"("i":"5m")", R"("i":"1M")");
  CHECK(only<FeedKline>(decoder.decode(month)).interval.text() == "1mo");
}

TEST_CASE("answers, greetings and channels without a time are control messages of Hyperliquid") {
  TestDecoder decoder = hyperliquid();
  for (const std::string_view frame :
       {R"({"channel":"subscriptionResponse","data":{"method":"subscribe",)"
        R"("subscription":{"type":"trades","coin":"ABC"}}})",
        R"({"channel":"pong"})", R"({"channel":"error","data":"Already subscribed"})",
        R"({"channel":"activeAssetCtx","data":{"coin":"ABC","ctx":{"markPx":"10.5",)"
        R"("oraclePx":"10.6","openInterest":"800","funding":"0.0000125"}}})",
        R"({"channel":"allMids","data":{"mids":{"ABC":"10.55"}}})",
        "Websocket connection established."}) {
    CAPTURE(frame);
    const DecodedMessage& message = decoder.decode(frame);
    CHECK(message.kind == MessageKind::control);
    CHECK(message.records.empty());
  }
}

TEST_CASE("what Hyperliquid's stream does not send is unknown, and so are answers of /info") {
  TestDecoder decoder = hyperliquid();
  for (const std::string_view frame :
       {"{}", R"({"e":"trade"})", R"({"data":{"coin":"ABC"}})", R"({"channel":"","data":1})"}) {
    CAPTURE(frame);
    CHECK(decoder.decode(frame).kind == MessageKind::unknown);
  }
  CHECK(decoder.answer("https://api.hyperliquid.xyz/info", R"([{"universe":[]},[]])").kind ==
        MessageKind::unknown);
}

TEST_CASE("a refused Hyperliquid message says which field is wrong") {
  TestDecoder decoder = hyperliquid();
  const auto refusal = [&](std::string_view frame, std::string_view what, std::string_view with) {
    return decoder.refusal(replaced(frame, what, with));
  };
  CHECK(refusal(kBook, R"("105055.0")", R"("0.0")") == "px must be above 0, found '0.0'");
  CHECK(refusal(kBook, R"("3.03622")", R"("-3")") == "sz must not be negative, found '-3'");
  CHECK(refusal(kBook, R"("3.03622")", "12345678901234567890") ==
        "sz must fit 64 bits at its own digits, found '12345678901234567890'");
  CHECK(refusal(kBook, R"("3.03622")", "[]") == "sz must be a number, found '['");
  CHECK(refusal(kBook, R"("px":"105055.0",)", "") == "there is no 'px'");
  CHECK(refusal(kBook, R"(,"sz":"3.03622")", "") == "there is no 'sz'");
  CHECK(refusal(kBook, R"("coin":"BTC",)", "") == "there is no 'coin'");
  CHECK(refusal(kBook, R"(,"time":1737918843542)", "") == "there is no 'time'");
  CHECK(refusal(kBook, "1737918843542", "1737918843.5") ==
        "time must be a whole number, found '1737918843.5'");
  CHECK(refusal(kBook, R"("levels")", R"("level")") == "there is no 'levels'");
  CHECK(refusal(kBook, R"(,[{"n":4,"px":"105073.0","sz":"0.48835"}]])", "]") ==
        "'levels' must be bids and asks");
  CHECK(refusal(kBook, R"("sz":"0.48835"}])", R"("sz":"0.48835"}],[])") ==
        "'levels' must be bids and asks");
  CHECK(decoder.refusal(R"({"channel":"l2Book","data":{"coin":"BTC","levels":[{},{}]}})") ==
        "levels must be an array, found '{'");
  CHECK(decoder.refusal(R"({"channel":"l2Book","data":[]})") ==
        "data must be an object, found '['");
  CHECK(decoder.refusal(R"({"channel":"l2Book"})") == "there is no 'data'");
  CHECK(refusal(kTrades, R"("side":"B")", R"("side":"buy")") == "side must be B or A, found 'buy'");
  CHECK(refusal(kTrades, "121451470284048", "12145147028404812145") ==
        "tid must be a whole number, found '12145147028404812145'");
  CHECK(refusal(kTrades, R"("px":"105056.0")", R"("px":"-1")") == "px must be above 0, found '-1'");
  CHECK(refusal(kBest, R"(,{"px":"10.6","sz":"7.5","n":1}])", "]") ==
        "'bbo' must be a bid and an ask");
  CHECK(refusal(kBest, R"({"px":"10.5","sz":"3.0","n":2})", "10.5") ==
        "bbo must be an object, found '10.5'");
  CHECK(refusal(kCandle, R"("i":"5m")", R"("i":"8h")") ==
        "i must be an interval of klines, found '8h'");
  CHECK(refusal(kCandle, R"("o":"10.5")", R"("o":"")") == "o must be a decimal number, found ''");
}

TEST_CASE("a torn Hyperliquid message is refused at every length") {
  TestDecoder decoder = hyperliquid();
  for (const std::string_view frame : {kBook, kTrades, kBest, kCandle}) {
    for (size_t size = 0; size < frame.size(); ++size) {
      CAPTURE(frame.substr(0, size));
      CHECK_FALSE(decoder.refusal(frame.substr(0, size)).empty());
    }
  }
  CHECK(decoder.refusal(std::string{kBook} + "{}") == "something stands behind the message");
}

TEST_CASE("a recording of Hyperliquid is decoded whole") {
  TestDecoder decoder = hyperliquid();
  std::vector<size_t> records(std::variant_size_v<FeedRecord>);
  std::vector<size_t> kinds(3);
  size_t bids = 0;
  size_t asks = 0;
  size_t buys = 0;
  const bool there =
      test::for_each_frame("ws_hyperliquid/btcusd_20250126.gz", [&](std::string_view frame) {
        const DecodedMessage& message = decoder.decode(frame);
        ++kinds.at(static_cast<size_t>(message.kind));
        for (const FeedRecord& record : message.records)
          ++records.at(record.index());
        for (const BookMessage& book : records_of<BookMessage>(message)) {
          bids += book.bids.size();
          asks += book.asks.size();
        }
        for (const FeedTrade& trade : records_of<FeedTrade>(message))
          buys += trade.side == AggressorSide::buy ? 1 : 0;
      });
  if (!there) return;
  // Counted with Python: data, control, unknown; then in the order of FeedRecord.
  CHECK(kinds == std::vector<size_t>{55, 0, 0});
  CHECK(records == std::vector<size_t>{46, 64, 0, 0, 0, 0, 0, 0, 0});
  CHECK(bids == 920);
  CHECK(asks == 920);
  CHECK(buys == 23);
}

}  // namespace tapedeck
