#include "feed/feed_venue.hpp"
#include "feed/message_text.hpp"
#include "feed/record_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

using test::records_of;
using test::TestDecoder;
using test::text_of;

TestDecoder kraken() {
  return TestDecoder{make_kraken_decoder()};
}

constexpr std::string_view kSnapshot =
    R"({"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[{"price":61000.0,)"
    R"("qty":0.50000000}],"asks":[{"price":61000.1,"qty":1.25},{"price":61000.3,"qty":2.00000000)"
    R"(}],"checksum":4000000000,"timestamp":"2025-01-02T03:04:05.678901Z"}]})";

TEST_CASE("a Kraken v2 snapshot has levels of numbers, a checksum and a time") {
  TestDecoder decoder = kraken();
  const DecodedMessage& message = decoder.decode(kSnapshot);
  CHECK(message.kind == MessageKind::data);
  CHECK_FALSE(message.connection_sequence);
  const auto books = records_of<BookMessage>(message);
  REQUIRE(books.size() == 1);
  CHECK(books[0].kind == BookMessageKind::snapshot);
  CHECK(books[0].symbol == "BTC/USD");
  CHECK(books[0].channel == "book");
  CHECK(text_of(books[0].ts_event) == "2025-01-02T03:04:05.678901Z");
  CHECK(books[0].checksum == 4000000000U);
  CHECK(text_of(books[0].bids) == "61000x0.5");
  CHECK(text_of(books[0].asks) == "61000.1x1.25 61000.3x2");
}

TEST_CASE("numbers of Kraken v2 keep the count of digits of their token") {
  TestDecoder decoder = kraken();
  const auto books = records_of<BookMessage>(decoder.decode(kSnapshot));
  REQUIRE(books.size() == 1);
  CHECK(books[0].bids[0].price.digits == 1);  // 61000.0
  CHECK(books[0].bids[0].quantity.digits == 8);
  CHECK(books[0].asks[0].quantity.digits == 2);
}

TEST_CASE("a Kraken v2 update may have an empty side, no time, and its fields in any order") {
  TestDecoder decoder = kraken();
  const auto books = records_of<BookMessage>(decoder.decode(
      R"({"channel":"book","data":[{"asks":[],"bids":[{"qty":0.0,"price":1e-05}],"checksum":0,)"
      R"("symbol":"X/Y"}],"type":"update"})"));
  REQUIRE(books.size() == 1);
  CHECK(books[0].kind == BookMessageKind::update);
  CHECK_FALSE(books[0].ts_event);
  CHECK(books[0].checksum == 0U);
  CHECK(text_of(books[0].bids) == "0.00001x0");
  CHECK(books[0].asks.empty());
}

TEST_CASE("Kraken v2 trades have an id and the taker's side") {
  TestDecoder decoder = kraken();
  const auto trades = records_of<FeedTrade>(decoder.decode(
      R"({"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"sell","price":)"
      R"(61000.1,"qty":0.25,"ord_type":"market","trade_id":4665906,"timestamp":)"
      R"("2025-01-02T03:04:05.678901Z"},{"symbol":"BTC/USD","side":"buy","price":61000.2,"qty":)"
      R"(1.0,"ord_type":"limit","trade_id":4665907,"timestamp":"2025-01-02T03:04:06Z"}]})"));
  REQUIRE(trades.size() == 2);
  CHECK(text_of(trades[0]) == "BTC/USD 2025-01-02T03:04:05.678901Z 4665906 61000.1x0.25 sell");
  CHECK(text_of(trades[1]) == "BTC/USD 2025-01-02T03:04:06Z 4665907 61000.2x1 buy");
}

TEST_CASE("a Kraken v2 ticker is a quote, with a time where it has one") {
  TestDecoder decoder = kraken();
  const auto quotes = records_of<FeedQuote>(decoder.decode(
      R"({"channel":"ticker","type":"snapshot","data":[{"symbol":"BTC/USD","bid":61000.0,)"
      R"("bid_qty":0.75,"ask":61000.1,"ask_qty":2.5,"last":61000.0,"volume":10.0},{"symbol":)"
      R"("ETH/USD","bid":3000,"bid_qty":1,"ask":3001,"ask_qty":2,"timestamp":)"
      R"("2025-01-02T03:04:05.5Z"}]})"));
  REQUIRE(quotes.size() == 2);
  CHECK(text_of(quotes[0]) == "BTC/USD - 61000x0.75 61000.1x2.5");
  CHECK(text_of(quotes[1]) == "ETH/USD 2025-01-02T03:04:05.500Z 3000x1 3001x2");
}

TEST_CASE("a Kraken v2 bar may still change") {
  TestDecoder decoder = kraken();
  const auto bars = records_of<FeedKline>(decoder.decode(
      R"({"channel":"ohlc","type":"update","timestamp":"2025-01-02T04:01:00.1Z","data":[{"symbol":)"
      R"("BTC/USD","open":3.0,"high":5.5,"low":2.0,"close":4.0,"trades":7,"volume":10.25,"vwap":)"
      R"(3.5,"interval_begin":"2025-01-02T04:00:00.000000000Z","interval":60,"timestamp":)"
      R"("2025-01-02T05:00:00.000000Z"}]})"));
  REQUIRE(bars.size() == 1);
  CHECK(text_of(bars[0]) == "BTC/USD 1h 2025-01-02T04:00:00Z 3 5.5 2 4 10.25 7");
}

TEST_CASE("of Kraken v2's bars of 15 days nothing is kept") {
  TestDecoder decoder = kraken();
  const DecodedMessage& message = decoder.decode(
      R"({"channel":"ohlc","type":"update","data":[{"symbol":"X/Y","interval":21600}]})");
  CHECK(message.kind == MessageKind::data);
  CHECK(message.records.empty());
}

TEST_CASE("Kraken v2 tells the steps of its instruments") {
  TestDecoder decoder = kraken();
  const auto instruments = records_of<FeedInstrument>(decoder.decode(
      R"({"channel":"instrument","type":"snapshot","data":{"assets":[{"id":"BTC","precision":10}],)"
      R"("pairs":[{"symbol":"BTC/USD","base":"BTC","price_increment":0.1,"qty_increment":1e-08,)"
      R"("position_limit":null},{"symbol":"ETH/USD","price_increment":0.01,"qty_increment":0.001)"
      R"(}]}})"));
  REQUIRE(instruments.size() == 2);
  CHECK(text_of(instruments[0]) == "BTC/USD spot - 0.1 0.00000001");
  CHECK(text_of(instruments[1]) == "ETH/USD spot - 0.01 0.001");
}

TEST_CASE("acknowledgements, heartbeats and states of Kraken are control, others unknown") {
  TestDecoder decoder = kraken();
  for (const std::string_view frame :
       {R"({"event":"heartbeat"})",
        R"({"connectionID":1,"event":"systemStatus","status":"online"})",
        R"({"channelID":1,"channelName":"trade","event":"subscriptionStatus","pair":"X/Y"})",
        R"({"event":"pong","reqid":4})", R"({"channel":"heartbeat"})",
        R"({"errorMessage":"Malformed request","event":"error"})",
        R"({"channel":"status","type":"update","data":[{"system":"online"}]})",
        R"({"method":"subscribe","result":{"channel":"book","symbol":"X/Y"},"success":true})",
        R"({"method":"pong","req_id":1})", R"({"error":"Bad","method":"subscribe"})"}) {
    CAPTURE(frame);
    CHECK(decoder.decode(frame).kind == MessageKind::control);
  }
  for (const std::string_view frame :
       {R"({})", R"({"event":"addOrderStatus"})",
        R"({"channel":"executions","type":"update","data":[{"symbol":5}]})"}) {
    CAPTURE(frame);
    const DecodedMessage& message = decoder.decode(frame);
    CHECK(message.kind == MessageKind::unknown);
    CHECK(message.records.empty());
  }
}

TEST_CASE("Kraken's AssetPairs tell the steps of the pairs that have streams") {
  TestDecoder decoder = kraken();
  const auto instruments = records_of<FeedInstrument>(decoder.answer(
      "https://api.kraken.com/0/public/AssetPairs?info=info",
      R"({"error":[],"result":{"XXBTZUSD":{"altname":"XBTUSD","wsname":"XBT\/USD","fees":[[0,)"
      R"(0.2]],"pair_decimals":1,"lot_decimals":8},"XXBTZUSD.d":{"altname":"XBTUSD.d",)"
      R"("pair_decimals":1,"lot_decimals":8},"AB":{"wsname":"A/B","pair_decimals":3,)"
      R"("lot_decimals":0,"tick_size":"0.005"}}})"));
  REQUIRE(instruments.size() == 2);
  CHECK(text_of(instruments[0]) == "XBT/USD spot - 0.1 0.00000001");
  CHECK(text_of(instruments[1]) == "A/B spot - 0.005 1");
}

TEST_CASE("other answers of Kraken's REST are unknown") {
  TestDecoder decoder = kraken();
  const DecodedMessage& message =
      decoder.answer("https://api.kraken.com/0/public/Time", R"({"error":[],"result":{}})");
  CHECK(message.kind == MessageKind::unknown);
  CHECK(message.records.empty());
}

struct Case {
  std::string_view text;
  std::string_view reason;
};

TEST_CASE("a book of Kraken v2 with a wrong value is refused with the field's name") {
  const std::vector<Case> cases{
      {R"({"symbol":"X/Y","bids":[{"price":1.0}]})", "there is no 'qty'"},
      {R"({"symbol":"X/Y","bids":[{"price":0.0,"qty":1}]})", "price must be above 0, found '0.0'"},
      {R"({"symbol":"X/Y","bids":[{"price":1,"qty":-0.5}]})",
       "qty must not be negative, found '-0.5'"},
      {R"({"symbol":"X/Y","asks":[{"price":1,"qty":12345678901234567890}]})",
       "qty must fit 64 bits at its own digits, found '12345678901234567890'"},
      {R"({"symbol":"X/Y","bids":[{"price":null,"qty":1}]})",
       "price must be a number, found 'null'"},
      {R"({"symbol":"X/Y","bids":[{"price":1,"qty":[2]}]})", "qty must be a number, found '['"},
      {R"({"symbol":"X/Y","bids":{}})", "bids must be an array, found '{'"},
      {R"({"symbol":"X/Y"})", "there is neither 'bids' nor 'asks'"},
      {R"({"symbol":["X"],"bids":[]})", "symbol must be a text, found '['"},
      {R"({"symbol":"","bids":[]})", "symbol must be a text, found ''"},
      {R"({"bids":[]})", "there is no 'symbol'"},
      {R"({"symbol":"X/Y","bids":[],"checksum":-1})", "checksum must fit 32 bits, found '-1'"},
      {R"({"symbol":"X/Y","bids":[],"timestamp":"today"})",
       "timestamp must be a time like 2026-08-09T21:05:48.505Z, found 'today'"},
  };
  TestDecoder decoder = kraken();
  for (const Case& each : cases) {
    CAPTURE(each.text);
    CHECK(decoder.refusal(R"({"channel":"book","type":"update","data":[)" + std::string{each.text} +
                          "]}") == each.reason);
  }
}

TEST_CASE("a Kraken v2 message with a wrong value is refused with the field's name") {
  const std::vector<Case> cases{
      {R"({"channel":"book","type":"delta","data":[]})",
       "type must be snapshot or update, found 'delta'"},
      {R"({"channel":"book","type":"update"})", "there is no 'data'"},
      {R"({"channel":"trade","type":"update","data":{}})", "data must be an array, found '{'"},
      {R"({"data":[],"channel":"book","type":"update"})", "'data' stands before 'channel'"},
      {R"({"channel":"instrument","type":"update","data":{}})", "there is no 'pairs'"},
      {R"({"channel":"instrument","type":"update","data":{"pairs":[{"symbol":"X/Y",)"
       R"("price_increment":0,"qty_increment":1}]}})",
       "price_increment must be above 0, found '0'"},
      {R"({"channel":"trade","type":"update","data":[{"symbol":5}]})",
       "symbol must be a text, found '5'"},
      {R"({"channel":"trade","type":"update","data":[{"symbol":"X/Y","timestamp":null}]})",
       "there is no 'timestamp'"},
      {R"({"channel":"trade","type":"update","data":[{"symbol":"X/Y","side":"b","price":1,"qty":1,)"
       R"("trade_id":1,"timestamp":"2025-01-02T03:04:06Z"}]})",
       "side must be buy or sell, found 'b'"},
      {R"({"channel":"trade","type":"update","data":[{"symbol":"X/Y","side":"buy","price":1,)"
       R"("qty":1,"trade_id":"a1","timestamp":"2025-01-02T03:04:06Z"}]})",
       "trade_id must be a whole number, found 'a1'"},
      {R"({"channel":"ticker","type":"update","data":[{"symbol":"X/Y","bid":1,"bid_qty":-1}]})",
       "bid_qty must not be negative, found '-1'"},
      {R"({"channel":"ticker","type":"update","data":[{"symbol":"X/Y","bid":-1,"bid_qty":1}]})",
       "bid must not be negative, found '-1'"},
      {R"({"channel":"ohlc","type":"update","data":[{"symbol":"X/Y","interval":5}]})",
       "there is no 'interval_begin'"},
  };
  TestDecoder decoder = kraken();
  for (const Case& each : cases) {
    CAPTURE(each.text);
    CHECK(decoder.refusal(each.text) == each.reason);
  }
}

TEST_CASE("a torn message of Kraken v2 is refused wherever it is torn") {
  TestDecoder decoder = kraken();
  for (size_t bytes = 0; bytes < kSnapshot.size(); ++bytes) {
    CAPTURE(bytes);
    CHECK_FALSE(decoder.refusal(kSnapshot.substr(0, bytes)).empty());
  }
  CHECK_FALSE(decoder.refusal(std::string{kSnapshot} + "[]").empty());
}

TEST_CASE("recorded AssetPairs of Kraken are 293 pairs with streams") {
  const std::string text = test::recorded_text("rest/kraken_AssetPairs_20210417.txt.gz");
  if (text.empty()) return;
  const std::string_view line = std::string_view{text}.substr(0, text.find('\n'));
  TestDecoder decoder = kraken();
  const auto pairs = records_of<FeedInstrument>(
      decoder.answer(line.substr(0, line.find(' ')), line.substr(line.find('{'))));
  CHECK(pairs.size() == 293);
  const auto pair = std::ranges::find(pairs, "XBT/USD", &FeedInstrument::symbol);
  REQUIRE(pair != pairs.end());
  CHECK(text_of(*pair) == "XBT/USD spot - 0.1 0.00000001");
}

}  // namespace
}  // namespace tapedeck
