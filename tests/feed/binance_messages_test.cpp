#include "feed/binance_frames.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace tapedeck {
namespace {

using test::binance;
using test::kCmDepth;
using test::kCmQuote;
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
using test::records_of;
using test::replaced;
using test::TestDecoder;
using test::text;
using test::time;
using test::with_stream;

TEST_CASE("an update of spot has the time of the message and no number of the one before") {
  TestDecoder decoder = binance();
  for (const std::string& frame :
       {with_stream("btcusdt@depth@100ms", kSpotDepth), std::string{kSpotDepth}}) {
    const auto book = only<BookMessage>(decoder.decode(frame));
    CHECK(book.kind == BookMessageKind::update);
    CHECK(book.symbol == "BTCUSDT");
    CHECK(book.channel == (frame.front() == '{' && frame[2] == 's' ? "depth@100ms" : "depth"));
    CHECK(time(book.ts_event) == "2024-08-08T23:54:15.208Z");
    CHECK(book.sequence_begin == 50'093'239'189);
    CHECK(book.sequence == 50'093'239'202);
    CHECK_FALSE(book.sequence_previous.has_value());
    CHECK_FALSE(book.checksum.has_value());
    CHECK(text(book.bids) == "61737.63 0; 61730.17 0; ");
    CHECK(text(book.asks) == "61837.64 1.54698; ");
    CHECK(book.bids[0].price.digits == 8);
  }
}

TEST_CASE("an update of USD-margined futures has the transaction's time and the number before") {
  TestDecoder decoder = binance();
  const auto book = only<BookMessage>(decoder.decode(with_stream("ethusdt@depth@0ms", kUmDepth)));
  CHECK(book.kind == BookMessageKind::update);
  CHECK(book.symbol == "ETHUSDT");
  CHECK(book.channel == "depth@0ms");
  CHECK(time(book.ts_event) == "2024-07-18T23:57:34.912Z");
  CHECK(book.sequence_begin == 4'984'029'360'074);
  CHECK(book.sequence == 4'984'029'360'075);
  CHECK(book.sequence_previous == 4'984'029'359'960);
  CHECK(text(book.bids) == "927 0.13; ");
  CHECK(book.asks.empty());
}

TEST_CASE("an update of coin-margined futures names its symbol, not the pair") {
  TestDecoder decoder = binance();
  const auto book =
      only<BookMessage>(decoder.decode(with_stream("ethusd_perp@depth@0ms", kCmDepth)));
  CHECK(book.symbol == "ETHUSD_PERP");
  CHECK(book.sequence_previous == 1'007'198'631'578);
  CHECK(text(book.bids) == "2681.28 0; 2681.31 1209; ");
  CHECK(text(book.asks) == "2682.13 0; 2682.18 3794; ");
}

TEST_CASE("a partial stream sends a snapshot each time; spot's has its symbol in the stream") {
  TestDecoder decoder = binance();
  for (const std::string channel : {"depth5", "depth10", "depth20", "depth20@100ms"}) {
    CAPTURE(channel);
    auto book = only<BookMessage>(decoder.decode(with_stream("bnbbtc@" + channel, kRestDepth)));
    CHECK(book.kind == BookMessageKind::snapshot);
    CHECK(book.symbol == "BNBBTC");
    CHECK(book.channel == channel);
    CHECK(book.sequence == 1'027'024);
    CHECK_FALSE(book.ts_event.has_value());
    CHECK(text(book.asks) == "4.000002 12; 4.1 1; ");
    book = only<BookMessage>(decoder.decode(with_stream("ethusdt@" + channel, kUmDepth)));
    CHECK(book.kind == BookMessageKind::snapshot);
    CHECK(book.symbol == "ETHUSDT");
    CHECK(book.sequence == 4'984'029'360'075);
  }
  const auto other = only<BookMessage>(decoder.decode(with_stream("ethusdt@depth500ms", kUmDepth)));
  CHECK(other.kind == BookMessageKind::update);
}

TEST_CASE("the order of `stream` and `data` does not matter") {
  TestDecoder decoder = binance();
  const std::string frame =
      "{\"data\":" + std::string{kRestDepth} + ",\"stream\":\"bnbbtc@depth5\"}";
  const auto book = only<BookMessage>(decoder.decode(frame));
  CHECK(book.kind == BookMessageKind::snapshot);
  CHECK(book.symbol == "BNBBTC");
}

TEST_CASE("a book asked for is an image; among frames only coin-margined futures name its symbol") {
  TestDecoder decoder = binance();
  auto book = only<BookMessage>(decoder.decode(kRestDepth));
  CHECK(book.kind == BookMessageKind::image);
  CHECK(book.symbol.empty());
  CHECK(book.channel.empty());
  CHECK(book.sequence == 1'027'024);
  CHECK_FALSE(book.sequence_begin.has_value());
  CHECK_FALSE(book.ts_event.has_value());
  CHECK(text(book.bids) == "4 431; ");
  CHECK(text(book.asks) == "4.000002 12; 4.1 1; ");
  book = only<BookMessage>(decoder.decode(
      R"({"lastUpdateId":1007198635066,"E":1723161257838,"T":1723161257827,"symbol":"ETHUSD_PERP","pair":"ETHUSD","bids":[["2682.17","159"]],"asks":[]})"));
  CHECK(book.kind == BookMessageKind::image);
  CHECK(book.symbol == "ETHUSD_PERP");
  CHECK(time(book.ts_event) == "2024-08-08T23:54:17.827Z");
}

TEST_CASE("a book asked for has the symbol of its URL") {
  TestDecoder decoder = binance();
  for (const std::string_view url :
       {"https://api.binance.com/api/v3/depth?symbol=NKNUSDT&limit=1000",
        "https://api.binance.com/api/v3/depth?limit=1000&symbol=NKNUSDT",
        "https://api.binance.com/api/v3/depth?symbol=nknusdt"}) {
    CAPTURE(url);
    const auto book = only<BookMessage>(decoder.answer(url, kRestDepth));
    CHECK(book.kind == BookMessageKind::image);
    CHECK(book.symbol == "NKNUSDT");
  }
  CHECK(only<BookMessage>(decoder.answer("https://api.binance.com/api/v3/depth", kRestDepth))
            .symbol.empty());
  CHECK(only<BookMessage>(
            decoder.answer("https://dapi.binance.com/dapi/v1/depth?symbol=X",
                           replaced(kRestDepth, "{", R"({"symbol":"ETHUSD_PERP","T":1,)")))
            .symbol == "ETHUSD_PERP");
}

TEST_CASE("a trade whose buyer made the price is a sell") {
  TestDecoder decoder = binance();
  auto trade = only<FeedTrade>(decoder.decode(with_stream("btcusdt@trade", kSpotTrade)));
  CHECK(trade.symbol == "BTCUSDT");
  CHECK(time(trade.ts_event) == "2023-04-04T23:59:59.999Z");
  CHECK(trade.trade_id == 3'071'245'454);
  CHECK(text(trade.price) == "28165.47");
  CHECK(text(trade.quantity) == "0.00056");
  CHECK(trade.side == AggressorSide::sell);
  CHECK(trade.grain == Grain::trade);
  trade = only<FeedTrade>(decoder.decode(replaced(kSpotTrade, "\"m\":true", "\"m\":false")));
  CHECK(trade.side == AggressorSide::buy);
}

TEST_CASE("an aggregate is of its own grain and has its own number") {
  TestDecoder decoder = binance();
  const auto trade = only<FeedTrade>(decoder.decode(with_stream(
      "bnbbtc@aggTrade",
      R"({"e":"aggTrade","E":1672515782136,"s":"BNBBTC","a":12345,"p":"0.001","q":"100","f":90,"l":105,"T":1672515782100,"m":true,"M":true})")));
  CHECK(trade.symbol == "BNBBTC");
  CHECK(time(trade.ts_event) == "2022-12-31T19:43:02.100Z");
  CHECK(trade.trade_id == 12'345);
  CHECK(text(trade.price) == "0.001");
  CHECK(text(trade.quantity) == "100");
  CHECK(trade.side == AggressorSide::sell);
  CHECK(trade.grain == Grain::aggregate);
}

TEST_CASE("of futures' trades only those of the market are kept") {
  TestDecoder decoder = binance();
  CHECK(only<FeedTrade>(decoder.decode(kUmTrade)).trade_id == 4'217'896'584);
  for (const std::string_view kind : {"INSURANCE_FUND", "ADL", "NA"}) {
    const DecodedMessage& message = decoder.decode(replaced(kUmTrade, "MARKET", kind));
    CHECK(message.kind == MessageKind::data);
    CHECK(message.records.empty());
  }
  const std::string transfer = replaced(replaced(kUmTrade, "MARKET", "NA"), "3424.98", "0");
  CHECK(decoder.decode(transfer).records.empty());
}

TEST_CASE("a quote of spot has no time, one of futures the transaction's") {
  TestDecoder decoder = binance();
  auto quote = only<FeedQuote>(decoder.decode(with_stream("btcusdt@bookTicker", kSpotQuote)));
  CHECK(quote.symbol == "BTCUSDT");
  CHECK_FALSE(quote.ts_event.has_value());
  CHECK(quote.sequence == 50'093'239'212);
  CHECK(text(quote.bid.price) == "61837.63");
  CHECK(text(quote.bid.quantity) == "3.78826");
  CHECK(text(quote.ask.price) == "61837.64");
  CHECK(text(quote.ask.quantity) == "1.54698");
  quote = only<FeedQuote>(decoder.decode(kCmQuote));
  CHECK(quote.symbol == "ETHUSD_PERP");
  CHECK(time(quote.ts_event) == "2024-08-08T23:54:17.450Z");
  CHECK(text(quote.ask.quantity) == "3794");
}

TEST_CASE("an empty side of a quote is 0, nothing below") {
  TestDecoder decoder = binance();
  const std::string empty =
      replaced(replaced(kSpotQuote, "61837.63000000", "0.00000000"), "3.78826000", "0.00000000");
  CHECK(only<FeedQuote>(decoder.decode(empty)).bid == WireLevel{{.digits = 8}, {.digits = 8}});
  CHECK(decoder.refusal(replaced(kSpotQuote, "3.78826000", "-3.78826000")) ==
        "B must not be negative, found '-3.78826000'");
  CHECK(decoder.refusal(replaced(kSpotQuote, "61837.64", "-61837.64")) ==
        "a must not be negative, found '-61837.64000000'");
}

TEST_CASE("a kline is the bar of its begin, with the volumes of takers") {
  TestDecoder decoder = binance();
  auto kline = only<FeedKline>(decoder.decode(with_stream("bnbbtc@kline_1m", kKline)));
  CHECK(kline.symbol == "BNBBTC");
  CHECK(kline.interval == BarInterval::parse("1m"));
  CHECK(time(kline.kline.begin) == "2022-12-31T19:43:00Z");
  CHECK(to_text(kline.kline.open) == "0.001");
  CHECK(to_text(kline.kline.high) == "0.0025");
  CHECK(to_text(kline.kline.low) == "0.0008");
  CHECK(to_text(kline.kline.close) == "0.002");
  CHECK(to_text(kline.kline.volume) == "1000");
  CHECK(to_text(kline.kline.quote_volume.value()) == "1");
  CHECK(to_text(kline.kline.buy_volume.value()) == "500");
  CHECK(to_text(kline.kline.buy_quote_volume.value()) == "0.5");
  CHECK(kline.kline.trades == 100);
  CHECK_FALSE(kline.closed);
  kline = only<FeedKline>(decoder.decode(
      replaced(replaced(kKline, "\"x\":false", "\"x\":true"), "\"i\":\"1m\"", "\"i\":\"1M\"")));
  CHECK(kline.closed);
  CHECK(kline.interval == BarInterval::parse("1mo"));
}

TEST_CASE("the volume of a kline may leave 64 bits") {
  TestDecoder decoder = binance();
  const auto kline =
      only<FeedKline>(decoder.decode(replaced(kKline, "\"1.0000\"", "\"152345678901.12345678\"")));
  CHECK(to_text(kline.kline.quote_volume.value()) == "152345678901.12345678");
}

TEST_CASE("klines of intervals that a store has not are passed over, unknown ones refused") {
  TestDecoder decoder = binance();
  for (const std::string_view interval : {"3d", "8h"}) {
    const DecodedMessage& message = decoder.decode(replaced(kKline, "1m", interval));
    CHECK(message.kind == MessageKind::control);
    CHECK(message.records.empty());
  }
  CHECK(decoder.refusal(replaced(kKline, "1m", "7m")) ==
        "i must be an interval of klines, found '7m'");
}

TEST_CASE("a mark price comes with the index and the rate of funding") {
  TestDecoder decoder = binance();
  const DecodedMessage& message = decoder.decode(with_stream("btcusdt@markPrice@1s", kMarkPrice));
  CHECK(message.kind == MessageKind::data);
  REQUIRE(message.records.size() == 2);
  const auto price = std::get<FeedMarkPrice>(message.records[0]);
  CHECK(price.symbol == "BTCUSDT");
  CHECK(time(price.ts_event) == "2019-07-05T05:43:00Z");
  CHECK(text(price.mark_price) == "11794.15");
  CHECK(text(price.index_price.value()) == "11784.62659091");
  const auto rate = std::get<FeedFundingRate>(message.records[1]);
  CHECK(rate.symbol == "BTCUSDT");
  CHECK(rate.ts_event == price.ts_event);
  CHECK(text(rate.funding_rate) == "0.00038167");
  CHECK(time(rate.next_funding) == "2019-07-05T06:00:00Z");
}

TEST_CASE("a funding rate may be negative; a contract that is delivered has none") {
  TestDecoder decoder = binance();
  auto rates = records_of<FeedFundingRate>(
      decoder.decode(replaced(kMarkPrice, "0.00038167", "-0.00012500")));
  REQUIRE(rates.size() == 1);
  CHECK(text(rates[0].funding_rate) == "-0.000125");
  const auto price = only<FeedMarkPrice>(decoder.decode(
      R"({"e":"markPriceUpdate","E":1596095725000,"s":"BTCUSD_201225","p":"10934.62615417","P":"10962.17178236","r":"","T":0})"));
  CHECK(price.symbol == "BTCUSD_201225");
  CHECK_FALSE(price.index_price.has_value());
}

TEST_CASE("a stream of all symbols sends a list of them") {
  TestDecoder decoder = binance();
  const std::string list =
      "[" + std::string{kMarkPrice} + "," + replaced(kMarkPrice, "BTCUSDT", "ETHUSDT") + "]";
  for (const std::string& frame : {list, with_stream("!markPrice@arr", list),
                                   "{\"data\":" + list + ",\"stream\":\"!markPrice@arr@1s\"}"}) {
    const DecodedMessage& message = decoder.decode(frame);
    CHECK(message.kind == MessageKind::data);
    const auto prices = records_of<FeedMarkPrice>(message);
    REQUIRE(prices.size() == 2);
    CHECK(prices[0].symbol == "BTCUSDT");
    CHECK(prices[1].symbol == "ETHUSDT");
    CHECK(records_of<FeedFundingRate>(message).size() == 2);
  }
  const std::string tickers = R"([{"e":"24hrMiniTicker","E":1672515782136,"s":"BNBBTC","c":"1"}])";
  for (const std::string& frame :
       {tickers, with_stream("!miniTicker@arr", tickers), with_stream("!miniTicker@arr", "[]")}) {
    const DecodedMessage& message = decoder.decode(frame);
    CHECK(message.kind == MessageKind::control);
    CHECK(message.records.empty());
  }
  CHECK_FALSE(decoder.refusal("[1,2]").empty());
  CHECK_FALSE(decoder.refusal(replaced(list, "}]", "}")).empty());
  CHECK(decoder.refusal(list + "[]") == "something stands behind the message");
}

TEST_CASE("a liquidation has the average price and what was filled") {
  TestDecoder decoder = binance();
  auto order = only<FeedLiquidation>(decoder.decode(with_stream("!forceOrder@arr", kForceOrder)));
  CHECK(order.symbol == "BTCUSDT");
  CHECK(time(order.ts_event) == "2019-09-09T07:34:20.890Z");
  CHECK(order.side == AggressorSide::sell);
  CHECK(text(order.price) == "9911.5");
  CHECK(text(order.quantity) == "0.013");
  order = only<FeedLiquidation>(decoder.decode(replaced(kForceOrder, "SELL", "BUY")));
  CHECK(order.side == AggressorSide::buy);
  CHECK(decoder.refusal(replaced(kForceOrder, "SELL", "BOTH")) ==
        "S must be BUY or SELL, found 'BOTH'");
}

TEST_CASE("open interest is an answer of futures") {
  TestDecoder decoder = binance();
  // Of gocryptotrader (MIT), exchanges/binance/testdata/http.json.
  const auto um = only<FeedOpenInterest>(
      decoder.answer("https://fapi.binance.com/fapi/v1/openInterest?symbol=BTCUSDT",
                     R"({"openInterest":"83782.317","symbol":"BTCUSDT","time":1702244985273})"));
  CHECK(um.symbol == "BTCUSDT");
  CHECK(time(um.ts_event) == "2023-12-10T21:49:45.273Z");
  CHECK(text(um.open_interest) == "83782.317");
  CHECK_FALSE(um.open_interest_value.has_value());
  const auto cm = only<FeedOpenInterest>(decoder.answer(
      "https://dapi.binance.com/dapi/v1/openInterest?symbol=BTCUSD_200626",
      R"({"symbol":"BTCUSD_200626","pair":"BTCUSD","openInterest":"15004","contractType":"CURRENT_QUARTER","time":1591261042378})"));
  CHECK(cm.symbol == "BTCUSD_200626");
  CHECK(text(cm.open_interest) == "15004");
}

TEST_CASE("exchangeInfo of spot gives steps of price and quantity") {
  TestDecoder decoder = binance();
  const DecodedMessage& message = decoder.answer(
      "https://api.binance.com/api/v3/exchangeInfo",
      R"({"timezone":"UTC","serverTime":1565246363776,"rateLimits":[{}],"exchangeFilters":[],"symbols":[)"
      R"({"symbol":"ETHBTC","status":"TRADING","baseAssetPrecision":8,"orderTypes":["LIMIT","MARKET"],"icebergAllowed":true,"filters":[)"
      R"({"filterType":"PRICE_FILTER","minPrice":"0.00000100","maxPrice":"922327.00000000","tickSize":"0.00000100"},)"
      R"({"filterType":"LOT_SIZE","minQty":"0.00010000","maxQty":"100000.00000000","stepSize":"0.00010000"},)"
      R"({"filterType":"MARKET_LOT_SIZE","minQty":"0","maxQty":"873.90727776","stepSize":"0.00000000"}],"permissions":["SPOT"]},)"
      R"({"symbol":"LTCBTC","filters":[]}]})");
  CHECK(message.kind == MessageKind::data);
  const auto instruments = records_of<FeedInstrument>(message);
  REQUIRE(instruments.size() == 2);
  CHECK(instruments[0].symbol == "ETHBTC");
  CHECK(instruments[0].kind == InstrumentKind::spot);
  CHECK_FALSE(instruments[0].inverse);
  CHECK_FALSE(instruments[0].contract_size.has_value());
  CHECK(text(instruments[0].tick_size.value()) == "0.000001");
  CHECK(text(instruments[0].lot_size.value()) == "0.0001");
  CHECK(instruments[1].symbol == "LTCBTC");
  CHECK_FALSE(instruments[1].tick_size.has_value());
}

TEST_CASE("exchangeInfo of futures tells perpetuals, deliveries and the size of a contract") {
  TestDecoder decoder = binance();
  const DecodedMessage& message = decoder.answer(
      "https://dapi.binance.com/dapi/v1/exchangeInfo",
      R"({"symbols":[)"
      R"({"symbol":"BTCUSD_PERP","contractType":"PERPETUAL","contractSize":100,"filters":[{"minPrice":"1000","filterType":"PRICE_FILTER","tickSize":"0.1"},{"stepSize":"1","filterType":"LOT_SIZE"}]},)"
      R"({"symbol":"BTCUSD_210924","contractType":"CURRENT_QUARTER","contractSize":100,"filters":[]},)"
      R"({"symbol":"BTCUSDT","contractType":"PERPETUAL","filters":[]},)"
      R"({"symbol":"OLDUSDT","contractType":"PERPETUAL_DELIVERING","filters":[]},)"
      R"({"symbol":"BTCUSDT_210924","contractType":"CURRENT_QUARTER","filters":[]},)"
      R"({"symbol":"BTCSTUSDT","contractType":"","deliveryDate":4133404800000,"filters":[]}]})");
  const auto instruments = records_of<FeedInstrument>(message);
  REQUIRE(instruments.size() == 6);
  CHECK(instruments[0].symbol == "BTCUSD_PERP");
  CHECK(instruments[0].kind == InstrumentKind::perpetual);
  CHECK(instruments[0].inverse);
  CHECK(text(instruments[0].contract_size.value()) == "100");
  CHECK(text(instruments[0].tick_size.value()) == "0.1");
  CHECK(text(instruments[0].lot_size.value()) == "1");
  CHECK(instruments[1].kind == InstrumentKind::future);
  CHECK(instruments[1].inverse);
  CHECK(instruments[2].kind == InstrumentKind::perpetual);
  CHECK_FALSE(instruments[2].inverse);
  CHECK(instruments[3].kind == InstrumentKind::perpetual);
  CHECK(instruments[4].kind == InstrumentKind::future);
  // Not yet or no longer traded.
  CHECK(instruments[5].kind == InstrumentKind::perpetual);
}

}  // namespace
}  // namespace tapedeck
