#include "feed/feed_venue.hpp"
#include "feed/message_text.hpp"
#include "feed/record_text.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

using test::records_of;
using test::TestDecoder;
using test::text_of;

TestDecoder coinbase() {
  return TestDecoder{make_coinbase_decoder()};
}

// A message of Advanced Trade.
std::string advanced(std::string_view channel, std::string_view events) {
  return R"({"channel":")" + std::string{channel} +
         R"(","client_id":"","timestamp":"2025-01-02T03:04:05.123456789Z","sequence_num":7,)"
         R"("events":[)" +
         std::string{events} + "]}";
}

std::string update(std::string_view side, std::string_view time, std::string_view price,
                   std::string_view quantity) {
  return R"({"side":")" + std::string{side} + R"(","event_time":")" + std::string{time} +
         R"(","price_level":")" + std::string{price} + R"(","new_quantity":")" +
         std::string{quantity} + R"("})";
}

// An event of l2_data with these updates.
std::string book_event(const std::string& updates) {
  return R"({"type":"update","product_id":"BTC-USD","updates":[)" + updates + "]}";
}

constexpr std::string_view kSnapshot =
    R"({"type":"snapshot","product_id":"BAND-GBP","asks":[["14.80","12.7"],["14.90","1"]],)"
    R"("bids":[["14.70","3.25"]]})";

TEST_CASE("an event of Coinbase's l2_data is a book message with its sides apart") {
  TestDecoder decoder = coinbase();
  const DecodedMessage& message = decoder.decode(
      advanced("l2_data", R"({"type":"snapshot","product_id":"BTC-USD","updates":[)" +
                              update("bid", "2025-01-02T03:04:05.1Z", "61000.10", "0.5") + "," +
                              update("offer", "2025-01-02T03:04:05.1Z", "61000.20", "2") + "," +
                              update("bid", "2025-01-02T03:04:05.1Z", "60999", "0") + "]}," +
                              R"({"type":"update","product_id":"ETH-USD","updates":[)" +
                              update("offer", "2025-01-02T03:04:05Z", "3000", "1") + "]}"));
  CHECK(message.kind == MessageKind::data);
  CHECK(message.connection_sequence == 7);
  const auto books = records_of<BookMessage>(message);
  REQUIRE(books.size() == 2);
  CHECK(books[0].kind == BookMessageKind::snapshot);
  CHECK(books[0].symbol == "BTC-USD");
  CHECK(books[0].channel == "l2_data");
  CHECK(text_of(books[0].ts_event) == "2025-01-02T03:04:05.100Z");
  CHECK_FALSE(books[0].sequence);
  CHECK_FALSE(books[0].checksum);
  CHECK(text_of(books[0].bids) == "61000.1x0.5 60999x0");
  CHECK(books[0].bids[0].price.digits == 2);
  CHECK(text_of(books[0].asks) == "61000.2x2");
  CHECK(books[1].kind == BookMessageKind::update);
  CHECK(books[1].symbol == "ETH-USD");
  CHECK(books[1].bids.empty());
  CHECK(text_of(books[1].asks) == "3000x1");
}

TEST_CASE("the time of a Coinbase book is the latest of its updates, whatever their digits") {
  TestDecoder decoder = coinbase();
  const auto books = records_of<BookMessage>(decoder.decode(
      advanced("l2_data", book_event(update("bid", "2025-01-02T03:04:05.12Z", "1", "1") + "," +
                                     update("bid", "2025-01-02T03:04:05.123456Z", "2", "1") + "," +
                                     update("bid", "2025-01-02T03:04:05.1Z", "3", "1")))));
  REQUIRE(books.size() == 1);
  CHECK(text_of(books[0].ts_event) == "2025-01-02T03:04:05.123456Z");
}

TEST_CASE("a Coinbase book without a time of its own has its message's") {
  TestDecoder decoder = coinbase();
  for (const std::string& updates : {std::string{}, update("bid", "1970-01-01T00:00:00Z", "1", "1"),
                                     update("offer", "0001-01-01T00:00:00Z", "1", "1")}) {
    CAPTURE(updates);
    const auto books =
        records_of<BookMessage>(decoder.decode(advanced("l2_data", book_event(updates))));
    REQUIRE(books.size() == 1);
    CHECK(text_of(books[0].ts_event) == "2025-01-02T03:04:05.123456789Z");
  }
}

TEST_CASE("the fields of a Coinbase message may stand in any order behind its channel") {
  TestDecoder decoder = coinbase();
  const DecodedMessage& message = decoder.decode(
      R"({"channel":"l2_data","events":[{"updates":[{"new_quantity":"2","price_level":"1",)"
      R"("event_time":"1970-01-01T00:00:00Z","side":"bid"}],"product_id":"X-Y","type":"update"}],)"
      R"("sequence_num":0,"timestamp":"2025-01-02T03:04:05Z"})");
  CHECK(message.connection_sequence == 0);
  const auto books = records_of<BookMessage>(message);
  REQUIRE(books.size() == 1);
  CHECK(books[0].symbol == "X-Y");
  CHECK(text_of(books[0].ts_event) == "2025-01-02T03:04:05Z");
  CHECK(text_of(books[0].bids) == "1x2");
}

TEST_CASE("trades of Coinbase's market_trades have the side against the maker's") {
  TestDecoder decoder = coinbase();
  const auto trades = records_of<FeedTrade>(decoder.decode(advanced(
      "market_trades",
      R"({"type":"snapshot","trades":[{"product_id":"BTC-USD","trade_id":"12","price":"61000.1",)"
      R"("size":"0.5","time":"2025-01-02T03:04:05.5Z","side":"SELL"},{"product_id":"BTC-USD",)"
      R"("trade_id":"11","price":"61000","size":"1","time":"2025-01-02T03:04:04Z","side":"BUY"},)"
      R"({"product_id":"BTC-USD","trade_id":"10","price":"61000","size":"1","time":)"
      R"("2025-01-02T03:04:03Z","side":"UNKNOWN_ORDER_SIDE"}]})")));
  REQUIRE(trades.size() == 3);
  CHECK(text_of(trades[0]) == "BTC-USD 2025-01-02T03:04:05.500Z 12 61000.1x0.5 buy");
  CHECK(text_of(trades[1]) == "BTC-USD 2025-01-02T03:04:04Z 11 61000x1 sell");
  CHECK(text_of(trades[2]) == "BTC-USD 2025-01-02T03:04:03Z 10 61000x1 unknown");
}

TEST_CASE("a Coinbase ticker is a quote when both best prices and quantities are there") {
  TestDecoder decoder = coinbase();
  for (const std::string_view channel : {"ticker", "ticker_batch"}) {
    const DecodedMessage& message = decoder.decode(advanced(
        channel,
        R"({"type":"update","tickers":[{"type":"ticker","product_id":"BTC-USD","price":"1",)"
        R"("best_bid":"61000","best_bid_quantity":"0.5","best_ask":"61000.1",)"
        R"("best_ask_quantity":"2"},{"type":"ticker","product_id":"ETH-USD","best_bid":"",)"
        R"("best_bid_quantity":"","best_ask":"1","best_ask_quantity":"2"}]})"));
    CHECK(message.kind == MessageKind::data);
    const auto quotes = records_of<FeedQuote>(message);
    REQUIRE(quotes.size() == 1);
    CHECK(text_of(quotes[0]) == "BTC-USD 2025-01-02T03:04:05.123456789Z 61000x0.5 61000.1x2");
  }
}

TEST_CASE("a Coinbase candle is a bar of five minutes that may still change") {
  TestDecoder decoder = coinbase();
  const auto bars = records_of<FeedKline>(decoder.decode(advanced(
      "candles", R"({"type":"update","candles":[{"start":"1700000100","high":"5.5","low":"2",)"
                 R"("open":"3","close":"4","volume":"10.25","product_id":"BTC-USD"}]})")));
  REQUIRE(bars.size() == 1);
  CHECK(text_of(bars[0]) == "BTC-USD 5m 2023-11-14T22:15:00Z 3 5.5 2 4 10.25 -");
}

TEST_CASE("every message of a Coinbase connection has its number, of no interest or unknown too") {
  TestDecoder decoder = coinbase();
  for (const std::string_view channel : {"heartbeats", "subscriptions", "status", "user"}) {
    const DecodedMessage& message =
        decoder.decode(advanced(channel, R"({"trades":[5],"subscriptions":{"level2":["X"]}})"));
    CHECK(message.kind == MessageKind::control);
    CHECK(message.connection_sequence == 7);
    CHECK(message.records.empty());
  }
  const DecodedMessage& message = decoder.decode(advanced("auctions", R"({"updates":[5]})"));
  CHECK(message.kind == MessageKind::unknown);
  CHECK(message.connection_sequence == 7);
}

TEST_CASE("a snapshot of Coinbase Exchange has all levels, and a time where it says one") {
  TestDecoder decoder = coinbase();
  const DecodedMessage& message = decoder.decode(kSnapshot);
  CHECK(message.kind == MessageKind::data);
  CHECK_FALSE(message.connection_sequence);
  const auto books = records_of<BookMessage>(message);
  REQUIRE(books.size() == 1);
  CHECK(books[0].kind == BookMessageKind::snapshot);
  CHECK(books[0].symbol == "BAND-GBP");
  CHECK(books[0].channel == "level2");
  CHECK_FALSE(books[0].ts_event);
  CHECK(text_of(books[0].bids) == "14.7x3.25");
  CHECK(text_of(books[0].asks) == "14.8x12.7 14.9x1");
  const auto timed = records_of<BookMessage>(
      decoder.decode(R"({"type":"snapshot","product_id":"X-Y","asks":[],"bids":[],)"
                     R"("time":"2025-01-02T03:04:05Z"})"));
  REQUIRE(timed.size() == 1);
  CHECK(text_of(timed[0].ts_event) == "2025-01-02T03:04:05Z");
}

TEST_CASE("an l2update of Coinbase Exchange has its changes in the order of each side") {
  TestDecoder decoder = coinbase();
  const auto books = records_of<BookMessage>(decoder.decode(
      R"({"type":"l2update","product_id":"BTC-USD","changes":[["buy","61000.10","0.5"],["sell",)"
      R"("61000.20","0"],["buy","60999","1"]],"time":"2025-01-02T03:04:05.25Z"})"));
  REQUIRE(books.size() == 1);
  CHECK(books[0].kind == BookMessageKind::update);
  CHECK(text_of(books[0].ts_event) == "2025-01-02T03:04:05.250Z");
  CHECK(text_of(books[0].bids) == "61000.1x0.5 60999x1");
  CHECK(text_of(books[0].asks) == "61000.2x0");
}

TEST_CASE("matches of Coinbase Exchange have the side against the maker's") {
  TestDecoder decoder = coinbase();
  const auto match = [](std::string_view type, std::string_view side) {
    return R"({"type":")" + std::string{type} + R"(","trade_id":5,"maker_order_id":"m",)" +
           R"("taker_order_id":"t","side":")" + std::string{side} +
           R"(","size":"0.5","price":"61000.10","product_id":"BTC-USD","sequence":9,)" +
           R"("time":"2025-01-02T03:04:05.25Z"})";
  };
  const auto buys = records_of<FeedTrade>(decoder.decode(match("match", "sell")));
  REQUIRE(buys.size() == 1);
  CHECK(text_of(buys[0]) == "BTC-USD 2025-01-02T03:04:05.250Z 5 61000.1x0.5 buy");
  const auto sells = records_of<FeedTrade>(decoder.decode(match("last_match", "buy")));
  REQUIRE(sells.size() == 1);
  CHECK(sells[0].side == AggressorSide::sell);
}

TEST_CASE("a ticker of Coinbase Exchange is a quote when it has sizes, else control") {
  TestDecoder decoder = coinbase();
  const auto quotes = records_of<FeedQuote>(decoder.decode(
      R"({"type":"ticker","sequence":37,"product_id":"BTC-USD","price":"61000","best_bid":"61000",)"
      R"("best_bid_size":"0.5","best_ask":"61000.1","best_ask_size":"2","side":"buy","time":)"
      R"("2025-01-02T03:04:05.25Z","trade_id":5,"last_size":"1"})"));
  REQUIRE(quotes.size() == 1);
  CHECK(text_of(quotes[0]) == "BTC-USD 2025-01-02T03:04:05.250Z 61000x0.5 61000.1x2");
  CHECK(quotes[0].sequence == 37);
  const DecodedMessage& old = decoder.decode(
      R"({"type":"ticker","product_id":"BTC-USD","best_bid":"61000","best_ask":"61000.1"})");
  CHECK(old.kind == MessageKind::control);
  CHECK(old.records.empty());
}

TEST_CASE("single orders, states and answers of Coinbase Exchange are control, others unknown") {
  TestDecoder decoder = coinbase();
  for (const std::string_view type : {"subscriptions", "heartbeat", "error", "status", "received",
                                      "open", "done", "change", "activate"}) {
    CAPTURE(type);
    const DecodedMessage& message =
        decoder.decode(R"({"type":")" + std::string{type} + R"(","channels":[{"name":"full"}]})");
    CHECK(message.kind == MessageKind::control);
    CHECK_FALSE(message.connection_sequence);
  }
  for (const std::string_view frame : {R"({"type":"surprise"})", R"({})", R"([1,2])"}) {
    CAPTURE(frame);
    CHECK(decoder.decode(frame).kind == MessageKind::unknown);
  }
}

TEST_CASE("products of Coinbase Advanced tell steps, contracts and what is perpetual") {
  TestDecoder decoder = coinbase();
  const auto products = records_of<FeedInstrument>(decoder.answer(
      "https://api.coinbase.com/api/v3/brokerage/market/products?limit=5",
      R"({"products":[{"product_id":"BTC-USD","base_increment":"0.00000001","quote_increment":)"
      R"("0.01","product_type":"SPOT","fcm_trading_session_details":null,"alias_to":["BTC-USDC"]},)"
      R"({"product_id":"BIT-29MAY26-CDE","base_increment":"1","quote_increment":"1",)"
      R"("price_increment":"5","product_type":"FUTURE","future_product_details":{"venue":"cde",)"
      R"("contract_size":"0.01","contract_expiry_type":"EXPIRING","perpetual_details":{"x":1}}},)"
      R"({"product_id":"BTC-PERP-INTX","base_increment":"0.0001","quote_increment":"0.1",)"
      R"("product_type":"FUTURE","future_product_details":{"contract_size":"1",)"
      R"("contract_expiry_type":"PERPETUAL"}},{"product_id":"ODD","product_type":"OTHER"}],)"
      R"("num_products":4})"));
  REQUIRE(products.size() == 3);
  CHECK(text_of(products[0]) == "BTC-USD spot - 0.01 0.00000001");
  CHECK(text_of(products[1]) == "BIT-29MAY26-CDE future 0.01 5 1");
  CHECK(text_of(products[2]) == "BTC-PERP-INTX perpetual 1 0.1 0.0001");
}

TEST_CASE("products of Coinbase Exchange are a bare list, other answers are unknown") {
  TestDecoder decoder = coinbase();
  const auto products = records_of<FeedInstrument>(
      decoder.answer("https://api.exchange.coinbase.com/products",
                     R"([{"id":"SKL-EUR","base_currency":"SKL","quote_increment":"0.0001",)"
                     R"("base_increment":"0.1","display_name":"SKL/EUR"}])"));
  REQUIRE(products.size() == 1);
  CHECK(text_of(products[0]) == "SKL-EUR spot - 0.0001 0.1");
  CHECK(decoder.answer("https://api.exchange.coinbase.com/currencies", R"([{"id":"BTC"}])").kind ==
        MessageKind::unknown);
}

struct Case {
  std::string text;
  std::string_view reason;
};

void check_refusals(const std::vector<Case>& cases) {
  TestDecoder decoder = coinbase();
  for (const Case& each : cases) {
    CAPTURE(each.text);
    CHECK(decoder.refusal(each.text) == each.reason);
  }
}

TEST_CASE("an update of Coinbase's l2_data with a wrong value is refused with the field's name") {
  constexpr std::string_view kTime = "2025-01-02T03:04:05Z";
  const auto refused = [](const std::string& updates, std::string_view reason) {
    return Case{advanced("l2_data", book_event(updates)), reason};
  };
  check_refusals({
      refused(update("ask", kTime, "1", "1"), "side must be bid or offer, found 'ask'"),
      refused(update("bid", kTime, "0", "1"), "price_level must be above 0, found '0'"),
      refused(update("bid", kTime, "1", "-1"), "new_quantity must not be negative, found '-1'"),
      refused(update("bid", kTime, "12345678901234567890", "1"),
              "price_level must fit 64 bits at its own digits, found '12345678901234567890'"),
      refused(update("bid", kTime, "1", ""), "new_quantity must be a number, found ''"),
      refused(update("bid", "noon", "1", "1"),
              "event_time must be a time like 2026-08-09T21:05:48.505Z, found 'noon'"),
      refused(update("bid", "", "1", "1"),
              "event_time must be a time like 2026-08-09T21:05:48.505Z, found ''"),
      refused(R"({"side":"bid","event_time":"2025-01-02T03:04:05Z","price_level":"1"})",
              "there is no 'new_quantity'"),
      refused(R"({"side":"bid","event_time":"2025-01-02T03:04:05Z","price_level":{}})",
              "price_level must be a number, found '{'"),
  });
}

TEST_CASE("a message of Coinbase Advanced with a wrong value is refused with the field's name") {
  check_refusals({
      {advanced("l2_data", R"({"type":"update","updates":[]})"), "there is no 'product_id'"},
      {advanced("l2_data", R"({"type":"update","product_id":5,"updates":[]})"),
       "product_id must be a text, found '5'"},
      {advanced("l2_data", R"({"type":"update","product_id":"X-Y"})"), "there is no 'updates'"},
      {advanced("l2_data", R"({"type":"update","product_id":"X-Y","updates":"none"})"),
       "updates must be an array, found 'none'"},
      {advanced("l2_data", R"({"product_id":"X-Y","updates":[]})"),
       "type must be snapshot or update, found ''"},
      {advanced("market_trades", R"({"type":"update"})"), "there is no 'trades'"},
      {advanced("market_trades", R"({"trades":[{"product_id":"X-Y","trade_id":"1","price":"1",)"
                                 R"("size":"1","time":"2025-01-02T03:04:05Z","side":"up"}]})"),
       "side must be buy or sell, found 'up'"},
      {advanced("market_trades", R"({"trades":[{"product_id":"X-Y","trade_id":"1","price":"1",)"
                                 R"("size":"-1","time":"2025-01-02T03:04:05Z","side":"BUY"}]})"),
       "size must not be negative, found '-1'"},
      {advanced("candles", R"({"candles":[{"product_id":"X-Y","start":"early"}]})"),
       "start must be seconds since 1970, found 'early'"},
      {R"({"events":[],"channel":"l2_data"})", "'events' stands before 'channel'"},
      {R"({"channel":"l2_data","sequence_num":1,"events":{}})",
       "events must be an array, found '{'"},
      {R"({"channel":"l2_data","sequence_num":1})", "there is no 'events'"},
      {R"({"channel":"l2_data","events":[]})", "there is no 'sequence_num'"},
      {R"({"channel":"heartbeats","sequence_num":"many"})",
       "sequence_num must be a whole number, found 'many'"},
      {R"({"channel":"l2_data","sequence_num":1,"events":[{"type":"update","product_id":"X-Y",)"
       R"("updates":[]}]})",
       "there is no 'timestamp'"},
  });
}

TEST_CASE("a message of Coinbase Exchange with a wrong value is refused with the field's name") {
  const auto changes = [](std::string_view text) {
    return R"({"type":"l2update","product_id":"X-Y","changes":[)" + std::string{text} + "]}";
  };
  check_refusals({
      {changes(R"(["bid","1","1"])"), "side must be buy or sell, found 'bid'"},
      {changes(R"(["buy","-1","1"])"), "price must be above 0, found '-1'"},
      {changes(R"(["sell","1","-1"])"), "quantity must not be negative, found '-1'"},
      {changes(R"(["sell","1"])"), "a change must be a side, a price and a quantity"},
      {R"({"type":"l2update","product_id":"X-Y","changes":"none"})", "there is no 'changes'"},
      {R"({"type":"l2update","changes":[]})", "there is no 'product_id'"},
      {R"({"type":"l2update","changes":[],"product_id":"X-Y","time":5})",
       "time must be a time like 2026-08-09T21:05:48.505Z, found '5'"},
      {R"({"type":"snapshot","product_id":"X-Y","asks":[]})", "there is no 'bids'"},
      {R"({"type":"snapshot","product_id":"X-Y","bids":[],"asks":[["1"]]})",
       "a level must be a price and a quantity"},
      {R"({"type":"match","product_id":"X-Y","time":"2025-01-02T03:04:05Z"})",
       "there is no 'trade_id'"},
      {R"({"type":"ticker","product_id":"X-Y","best_bid":"1","best_bid_size":"-1","best_ask":"2",)"
       R"("best_ask_size":"1"})",
       "best_bid_size must not be negative, found '-1'"},
      {R"({"type":"ticker","product_id":"X-Y","best_bid":"1","best_bid_size":"1","best_ask":"-2",)"
       R"("best_ask_size":"1"})",
       "best_ask must not be negative, found '-2'"},
  });
}

TEST_CASE("a torn message of Coinbase is refused wherever it is torn") {
  TestDecoder decoder = coinbase();
  const std::string whole =
      advanced("l2_data", book_event(update("bid", "2025-01-02T03:04:05Z", "1", "1")));
  for (const std::string& frame : {whole, std::string{kSnapshot}}) {
    for (size_t bytes = 0; bytes < frame.size(); ++bytes) {
      CAPTURE(bytes);
      CHECK_FALSE(decoder.refusal(frame.substr(0, bytes)).empty());
    }
    CHECK_FALSE(decoder.refusal(frame + "[]").empty());
  }
}

using Kinds = std::map<MessageKind, int64_t>;

struct Counts {
  Kinds kinds = {};
  size_t snapshots = 0;
  size_t updates = 0;
  size_t bids = 0;
  size_t asks = 0;
  size_t buys = 0;
  size_t sells = 0;
  size_t quotes = 0;
  size_t bars = 0;
  std::set<int64_t> trade_ids = {};

  void add(const DecodedMessage& message) {
    ++kinds[message.kind];
    for (const BookMessage& book : records_of<BookMessage>(message)) {
      ++(book.kind == BookMessageKind::snapshot ? snapshots : updates);
      bids += book.bids.size();
      asks += book.asks.size();
    }
    for (const FeedTrade& trade : records_of<FeedTrade>(message)) {
      ++(trade.side == AggressorSide::buy ? buys : sells);
      trade_ids.insert(trade.trade_id.value_or(0));
    }
    quotes += records_of<FeedQuote>(message).size();
    bars += records_of<FeedKline>(message).size();
  }
};

TEST_CASE(
    "a recording of Coinbase Advanced is decoded whole, its messages numbered without a gap") {
  TestDecoder decoder = coinbase();
  Counts counts;
  int64_t next = 0;
  const bool present = test::for_each_frame(
      "ws_coinbase/coinbase_advanced_20260809_first60pct.jsonl.gz", [&](std::string_view frame) {
        const DecodedMessage& message = decoder.decode(frame);
        counts.add(message);
        CHECK(message.connection_sequence == next++);
      });
  if (!present) return;
  CHECK(next == 615);
  CHECK(counts.kinds == Kinds{{MessageKind::data, 596}, {MessageKind::control, 19}});
  CHECK(counts.snapshots == 2);
  CHECK(counts.updates == 448);
  CHECK(counts.bids == 27639);
  CHECK(counts.asks == 44347);
  CHECK(counts.buys == 141);
  CHECK(counts.sells == 116);
  CHECK(counts.trade_ids.size() == 257);
  CHECK(counts.quotes == 100);
  CHECK(counts.bars == 202);
}

TEST_CASE("a recording of Coinbase Exchange is decoded whole") {
  TestDecoder decoder = coinbase();
  Counts counts;
  const bool present =
      test::for_each_frame("ws_coinbase/coinbase_exchange_20210417.ws.gz",
                           [&](std::string_view frame) { counts.add(decoder.decode(frame)); });
  if (!present) return;
  CHECK(counts.kinds == Kinds{{MessageKind::data, 9836}, {MessageKind::control, 110}});
  CHECK(counts.snapshots == 10);
  CHECK(counts.updates == 9719);
  CHECK(counts.bids == 8892);
  CHECK(counts.asks == 9189);
  CHECK(counts.buys + counts.sells == 107);
  CHECK(counts.trade_ids.size() == 107);
}

TEST_CASE("recorded products of Coinbase are all decoded") {
  TestDecoder decoder = coinbase();
  const std::string products =
      test::recorded_text("rest/coinbase_advanced_products_20260809.json.gz");
  const std::string text = test::recorded_text("rest/coinbase_exchange_products_20210417.txt.gz");
  if (products.empty() || text.empty()) return;
  const auto advanced_products = records_of<FeedInstrument>(
      decoder.answer("https://api.coinbase.com/api/v3/brokerage/market/products", products));
  REQUIRE(advanced_products.size() == 920);
  CHECK(text_of(advanced_products[0]) == "BTC-USD spot - 0.01 0.00000001");
  const std::string_view line = std::string_view{text}.substr(0, text.find('\n'));
  const auto exchange_products = records_of<FeedInstrument>(
      decoder.answer(line.substr(0, line.find(' ')), line.substr(line.find('['))));
  REQUIRE(exchange_products.size() == 162);
  CHECK(text_of(exchange_products[0]) == "SKL-EUR spot - 0.0001 0.1");
}

}  // namespace
}  // namespace tapedeck
