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

TestDecoder okx() {
  return TestDecoder{make_okx_decoder()};
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

// In the layout of www.okx.com/docs-v5, with numbers of our own.
constexpr std::string_view kSnapshot =
    R"({"arg":{"channel":"books","instId":"ABC-USDT"},"action":"snapshot","data":[{)"
    R"("asks":[["10.6","7.50","0","3"]],"bids":[["10.50","3","0","1"],["10.4","0.25","0","2"]],)"
    R"("ts":"1700000000123","checksum":-855196043,"seqId":900,"prevSeqId":-1}]})";
constexpr std::string_view kUpdate =
    R"({"arg":{"channel":"books-l2-tbt","instId":"ABC-USDT"},"action":"update","data":[{)"
    R"("asks":[],"bids":[["10.4","0","0","0"]],"ts":"1700000000223","checksum":7,)"
    R"("seqId":905,"prevSeqId":900}]})";
constexpr std::string_view kBest =
    R"({"arg":{"channel":"bbo-tbt","instId":"ABC-USDT"},"data":[{"asks":[["10.6","7.5","0","3"]],)"
    R"("bids":[["10.5","3","0","1"]],"ts":"1700000000323","seqId":906}]})";
constexpr std::string_view kTrades =
    R"({"arg":{"channel":"trades","instId":"ABC-USDT"},"data":[)"
    R"({"instId":"ABC-USDT","tradeId":"130","px":"10.6","sz":"0.50","side":"buy",)"
    R"("ts":"1700000000298","count":"3"},{"instId":"ABC-USDT","tradeId":"131","px":"10.5",)"
    R"("sz":"40","side":"sell","ts":"1700000000299","count":"1"}]})";
constexpr std::string_view kTicker =
    R"({"arg":{"channel":"tickers","instId":"ABC-USDT"},"data":[{"instType":"SPOT",)"
    R"("instId":"ABC-USDT","last":"10.6","askPx":"10.6","askSz":"7.5","bidPx":"10.5","bidSz":"3",)"
    R"("ts":"1700000000400"}]})";
constexpr std::string_view kCandle =
    R"({"arg":{"channel":"candle5m","instId":"ABC-USDT"},"data":[["1700000100000","10.5","10.70",)"
    R"("10.45","10.6","120.5","1270.1","1273.25","1"]]})";
constexpr std::string_view kLiquidations =
    R"({"arg":{"channel":"liquidation-orders","instType":"SWAP"},"data":[{"details":[)"
    R"({"bkLoss":"0","bkPx":"10.10","ccy":"","posSide":"long","side":"sell","sz":"200",)"
    R"("ts":"1700000000490"},{"bkLoss":"0","bkPx":"11.25","ccy":"","posSide":"short",)"
    R"("side":"buy","sz":"3","ts":"1700000000491"}],"instFamily":"ABC-USDT",)"
    R"("instId":"ABC-USDT-SWAP","instType":"SWAP","uly":"ABC-USDT"},{"details":[)"
    R"({"bkPx":"5","side":"buy","sz":"1","ts":"1700000000492"}],"instId":"XYZ-USD-SWAP"}]})";
constexpr std::string_view kFundingRate =
    R"({"arg":{"channel":"funding-rate","instId":"ABC-USDT-SWAP"},"data":[{)"
    R"("fundingRate":"-0.000125","fundingTime":"1700006400000","instId":"ABC-USDT-SWAP",)"
    R"("instType":"SWAP","nextFundingRate":"","nextFundingTime":"1700035200000",)"
    R"("ts":"1700000000500"}]})";
constexpr std::string_view kInstruments =
    R"({"code":"0","data":[)"
    R"({"ctMult":"","ctType":"","ctVal":"","instId":"ABC-USDT","instType":"SPOT",)"
    R"("lotSz":"0.001","tickSz":"0.1"},)"
    R"({"ctMult":"1","ctType":"inverse","ctVal":"100","instId":"ABC-USD-SWAP",)"
    R"("instType":"SWAP","lotSz":"1","tickSz":"0.5"},)"
    R"({"ctMult":"1","ctType":"linear","ctVal":"0.01","instId":"ABC-USDT-260626",)"
    R"("instType":"FUTURES","lotSz":"0.1","tickSz":"0.01"},)"
    R"({"ctMult":"0.1","ctType":"","ctVal":"1","instId":"ABC-USD-260626-8-P",)"
    R"("instType":"OPTION","lotSz":"1","tickSz":""}],"msg":""})";

std::vector<std::string> texts_of(const std::vector<FeedInstrument>& instruments) {
  std::vector<std::string> texts;
  for (const FeedInstrument& each : instruments) {
    texts.push_back(std::string{each.symbol} + " " + std::string{to_text(each.kind)} + " " +
                    (each.inverse ? "inverse " : "") + text(each.contract_size) + " " +
                    text(each.tick_size) + " " + text(each.lot_size));
  }
  return texts;
}

}  // namespace

TEST_CASE("an OKX snapshot has all levels, a checksum as its bits, and no message before it") {
  TestDecoder decoder = okx();
  const auto book = only<BookMessage>(decoder.decode(kSnapshot));
  CHECK(book.kind == BookMessageKind::snapshot);
  CHECK(book.symbol == "ABC-USDT");
  CHECK(book.channel == "books");
  CHECK(time(book.ts_event) == "2023-11-14T22:13:20.123Z");
  CHECK(book.sequence == 900);
  CHECK_FALSE(book.sequence_begin.has_value());
  CHECK_FALSE(book.sequence_previous.has_value());
  CHECK(book.checksum == 3'439'771'253U);
  CHECK(text(book.bids) == "10.5 3; 10.4 0.25; ");
  CHECK(text(book.asks) == "10.6 7.5; ");
  CHECK(book.asks[0].quantity == WireNumber{.units = 75, .exponent = -1, .digits = 2});
}

TEST_CASE("an OKX update has the number of the message before it") {
  TestDecoder decoder = okx();
  for (const std::string channel : {"books", "books-l2-tbt", "books50-l2-tbt"}) {
    CAPTURE(channel);
    const auto book = only<BookMessage>(decoder.decode(replaced(kUpdate, "books-l2-tbt", channel)));
    CHECK(book.kind == BookMessageKind::update);
    CHECK(book.channel == channel);
    CHECK(book.sequence == 905);
    CHECK(book.sequence_previous == 900);
    CHECK(book.checksum == 7U);
    CHECK(text(book.bids) == "10.4 0; ");
    CHECK(book.asks.empty());
  }
}

TEST_CASE("OKX's checksum of 0, as it is since June 2026, and numbers of before 2023 are none") {
  TestDecoder decoder = okx();
  auto book =
      only<BookMessage>(decoder.decode(replaced(kUpdate, R"("checksum":7)", R"("checksum":0)")));
  CHECK_FALSE(book.checksum.has_value());
  book =
      only<BookMessage>(decoder.decode(replaced(kUpdate, R"(,"seqId":905,"prevSeqId":900)", "")));
  CHECK_FALSE(book.sequence.has_value());
  CHECK_FALSE(book.sequence_previous.has_value());
}

TEST_CASE("OKX's books5 is the whole book in each message, without an action") {
  TestDecoder decoder = okx();
  const auto book = only<BookMessage>(decoder.decode(
      R"({"arg":{"channel":"books5","instId":"ABC-USDT"},"data":[{"asks":[["10.6","7","0","3"]],)"
      R"("bids":[["10.5","3","0","1"]],"instId":"ABC-USDT","ts":"1700000000123","seqId":9}]})"));
  CHECK(book.kind == BookMessageKind::snapshot);
  CHECK(book.channel == "books5");
  CHECK(book.sequence == 9);
  CHECK(decoder.refusal(replaced(kUpdate, R"("action":"update",)", "")) == "there is no 'action'");
}

TEST_CASE("the order of keys in an OKX message does not matter") {
  TestDecoder decoder = okx();
  const auto book = only<BookMessage>(decoder.decode(
      R"({"data":[{"bids":[["10.4","0","0","0"]],"asks":[],"seqId":905,"ts":"1700000000223"}],)"
      R"("action":"update","arg":{"instId":"A\/B","channel":"books"}})"));
  CHECK(book.kind == BookMessageKind::update);
  CHECK(book.symbol == "A/B");
  CHECK(book.sequence == 905);
  CHECK(decoder.decode(R"({"data":[{"idxPx":"1"}],"arg":{"channel":"index-tickers"}})").kind ==
        MessageKind::control);
}

TEST_CASE("OKX's best bid and ask are a quote while both sides have someone") {
  TestDecoder decoder = okx();
  const auto quote = only<FeedQuote>(decoder.decode(kBest));
  CHECK(quote.symbol == "ABC-USDT");
  CHECK(quote.sequence == 906);
  CHECK(time(quote.ts_event) == "2023-11-14T22:13:20.323Z");
  CHECK(text(quote.bid.price) + " " + text(quote.bid.quantity) == "10.5 3");
  CHECK(text(quote.ask.price) + " " + text(quote.ask.quantity) == "10.6 7.5");
  const DecodedMessage& one_side =
      decoder.decode(replaced(kBest, R"([["10.6","7.5","0","3"]])", "[]"));
  CHECK(one_side.kind == MessageKind::data);
  CHECK(one_side.records.empty());
}

TEST_CASE("an OKX ticker is a quote without a sequence, and none while a field is empty") {
  TestDecoder decoder = okx();
  const auto quote = only<FeedQuote>(decoder.decode(kTicker));
  CHECK_FALSE(quote.sequence.has_value());
  CHECK(time(quote.ts_event) == "2023-11-14T22:13:20.400Z");
  CHECK(text(quote.bid.price) + " " + text(quote.bid.quantity) == "10.5 3");
  CHECK(text(quote.ask.price) + " " + text(quote.ask.quantity) == "10.6 7.5");
  CHECK(decoder.decode(replaced(kTicker, R"("bidPx":"10.5")", R"("bidPx":"")")).records.empty());
  CHECK(decoder.decode(replaced(kTicker, R"("askSz":"7.5")", R"("askSz":"")")).records.empty());
}

TEST_CASE("each entry of an OKX trade message is a trade") {
  TestDecoder decoder = okx();
  for (const std::string channel : {"trades", "trades-all"}) {
    const DecodedMessage& message =
        decoder.decode(replaced(kTrades, R"("trades")", '"' + channel + '"'));
    CHECK(message.kind == MessageKind::data);
    const auto trades = records_of<FeedTrade>(message);
    REQUIRE(trades.size() == 2);
    CHECK(trades[0].symbol == "ABC-USDT");
    CHECK(time(trades[0].ts_event) == "2023-11-14T22:13:20.298Z");
    CHECK(trades[0].trade_id == 130);
    CHECK(text(trades[0].price) + " " + text(trades[0].quantity) == "10.6 0.5");
    CHECK(trades[0].side == AggressorSide::buy);
    CHECK(trades[0].grain == Grain::trade);
    CHECK(trades[1].trade_id == 131);
    CHECK(trades[1].side == AggressorSide::sell);
  }
}

TEST_CASE("an OKX candle has its numbers by place, and is open when it does not say") {
  TestDecoder decoder = okx();
  auto record = only<FeedKline>(decoder.decode(kCandle));
  CHECK(record.symbol == "ABC-USDT");
  CHECK(record.interval.text() == "5m");
  CHECK(record.closed);
  CHECK(to_iso(record.kline.begin) == "2023-11-14T22:15:00Z");
  CHECK(to_text(record.kline.open) == "10.5");
  CHECK(to_text(record.kline.high) == "10.7");
  CHECK(to_text(record.kline.low) == "10.45");
  CHECK(to_text(record.kline.close) == "10.6");
  CHECK(to_text(record.kline.volume) == "120.5");
  CHECK(to_text(record.kline.quote_volume.value()) == "1273.25");
  CHECK_FALSE(record.kline.trades.has_value());
  CHECK_FALSE(only<FeedKline>(decoder.decode(replaced(kCandle, R"(,"1"])", R"(,"0"])"))).closed);
  record = only<FeedKline>(decoder.decode(replaced(kCandle, R"(,"1273.25","1"])", "]")));
  CHECK_FALSE(record.closed);
  CHECK_FALSE(record.kline.quote_volume.has_value());
}

TEST_CASE("OKX's words for intervals have large letters, with utc or without") {
  TestDecoder decoder = okx();
  // Begins of a week of UTC and of a month.
  const std::string monday = replaced(kCandle, "1700000100000", "1699833600000");
  const std::string first = replaced(kCandle, "1700000100000", "1698796800000");
  const std::vector<std::pair<std::string, std::string>> words{
      {"1s", "1s"},    {"1m", "1m"},    {"15m", "15m"},    {"1H", "1h"},
      {"4H", "4h"},    {"6Hutc", "6h"}, {"12Hutc", "12h"}, {"1D", "1d"},
      {"1Dutc", "1d"}, {"1W", "1w"},    {"1Wutc", "1w"}};
  for (const auto& word : words) {
    CAPTURE(word.first);
    const std::string frame = replaced(monday, "candle5m", "candle" + word.first);
    CHECK(only<FeedKline>(decoder.decode(frame)).interval.text() == word.second);
  }
  for (const std::string month : {"candle1M", "candle1Mutc"}) {
    const auto record = only<FeedKline>(decoder.decode(replaced(first, "candle5m", month)));
    CHECK(record.interval.text() == "1mo");
  }
  CHECK(decoder.refusal(replaced(kCandle, "candle5m", "candle3Dutc")) ==
        "channel must be an interval of klines, found 'candle3Dutc'");
}

TEST_CASE("an OKX candle whose day begins in Hong Kong is refused with the word that is UTC's") {
  TestDecoder decoder = okx();
  const std::string frame = replaced(kCandle, "1700000100000", "1699977600000");
  CHECK(decoder.refusal(replaced(frame, "candle5m", "candle1D")) ==
        "ts must begin a bar of 1d of UTC, as candle1Dutc does, found '1699977600000'");
  CHECK(decoder.refusal(replaced(frame, "candle5m", "candle4H")).empty());
}

TEST_CASE("OKX's mark price, funding rate and open interest are records") {
  TestDecoder decoder = okx();
  const auto mark = only<FeedMarkPrice>(decoder.decode(
      R"({"arg":{"channel":"mark-price","instId":"ABC-USDT"},"data":[{"instType":"SWAP",)"
      R"("instId":"ABC-USDT-SWAP","markPx":"10.55","ts":"1700000000500"}]})"));
  CHECK(mark.symbol == "ABC-USDT-SWAP");
  CHECK(text(mark.mark_price) == "10.55");
  CHECK_FALSE(mark.index_price.has_value());
  const auto rate = only<FeedFundingRate>(decoder.decode(kFundingRate));
  CHECK(text(rate.funding_rate) == "-0.000125");
  CHECK(time(rate.ts_event) == "2023-11-14T22:13:20.500Z");
  CHECK(time(rate.next_funding) == "2023-11-15T00:00:00Z");
  const std::string none = replaced(kFundingRate, R"("fundingRate":"-0.000125",)", "");
  CHECK(decoder.decode(none).records.empty());
  const std::string_view interest =
      R"({"arg":{"channel":"open-interest","instId":"ABC-USD-SWAP"},"data":[{"instType":"SWAP",)"
      R"("instId":"ABC-USD-SWAP","oi":"5000","oiCcy":"555.5","oiUsd":"500000.25",)"
      R"("ts":"1700000000500"}]})";
  auto record = only<FeedOpenInterest>(decoder.decode(interest));
  CHECK(text(record.open_interest) == "5000");
  CHECK(text(record.open_interest_value) == "500000.25");
  record = only<FeedOpenInterest>(decoder.decode(
      replaced(interest, R"("instId":"ABC-USD-SWAP","oi")", R"("instId":"ABC-USDT-SWAP","oi")")));
  CHECK(text(record.open_interest_value) == "none");
}

TEST_CASE("OKX's liquidations have the side of the order and the symbol that stands behind them") {
  TestDecoder decoder = okx();
  const auto records = records_of<FeedLiquidation>(decoder.decode(kLiquidations));
  REQUIRE(records.size() == 3);
  CHECK(records[0].symbol == "ABC-USDT-SWAP");
  CHECK(records[0].side == AggressorSide::sell);
  CHECK(time(records[0].ts_event) == "2023-11-14T22:13:20.490Z");
  CHECK(text(records[0].price) + " " + text(records[0].quantity) == "10.1 200");
  CHECK(records[1].symbol == "ABC-USDT-SWAP");
  CHECK(records[1].side == AggressorSide::buy);
  CHECK(records[2].symbol == "XYZ-USD-SWAP");
}

TEST_CASE("OKX's instruments come by REST and by a channel; multipliers are in contract sizes") {
  TestDecoder decoder = okx();
  const std::vector<std::string> expected{
      "ABC-USDT spot none 0.1 0.001", "ABC-USD-SWAP perpetual inverse 100 0.5 1",
      "ABC-USDT-260626 future 0.01 0.01 0.1", "ABC-USD-260626-8-P option 0.1 none 1"};
  const std::string_view url = "https://www.okx.com/api/v5/public/instruments?instType=SPOT";
  CHECK(texts_of(records_of<FeedInstrument>(decoder.answer(url, kInstruments))) == expected);
  const std::string frame =
      replaced(kInstruments, R"("code":"0")", R"("arg":{"channel":"instruments"})");
  CHECK(texts_of(records_of<FeedInstrument>(decoder.decode(frame))) == expected);
  CHECK(decoder.refusal(replaced(frame, "SPOT", "BOND")) ==
        "instType must be SPOT, MARGIN, SWAP, FUTURES or OPTION, found 'BOND'");
  std::string fine = replaced(frame, R"("ctMult":"0.1")", R"("ctMult":"0.000000000001")");
  fine =
      replaced(fine, R"("ctVal":"1","instId":"ABC-USD-2)", R"("ctVal":"0.1","instId":"ABC-USD-2)");
  CHECK(decoder.refusal(fine) ==
        "ctMult times 'ctVal' must have at most 12 digits behind the point, found "
        "'0.000000000001'");
}

TEST_CASE("an error of OKX's REST is a control message, another answer unknown") {
  TestDecoder decoder = okx();
  CHECK(decoder
            .answer("/api/v5/public/instruments?instType=X",
                    R"({"code":"51000","data":[],"msg":"Parameter instType error"})")
            .kind == MessageKind::control);
  CHECK(decoder.answer("/api/v5/public/time", R"({"code":"0","data":[{"ts":"1"}]})").kind ==
        MessageKind::unknown);
}

TEST_CASE(
    "events, the text pong and channels that nothing is kept of are control messages of OKX") {
  TestDecoder decoder = okx();
  for (const std::string_view frame :
       {R"({"event":"subscribe","arg":{"channel":"trades","instId":"ABC-USDT"},"connId":"a1"})",
        R"({"event":"error","code":"60012","msg":"Invalid request","connId":"a1"})",
        R"({"event":"login","code":"0","msg":""})",
        R"({"event":"channel-conn-count","channel":"orders","connCount":"2"})",
        R"({"arg":{"channel":"index-tickers","instId":"ABC-USDT"},"data":[{"idxPx":"10.5"}]})",
        R"({"arg":{"channel":"opt-summary","uly":"ABC-USD"},"data":[{"delta":"0.19"}]})", "pong",
        "pong\n"}) {
    CAPTURE(frame);
    const DecodedMessage& message = decoder.decode(frame);
    CHECK(message.kind == MessageKind::control);
    CHECK(message.records.empty());
  }
}

TEST_CASE("what OKX v5 does not send is unknown") {
  TestDecoder decoder = okx();
  for (const std::string_view frame : {"{}", R"({"table":"spot/trade","data":[{"price":"1"}]})",
                                       R"({"arg":{},"data":[]})", R"({"data":[{"px":"1"}]})"}) {
    CAPTURE(frame);
    CHECK(decoder.decode(frame).kind == MessageKind::unknown);
  }
}

TEST_CASE("a refused OKX message says which field is wrong") {
  TestDecoder decoder = okx();
  const auto refusal = [&](std::string_view frame, std::string_view what, std::string_view with) {
    return decoder.refusal(replaced(frame, what, with));
  };
  CHECK(refusal(kSnapshot, "10.50", "0.000") == "price must be above 0, found '0.000'");
  CHECK(refusal(kSnapshot, "7.50", "-7.50") == "quantity must not be negative, found '-7.50'");
  CHECK(refusal(kSnapshot, "7.50", "12345678901234567890") ==
        "quantity must fit 64 bits at its own digits, found '12345678901234567890'");
  CHECK(refusal(kSnapshot, "7.50", "") == "quantity must be a number, found ''");
  CHECK(refusal(kSnapshot, R"([["10.6","7.50","0","3"]])", "null") ==
        "asks must be an array, found 'null'");
  CHECK(refusal(kSnapshot, R"("asks":[["10.6","7.50","0","3"]],)", "") == "there is no 'asks'");
  CHECK(refusal(kSnapshot, R"("ts":"1700000000123",)", "") == "there is no 'ts'");
  CHECK(refusal(kSnapshot, "1700000000123", "2023-11-14") ==
        "ts must be a whole number, found '2023-11-14'");
  CHECK(refusal(kSnapshot, "-855196043", "4294967295") ==
        "checksum must fit 32 bits with a sign, found '4294967295'");
  CHECK(refusal(kSnapshot, R"(,"instId":"ABC-USDT")", "") == "there is no 'instId'");
  CHECK(refusal(kSnapshot, R"("snapshot")", R"("partial")") ==
        "action must be snapshot or update, found 'partial'");
  CHECK(refusal(kTrades, R"("130")", R"("x130")") ==
        "tradeId must be a whole number, found 'x130'");
  CHECK(refusal(kTrades, R"("side":"buy")", R"("side":"Buy")") ==
        "side must be buy or sell, found 'Buy'");
  CHECK(refusal(kTrades, R"("px":"10.6")", R"("px":"-10.6")") ==
        "px must be above 0, found '-10.6'");
  CHECK(refusal(kTrades, R"("sz":"0.50")", R"("sz":[1])") == "there is no 'sz'");
  CHECK(refusal(kTicker, R"("bidPx":"10.5")", R"("bidPx":"0")") ==
        "bidPx must be above 0, found '0'");
  CHECK(refusal(kTicker, R"("bidPx":"10.5",)", "") == "there is no 'bidPx'");
  CHECK(refusal(kCandle, R"(,"120.5","1270.1","1273.25","1")", "") == "there is no 'vol'");
  CHECK(refusal(kCandle, "[[", "[") == "data must be an array, found '1700000100000'");
  CHECK(refusal(kLiquidations, R"("10.10")", R"("0")") == "bkPx must be above 0, found '0'");
  CHECK(refusal(kFundingRate, R"(,"ts":"1700000000500")", "") == "there is no 'ts'");
  CHECK(decoder.refusal(R"({"arg":{"channel":"trades","instId":"ABC-USDT"}})") ==
        "there is no 'data'");
  CHECK(decoder.refusal(R"({"arg":"trades","data":[]})") ==
        "arg must be an object, found 'trades'");
}

TEST_CASE("a torn OKX message is refused at every length") {
  TestDecoder decoder = okx();
  for (const std::string_view frame :
       {kSnapshot, kBest, kTrades, kTicker, kCandle, kLiquidations}) {
    for (size_t size = 0; size < frame.size(); ++size) {
      CAPTURE(frame.substr(0, size));
      CHECK_FALSE(decoder.refusal(frame.substr(0, size)).empty());
    }
  }
  CHECK(decoder.refusal(std::string{kSnapshot} + "{}") == "something stands behind the message");
  CHECK_FALSE(decoder.refusal("pon").empty());
}

TEST_CASE("a recording of OKX is decoded whole") {
  TestDecoder decoder = okx();
  std::vector<size_t> records(std::variant_size_v<FeedRecord>);
  std::vector<size_t> kinds(3);
  size_t snapshots = 0;
  size_t bids = 0;
  size_t asks = 0;
  size_t buys = 0;
  uint64_t checksums = 0;
  const bool there =
      test::for_each_frame("ws_okx/okx_v5_20220513.ws.gz", [&](std::string_view frame) {
        const DecodedMessage& message = decoder.decode(frame);
        ++kinds.at(static_cast<size_t>(message.kind));
        for (const FeedRecord& record : message.records)
          ++records.at(record.index());
        for (const BookMessage& book : records_of<BookMessage>(message)) {
          snapshots += book.kind == BookMessageKind::snapshot ? 1 : 0;
          bids += book.bids.size();
          asks += book.asks.size();
          checksums += book.checksum.value_or(0);
        }
        for (const FeedTrade& trade : records_of<FeedTrade>(message))
          buys += trade.side == AggressorSide::buy ? 1 : 0;
      });
  if (!there) return;
  // Counted with Python: data, control, unknown; then in the order of FeedRecord.
  CHECK(kinds == std::vector<size_t>{392, 18, 0});
  CHECK(records == std::vector<size_t>{290, 74, 28, 0, 0, 0, 0, 0, 0});
  CHECK(snapshots == 3);
  CHECK(bids == 4'378);
  CHECK(asks == 3'886);
  CHECK(buys == 48);
  CHECK(checksums == 602'298'064'009);
}

TEST_CASE("recorded lists of OKX's instruments are decoded whole") {
  const std::string text = test::recorded_text("rest/okx_instruments_20220228.txt.gz");
  if (text.empty()) return;
  TestDecoder decoder = okx();
  std::vector<size_t> kinds(5);
  size_t inverse = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view{text}.substr(begin, end - begin);
    begin = end + 1;
    const size_t arrow = line.find(" -> ");
    if (arrow == std::string_view::npos) continue;
    const std::string_view body = line.substr(line.find(": ", arrow) + 2);
    const DecodedMessage& message = decoder.answer(line.substr(0, arrow), body);
    for (const FeedInstrument& each : records_of<FeedInstrument>(message)) {
      ++kinds.at(static_cast<size_t>(each.kind));
      inverse += each.inverse ? 1 : 0;
    }
  }
  // Spot, perpetuals, futures, options, equities.
  CHECK(kinds == std::vector<size_t>{509, 162, 104, 508, 0});
  CHECK(inverse == 92);
}

}  // namespace tapedeck
