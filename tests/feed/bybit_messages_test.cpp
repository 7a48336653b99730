#include "feed/feed_venue.hpp"
#include "feed/message_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

using test::records_of;
using test::TestDecoder;

TestDecoder bybit() {
  return TestDecoder{make_bybit_decoder()};
}

std::string text(const WireNumber& number) {
  return to_text(to_decimal(number));
}

std::string text(const std::optional<WireNumber>& number) {
  return number ? text(*number) : "none";
}

// "65114.2 6.054; 65114.1 0; "
std::string text(std::span<const WireLevel> levels) {
  std::string result;
  for (const WireLevel& level : levels)
    result += text(level.price) + " " + text(level.quantity) + "; ";
  return result;
}

// "10.5 3 10.6 7.5"
std::string text(const FeedQuote& quote) {
  return text(quote.bid.price) + " " + text(quote.bid.quantity) + " " + text(quote.ask.price) +
         " " + text(quote.ask.quantity);
}

std::string text(const Kline& kline) {
  return to_text(kline.open) + " " + to_text(kline.high) + " " + to_text(kline.low) + " " +
         to_text(kline.close) + " " + to_text(kline.volume) + " " +
         to_text(kline.quote_volume.value());
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

// In the layout of bybit-exchange.github.io/docs/v5, with numbers of our own.
constexpr std::string_view kSnapshot =
    R"({"topic":"orderbook.50.ABCUSDT","type":"snapshot","ts":1700000000123,"data":{"s":"ABCUSDT","b":[["10.50","3"],["10.40","0.250"]],"a":[["10.60","7.5"]],"u":41,"seq":9001},"cts":1700000000120})";
constexpr std::string_view kDelta =
    R"({"topic":"orderbook.200.ABCUSDT","type":"delta","ts":1700000000223,"data":{"s":"ABCUSDT","b":[["10.40","0"]],"a":[],"u":42,"seq":9005},"cts":1700000000220})";
constexpr std::string_view kTrades =
    R"({"topic":"publicTrade.ABCUSDT","type":"snapshot","ts":1700000000300,"data":[{"T":1700000000298,"s":"ABCUSDT","S":"Buy","v":"0.5","p":"10.60","L":"PlusTick","i":"0f3a7c52-1111-5222-8333-94a5b6c7d8e9","BT":false,"RPI":false,"seq":9006},{"T":1700000000299,"s":"ABCUSDT","S":"Sell","v":"40","p":"10.5","L":"MinusTick","i":"2290000000012345678","BT":true,"seq":9007}]})";
constexpr std::string_view kTicker =
    R"({"topic":"tickers.ABCUSDT","type":"snapshot","data":{"symbol":"ABCUSDT","lastPrice":"10.6","markPrice":"10.55","indexPrice":"10.57","openInterest":"800.5","openInterestValue":"8445.27","nextFundingTime":"1700006400000","fundingRate":"-0.000125","bid1Price":"10.50","bid1Size":"3","ask1Price":"10.60","ask1Size":"7.5"},"cs":777,"ts":1700000000400})";
constexpr std::string_view kKline =
    R"({"topic":"kline.5.ABCUSDT","data":[{"start":1700000100000,"end":1700000399999,"interval":"5","open":"10.5","close":"10.6","high":"10.70","low":"10.45","volume":"120.5","turnover":"1273.25","confirm":true,"timestamp":1700000400010}],"ts":1700000400010,"type":"snapshot"})";
constexpr std::string_view kAllLiquidation =
    R"({"topic":"allLiquidation.ABCUSDT","type":"snapshot","ts":1700000000500,"data":[{"T":1700000000490,"s":"ABCUSDT","S":"Buy","v":"200","p":"10.10"},{"T":1700000000491,"s":"ABCUSDT","S":"Sell","v":"3","p":"11.25"}]})";

std::string ticker_delta(std::string_view members) {
  return R"({"topic":"tickers.ABCUSDT","type":"delta","data":{"symbol":"ABCUSDT")" +
         std::string{members} + R"(},"cs":778,"ts":1700000000500})";
}

}  // namespace

TEST_CASE("a Bybit snapshot has all levels, its update id and the time of the matching engine") {
  TestDecoder decoder = bybit();
  const auto book = only<BookMessage>(decoder.decode(kSnapshot));
  CHECK(book.kind == BookMessageKind::snapshot);
  CHECK(book.symbol == "ABCUSDT");
  CHECK(book.channel == "orderbook.50");
  CHECK(time(book.ts_event) == "2023-11-14T22:13:20.120Z");
  CHECK(book.sequence == 41);
  CHECK_FALSE((book.sequence_begin || book.sequence_previous || book.checksum));
  CHECK(text(book.bids) == "10.5 3; 10.4 0.25; ");
  CHECK(text(book.asks) == "10.6 7.5; ");
  CHECK(book.bids[1].quantity == WireNumber{.units = 25, .exponent = -2, .digits = 3});
}

TEST_CASE("a Bybit delta is an update and may have no level on a side") {
  TestDecoder decoder = bybit();
  const auto book = only<BookMessage>(decoder.decode(kDelta));
  CHECK(book.kind == BookMessageKind::update);
  CHECK(book.channel == "orderbook.200");
  CHECK(book.sequence == 42);
  CHECK(text(book.bids) == "10.4 0; ");
  CHECK(book.asks.empty());
}

TEST_CASE("a Bybit book of 1 level is a book as well, and without cts its time is ts") {
  TestDecoder decoder = bybit();
  const std::string frame =
      replaced(replaced(kDelta, "orderbook.200", "orderbook.1"), R"(,"cts":1700000000220)", "");
  const auto book = only<BookMessage>(decoder.decode(frame));
  CHECK(book.channel == "orderbook.1");
  CHECK(time(book.ts_event) == "2023-11-14T22:13:20.223Z");
}

TEST_CASE("the order of keys in a Bybit message does not matter") {
  TestDecoder decoder = bybit();
  const auto book = only<BookMessage>(decoder.decode(
      R"({"cts":1700000000220,"data":{"a":[],"b":[["10.40","0"]],"s":"A\/BUSDT","seq":5,"u":42},)"
      R"("topic":"orderbook.200.A\/BUSDT","ts":1700000000223,"type":"delta"})"));
  CHECK(book.symbol == "A/BUSDT");
  CHECK(book.channel == "orderbook.200");
  CHECK(text(book.bids) == "10.4 0; ");
  const std::string data =
      R"("data":[{"start":1700000100000,"interval":"5","open":"1","close":"1",)"
      R"("high":"1","low":"1","volume":"2","turnover":"2","confirm":false}],)";
  const auto kline =
      only<FeedKline>(decoder.decode("{" + data + R"("topic":"kline.5.A\/BUSDT","ts":1})"));
  CHECK(kline.symbol == "A/BUSDT");
  const auto trade = only<FeedTrade>(decoder.decode(
      R"({"data":[{"S":"Buy","T":1700000000298,"i":"7","p":"10.6","s":"ABCUSDT","v":"1"}],)"
      R"("topic":"publicTrade.ABCUSDT","ts":1700000000300,"type":"snapshot"})"));
  CHECK(trade.trade_id == 7);
}

TEST_CASE("each entry of a Bybit trade message is a trade, block trades too") {
  TestDecoder decoder = bybit();
  const DecodedMessage& message = decoder.decode(kTrades);
  CHECK(message.kind == MessageKind::data);
  const auto trades = records_of<FeedTrade>(message);
  REQUIRE(trades.size() == 2);
  CHECK(trades[0].symbol == "ABCUSDT");
  CHECK(time(trades[0].ts_event) == "2023-11-14T22:13:20.298Z");
  CHECK(text(trades[0].price) + " " + text(trades[0].quantity) == "10.6 0.5");
  CHECK(trades[0].side == AggressorSide::buy);
  CHECK(trades[0].grain == Grain::trade);
  CHECK(trades[1].side == AggressorSide::sell);
}

TEST_CASE("a Bybit trade has an id when the venue's is a number of 64 bits") {
  TestDecoder decoder = bybit();
  auto trades = records_of<FeedTrade>(decoder.decode(kTrades));
  CHECK_FALSE(trades.at(0).trade_id.has_value());
  CHECK(trades.at(1).trade_id == 2'290'000'000'012'345'678);
  const std::string longer = replaced(kTrades, "2290000000012345678", "22900000000123456789");
  trades = records_of<FeedTrade>(decoder.decode(longer));
  CHECK_FALSE(trades.at(1).trade_id.has_value());
}

TEST_CASE("a Bybit ticker gives quote, open interest, mark price and funding rate") {
  TestDecoder decoder = bybit();
  const DecodedMessage& message = decoder.decode(kTicker);
  REQUIRE(message.records.size() == 4);
  const auto quote = std::get<FeedQuote>(message.records[0]);
  CHECK(quote.symbol == "ABCUSDT");
  CHECK(time(quote.ts_event) == "2023-11-14T22:13:20.400Z");
  CHECK(quote.sequence == 777);
  CHECK(text(quote) == "10.5 3 10.6 7.5");
  const auto interest = std::get<FeedOpenInterest>(message.records[1]);
  CHECK(text(interest.open_interest) == "800.5");
  CHECK(text(interest.open_interest_value) == "8445.27");
  const auto mark = std::get<FeedMarkPrice>(message.records[2]);
  CHECK(text(mark.mark_price) + " " + text(mark.index_price) == "10.55 10.57");
  const auto rate = std::get<FeedFundingRate>(message.records[3]);
  CHECK(text(rate.funding_rate) == "-0.000125");
  CHECK(time(rate.next_funding) == "2023-11-15T00:00:00Z");
}

TEST_CASE("a Bybit ticker's delta is completed by what the symbol said before") {
  TestDecoder decoder = bybit();
  decoder.decode(kTicker);
  const auto quote =
      only<FeedQuote>(decoder.decode(ticker_delta(R"(,"ask1Size":"2","lastPrice":"10.5")")));
  CHECK(quote.sequence == 778);
  CHECK(text(quote) == "10.5 3 10.6 2");
  const auto mark = only<FeedMarkPrice>(decoder.decode(ticker_delta(R"(,"markPrice":"10.58")")));
  CHECK(text(mark.index_price) == "10.57");
  const auto interest =
      only<FeedOpenInterest>(decoder.decode(ticker_delta(R"(,"openInterest":"801")")));
  CHECK(text(interest.open_interest_value) == "8445.27");
  const auto rate = only<FeedFundingRate>(decoder.decode(ticker_delta(R"(,"fundingRate":"0")")));
  CHECK(time(rate.next_funding) == "2023-11-15T00:00:00Z");
  CHECK(decoder.decode(ticker_delta(R"(,"volume24h":"4")")).records.empty());
}

TEST_CASE("a Bybit ticker's delta without a snapshot gives what it has itself") {
  TestDecoder decoder = bybit();
  CHECK(decoder.decode(ticker_delta(R"(,"bid1Price":"10.5","bid1Size":"3")")).records.empty());
  const auto quote =
      only<FeedQuote>(decoder.decode(ticker_delta(R"(,"ask1Price":"10.7","ask1Size":"1")")));
  CHECK(text(quote.bid.price) == "10.5");
  const auto mark = only<FeedMarkPrice>(decoder.decode(ticker_delta(R"(,"markPrice":"10.58")")));
  CHECK(text(mark.index_price) == "none");
}

TEST_CASE("a Bybit ticker's snapshot forgets what its symbol said, and of that symbol only") {
  TestDecoder decoder = bybit();
  decoder.decode(kTicker);
  std::string other = replaced(kTicker, "tickers.ABCUSDT", "tickers.XYZUSDT");
  other = replaced(other, R"("symbol":"ABCUSDT")", R"("symbol":"XYZUSDT")");
  decoder.decode(replaced(other, "10.50", "9.50"));
  decoder.decode(replaced(ticker_delta(""), "delta", "snapshot"));
  CHECK(decoder.decode(ticker_delta(R"(,"ask1Size":"2")")).records.empty());
  std::string delta = ticker_delta(R"(,"ask1Size":"2")");
  delta = replaced(delta, R"("symbol":"ABCUSDT")", R"("symbol":"XYZUSDT")");
  CHECK(text(only<FeedQuote>(decoder.decode(delta)).bid.price) == "9.5");
}

TEST_CASE("a refused Bybit ticker changes nothing") {
  TestDecoder decoder = bybit();
  decoder.decode(kTicker);
  CHECK(decoder.refusal(ticker_delta(R"(,"bid1Price":"11","fundingRate":"x")")) ==
        "fundingRate must be a number, found 'x'");
  CHECK(decoder.refusal(ticker_delta(R"(,"bid1Price":"12")") + "{}") ==
        "something stands behind the message");
  const auto quote = only<FeedQuote>(decoder.decode(ticker_delta(R"(,"ask1Size":"2")")));
  CHECK(text(quote.bid.price) == "10.5");
}

TEST_CASE("a side of a Bybit ticker on which nobody stands makes no quote") {
  TestDecoder decoder = bybit();
  for (const std::string_view none : {R"(,"bid1Price":"")", R"(,"bid1Price":"0.00")"}) {
    decoder.decode(kTicker);
    CHECK(decoder.decode(ticker_delta(none)).records.empty());
    CHECK(decoder.decode(ticker_delta(R"(,"ask1Size":"2")")).records.empty());
  }
  const DecodedMessage& future = decoder.decode(
      ticker_delta(R"(,"markPrice":"","fundingRate":"","nextFundingTime":"0","openInterest":"")"));
  CHECK(future.kind == MessageKind::data);
  CHECK(future.records.empty());
  const auto rate = only<FeedFundingRate>(decoder.decode(ticker_delta(R"(,"fundingRate":"0")")));
  CHECK(time(rate.next_funding) == "none");
}

TEST_CASE("a Bybit kline has turnover as its quote volume and says whether it is closed") {
  TestDecoder decoder = bybit();
  const auto record = only<FeedKline>(decoder.decode(kKline));
  CHECK(record.symbol == "ABCUSDT");
  CHECK(record.interval.text() == "5m");
  CHECK(record.closed);
  CHECK(to_iso(record.kline.begin) == "2023-11-14T22:15:00Z");
  CHECK(text(record.kline) == "10.5 10.7 10.45 10.6 120.5 1273.25");
  CHECK_FALSE(record.kline.buy_volume.has_value());
  CHECK_FALSE(record.kline.trades.has_value());
  const std::string open = replaced(kKline, R"("confirm":true)", R"("confirm":false)");
  CHECK_FALSE(only<FeedKline>(decoder.decode(open)).closed);
}

TEST_CASE("Bybit's words for intervals are minutes and letters") {
  TestDecoder decoder = bybit();
  const std::vector<std::pair<std::string, std::string>> words{
      {"1", "1m"},  {"3", "3m"},   {"5", "5m"},   {"15", "15m"}, {"30", "30m"},
      {"60", "1h"}, {"120", "2h"}, {"240", "4h"}, {"360", "6h"}, {"720", "12h"},
      {"D", "1d"},  {"W", "1w"},   {"M", "1mo"}};
  for (const auto& word : words) {
    CAPTURE(word.first);
    const std::string frame = replaced(kKline, "kline.5.", "kline." + word.first + ".");
    CHECK(only<FeedKline>(decoder.decode(frame)).interval.text() == word.second);
  }
  CHECK(decoder.refusal(replaced(kKline, "kline.5.", "kline.7.")) ==
        "interval must be an interval of klines, found '7'");
}

TEST_CASE("Bybit says the side of a liquidated position, the record that of the order") {
  TestDecoder decoder = bybit();
  const auto records = records_of<FeedLiquidation>(decoder.decode(kAllLiquidation));
  REQUIRE(records.size() == 2);
  CHECK(records[0].symbol == "ABCUSDT");
  CHECK(time(records[0].ts_event) == "2023-11-14T22:13:20.490Z");
  CHECK(records[0].side == AggressorSide::sell);
  CHECK(text(records[0].price) + " " + text(records[0].quantity) == "10.1 200");
  CHECK(records[1].side == AggressorSide::buy);
  const auto single = only<FeedLiquidation>(decoder.decode(
      R"({"topic":"liquidation.ABCUSDT","type":"snapshot","ts":1700000000501,"data":{)"
      R"("updatedTime":1700000000499,"symbol":"ABCUSDT","side":"Sell","size":"3",)"
      R"("price":"11.2"}})"));
  CHECK(single.side == AggressorSide::buy);
  CHECK(time(single.ts_event) == "2023-11-14T22:13:20.499Z");
  CHECK(text(single.price) + " " + text(single.quantity) == "11.2 3");
}

TEST_CASE("acknowledgements and topics that nothing is kept of are control messages of Bybit") {
  TestDecoder decoder = bybit();
  for (const std::string_view frame :
       {R"({"success":true,"ret_msg":"","conn_id":"c1","req_id":"","op":"subscribe"})",
        R"({"success":true,"ret_msg":"pong","conn_id":"c1","op":"ping"})",
        R"({"op":"pong","args":["1700000000000"]})",
        R"({"success":true,"conn_id":"c1","data":{"failTopics":[]},"type":"COMMAND_RESP"})",
        R"({"topic":"insurance.USDT","type":"snapshot","ts":1,"data":[{"coin":"USDT"}]})",
        R"({"topic":"priceLimit.ABCUSDT","ts":1,"data":{"symbol":"ABCUSDT","buyLmt":"11"}})",
        R"({"topic":"orderbook.rpi.ABCUSDT","type":"delta","ts":1,"data":{"s":"ABCUSDT"}})"}) {
    CAPTURE(frame);
    CHECK(decoder.decode(frame).kind == MessageKind::control);
    CHECK(decoder.decode(frame).records.empty());
  }
}

TEST_CASE("what Bybit v5 does not send is unknown") {
  TestDecoder decoder = bybit();
  for (const std::string_view frame :
       {"{}", R"({"e":"trade"})", R"({"topic":"orderBookL2_25.ABCUSD","data":[]})",
        R"({"topic":"orderbook","data":{}})", R"({"topic":"orderbook.50","data":{}})",
        R"({"topic":17,"data":{}})", R"({"data":{"s":"ABCUSDT"}})"}) {
    CAPTURE(frame);
    CHECK(decoder.decode(frame).kind == MessageKind::unknown);
  }
}

TEST_CASE("a refused Bybit message says which field is wrong") {
  TestDecoder decoder = bybit();
  const auto refusal = [&](std::string_view frame, std::string_view what, std::string_view with) {
    return decoder.refusal(replaced(frame, what, with));
  };
  CHECK(refusal(kSnapshot, "10.50", "0") == "price must be above 0, found '0'");
  CHECK(refusal(kSnapshot, R"("3")", R"("-3")") == "quantity must not be negative, found '-3'");
  CHECK(refusal(kSnapshot, "10.50", "12345678901234567890") ==
        "price must fit 64 bits at its own digits, found '12345678901234567890'");
  CHECK(refusal(kSnapshot, "10.50", "1.1234567890123") ==
        "price must have at most 12 digits behind the point, found '1.1234567890123'");
  CHECK(refusal(kSnapshot, "10.50", "ten") == "price must be a number, found 'ten'");
  CHECK(refusal(kSnapshot, R"("10.50","3")", R"("10.50")") ==
        "a level must be a price and a quantity");
  CHECK(refusal(kSnapshot, R"([["10.60","7.5"]])", "{}") == "a must be an array, found '{'");
  CHECK(refusal(kSnapshot, R"("a":[["10.60","7.5"]],)", "") == "there is no 'a'");
  CHECK(refusal(kSnapshot, R"("u":41,)", "") == "there is no 'u'");
  CHECK(refusal(kSnapshot, R"("u":41)", R"("u":4.1)") == "u must be a whole number, found '4.1'");
  CHECK(refusal(kSnapshot, R"("s":"ABCUSDT")", R"("s":{"t":1})") == "there is no 's'");
  CHECK(refusal(kSnapshot, "snapshot", "image") == "type must be snapshot or delta, found 'image'");
  CHECK(refusal(kSnapshot, "1700000000120", "true") == "cts must be a whole number, found 'true'");
  CHECK(decoder.refusal(R"({"topic":"orderbook.50.ABCUSDT","type":"delta","ts":1,"data":[]})") ==
        "data must be an object, found '['");
  CHECK(decoder.refusal(R"({"topic":"orderbook.50.ABCUSDT","type":"delta","ts":1})") ==
        "there is no 'data'");
  CHECK(refusal(kTrades, R"("Buy")", R"("buy")") == "S must be Buy or Sell, found 'buy'");
  CHECK(refusal(kTrades, R"("p":"10.60")", R"("p":"0.0")") == "p must be above 0, found '0.0'");
  CHECK(refusal(kTrades, R"("v":"0.5")", R"("v":"-0.5")") ==
        "v must not be negative, found '-0.5'");
  CHECK(refusal(kTrades, R"("v":"0.5")", R"("v":null)") == "v must be a number, found 'null'");
  CHECK(refusal(kTrades, R"("T":1700000000298,)", "") == "there is no 'T'");
  CHECK(refusal(kTicker, R"("bid1Price":"10.50")", R"("bid1Price":"-1")") ==
        "bid1Price must be above 0, found '-1'");
  CHECK(refusal(kTicker, R"("openInterest":"800.5")", R"("openInterest":"-1")") ==
        "openInterest must not be negative, found '-1'");
  CHECK(refusal(kTicker, R"(,"ts":1700000000400)", "") == "there is no 'ts'");
  CHECK(refusal(kKline, R"("confirm":true)", R"("confirm":1)") ==
        "confirm must be true or false, found '1'");
  CHECK(refusal(kAllLiquidation, R"("S":"Buy")", R"("S":"Long")") ==
        "S must be Buy or Sell, found 'Long'");
}

TEST_CASE("a torn Bybit message is refused at every length, and changes nothing") {
  TestDecoder decoder = bybit();
  for (const std::string_view frame : {kSnapshot, kTrades, kTicker, kKline, kAllLiquidation}) {
    for (size_t size = 0; size < frame.size(); ++size) {
      CAPTURE(frame.substr(0, size));
      CHECK_FALSE(decoder.refusal(frame.substr(0, size)).empty());
    }
  }
  CHECK(decoder.decode(ticker_delta(R"(,"bid1Price":"10.5")")).records.empty());
  CHECK(decoder.refusal(std::string{kSnapshot} + "{}") == "something stands behind the message");
}

TEST_CASE("Bybit's list of instruments tells kind, tick size and lot size") {
  TestDecoder decoder = bybit();
  const std::string_view url = "https://api.bybit.com/v5/market/instruments-info?category=linear";
  const DecodedMessage& message = decoder.answer(
      url,
      R"({"retCode":0,"retMsg":"OK","result":{"category":"linear","list":[)"
      R"({"symbol":"ABCUSDT","contractType":"LinearPerpetual","priceFilter":{"minPrice":"0.01",)"
      R"("tickSize":"0.01"},"lotSizeFilter":{"maxOrderQty":"9","qtyStep":"0.001"}},)"
      R"({"symbol":"ABCUSD","contractType":"InversePerpetual","priceFilter":{"tickSize":"0.50"},)"
      R"("lotSizeFilter":{"qtyStep":"1"}},)"
      R"({"symbol":"ABC-26JUN26","contractType":"LinearFutures","priceFilter":{"tickSize":"1"},)"
      R"("lotSizeFilter":{"qtyStep":"0.1"}},)"
      R"({"symbol":"ABC-26JUN26-8-P","optionsType":"Put","priceFilter":{"tickSize":"5"},)"
      R"("lotSizeFilter":{"qtyStep":"0.2"}},)"
      R"({"symbol":"ABCEUR","baseCoin":"ABC","lotSizeFilter":{"basePrecision":"0.000001"},)"
      R"("priceFilter":{"tickSize":"0.02"}}],"nextPageCursor":""},"retExtInfo":{},"time":1})");
  CHECK(message.kind == MessageKind::data);
  std::vector<std::string> found;
  for (const FeedInstrument& each : records_of<FeedInstrument>(message)) {
    found.push_back(std::string{each.symbol} + " " + std::string{to_text(each.kind)} + " " +
                    (each.inverse ? "inverse " : "") + text(each.contract_size) + " " +
                    text(each.tick_size) + " " + text(each.lot_size));
  }
  CHECK(found == std::vector<std::string>{
                     "ABCUSDT perpetual none 0.01 0.001", "ABCUSD perpetual inverse 1 0.5 1",
                     "ABC-26JUN26 future none 1 0.1", "ABC-26JUN26-8-P option none 5 0.2",
                     "ABCEUR spot none 0.02 0.000001"});
}

TEST_CASE("Bybit's book of REST is an image of no channel") {
  TestDecoder decoder = bybit();
  const auto book = only<BookMessage>(decoder.answer(
      "/v5/market/orderbook?category=spot&symbol=ABCUSDT",
      R"({"retCode":0,"retMsg":"OK","result":{"s":"ABCUSDT","a":[["10.6","7"]],"b":[["10.5","3"]],)"
      R"("ts":1700000000123,"u":77,"seq":9,"cts":1700000000120},"retExtInfo":{},"time":1})"));
  CHECK(book.kind == BookMessageKind::image);
  CHECK(book.symbol == "ABCUSDT");
  CHECK(book.channel.empty());
  CHECK(book.sequence == 77);
  CHECK(time(book.ts_event) == "2023-11-14T22:13:20.120Z");
  CHECK(text(book.bids) + text(book.asks) == "10.5 3; 10.6 7; ");
}

TEST_CASE("Bybit's open interest of REST has its symbol in any place") {
  TestDecoder decoder = bybit();
  const std::string list = R"("list":[{"openInterest":"46.5","timestamp":"1700000000000"},)"
                           R"({"openInterest":"47","timestamp":"1700000300000"}])";
  for (const std::string& result :
       {R"({"symbol":"ABCUSD","category":"inverse",)" + list + "}",
        R"({"category":"inverse",)" + list + R"(,"symbol":"ABCUSD"})"}) {
    const DecodedMessage& message =
        decoder.answer("https://api.bybit.com/v5/market/open-interest?symbol=ABCUSD",
                       R"({"retCode":0,"result":)" + result + "}");
    const auto records = records_of<FeedOpenInterest>(message);
    REQUIRE(records.size() == 2);
    CHECK(records[0].symbol == "ABCUSD");
    CHECK(text(records[0].open_interest) == "46.5");
    CHECK_FALSE(records[0].open_interest_value.has_value());
    CHECK(records[1].symbol == "ABCUSD");
    CHECK(time(records[1].ts_event) == "2023-11-14T22:18:20Z");
  }
}

TEST_CASE("an error of Bybit's REST is a control message, another answer unknown") {
  TestDecoder decoder = bybit();
  CHECK(decoder
            .answer("/v5/market/orderbook",
                    R"({"retCode":10001,"retMsg":"params error","result":{},"time":1})")
            .kind == MessageKind::control);
  CHECK(decoder.answer("/v5/market/time", R"({"retCode":0,"result":{"timeSecond":"1"}})").kind ==
        MessageKind::unknown);
}

TEST_CASE("a recording of Bybit's linear contracts is decoded whole") {
  TestDecoder decoder = bybit();
  std::vector<size_t> records(std::variant_size_v<FeedRecord>);
  std::vector<size_t> kinds(3);
  size_t snapshots = 0;
  size_t bids = 0;
  size_t asks = 0;
  size_t buys = 0;
  const bool there = test::for_each_frame(
      "ws_bybit/bybit_v5_linear_20260809.jsonl.gz", [&](std::string_view frame) {
        const DecodedMessage& message = decoder.decode(frame);
        ++kinds.at(static_cast<size_t>(message.kind));
        for (const FeedRecord& record : message.records)
          ++records.at(record.index());
        for (const BookMessage& book : records_of<BookMessage>(message)) {
          snapshots += book.kind == BookMessageKind::snapshot ? 1 : 0;
          bids += book.bids.size();
          asks += book.asks.size();
        }
        for (const FeedTrade& trade : records_of<FeedTrade>(message))
          buys += trade.side == AggressorSide::buy ? 1 : 0;
      });
  if (!there) return;
  // Counted with Python: data, control, unknown; then in the order of FeedRecord.
  CHECK(kinds == std::vector<size_t>{2'529, 17, 0});
  CHECK(records == std::vector<size_t>{1'598, 327, 638, 75, 89, 6, 0, 20, 0});
  CHECK(snapshots == 4);
  CHECK(bids == 8'162);
  CHECK(asks == 9'572);
  CHECK(buys == 112);
}

TEST_CASE("a recorded list of Bybit's linear instruments is decoded whole") {
  const std::string body =
      test::recorded_text("rest/bybit_instruments-info_linear_20260809.json.gz");
  if (body.empty()) return;
  TestDecoder decoder = bybit();
  const auto instruments = records_of<FeedInstrument>(
      decoder.answer("https://api.bybit.com/v5/market/instruments-info?category=linear", body));
  CHECK(instruments.size() == 800);
  CHECK(std::ranges::count(instruments, InstrumentKind::future, &FeedInstrument::kind) == 40);
  CHECK(std::ranges::all_of(instruments, [](const FeedInstrument& each) {
    return each.tick_size.has_value() && each.lot_size.has_value();
  }));
}

}  // namespace tapedeck
