#include "feed/feed_venue.hpp"

#include "feed/message_text.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {
namespace {

// What tells a venue, and which.
struct Told {
  std::string_view by;
  std::string_view venue;
};

std::string of_url(std::string_view url) {
  const FeedVenue* const venue = venue_of_url(url);
  return venue == nullptr ? "none" : std::string{venue->venue};
}

std::string of_message(std::string_view text) {
  const FeedVenue* const venue = venue_of_message(text);
  return venue == nullptr ? "none" : std::string{venue->venue};
}

TEST_CASE("a URL tells the venue, with or without a port, a path and a query") {
  const std::vector<Told> urls{
      {"wss://stream.binance.com:9443/stream?streams=btcusdt@depth", "binance"},
      {"wss://data-stream.binance.vision/ws", "binance"},
      {"https://www.binance.com/api/v3/depth?symbol=NKNUSDT&limit=1000", "binance"},
      {"wss://fstream.binance.com/ws/btcusdt@aggTrade", "binance-um"},
      {"https://fapi.binance.com/fapi/v1/depth?symbol=BTCUSDT", "binance-um"},
      {"wss://dstream.binance.com", "binance-cm"},
      {"wss://stream.bybit.com/v5/public/spot", "bybit"},
      {"wss://stream.bybit.com/v5/public/linear", "bybit-linear"},
      {"wss://stream.bybit.com/v5/public/inverse", "bybit-inverse"},
      {"https://api.bybit.com/v5/market/tickers?category=inverse&symbol=BTCUSD", "bybit-inverse"},
      {"https://api.bybit.com/v5/market/tickers?category=spot", "bybit"},
      {"wss://ws.okx.com:8443/ws/v5/public", "okx"},
      {"wss://ws.kraken.com/v2", "kraken"},
      {"wss://ws-feed.pro.coinbase.com", "coinbase"},
      {"wss://advanced-trade-ws.coinbase.com", "coinbase"},
      {"wss://api.hyperliquid.xyz/ws", "hyperliquid"},
  };
  for (const Told& told : urls) {
    CAPTURE(told.by);
    CHECK(of_url(told.by) == told.venue);
  }
}

TEST_CASE("a URL that only looks like a venue's is none's") {
  for (const std::string_view url :
       {"", "://", "wss://", "wss://www.bitmex.com/realtime", "wss://stream.binance.com.evil.org/",
        "wss://evil.org/stream.binance.com", "https://www.binance.com/en/support",
        "wss://stream.bybit.com/v5/private", "https://api.bybit.com/v5/market/tickers",
        "https://api.bybit.com/?x=spot", "wss://xws.kraken.com"}) {
    CAPTURE(url);
    CHECK(of_url(url) == "none");
  }
}

TEST_CASE("facts of a message tell the venue where no URL does") {
  const std::vector<Told> messages{
      {R"({"e":"depthUpdate","E":1,"s":"BTCUSDT","U":1,"u":2,"b":[],"a":[]})", "binance"},
      {R"({"stream":"x@depth","data":{"e":"depthUpdate","s":"X","U":1,"u":2,"pu":0}})",
       "binance-um"},
      {R"({"e":"depthUpdate","s":"BTCUSD_PERP","ps":"BTCUSD","U":1,"u":2,"pu":0})", "binance-cm"},
      {R"({"stream":"x@bookTicker","data":{"u":1,"s":"X","b":"1","B":"1","a":"2","A":"1"}})",
       "binance"},
      {R"({"e":"bookTicker","u":1,"s":"X","b":"1","B":"1","a":"2","A":"1","T":1,"E":1})",
       "binance-um"},
      {R"({"e":"trade","E":1,"s":"X","t":1,"p":"1","q":"1","T":1,"m":true,"M":true})", "binance"},
      {R"({"channel":"l2Book","data":{"coin":"BTC","levels":[[],[]],"time":1}})", "hyperliquid"},
      {R"({"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[]})", "okx"},
      {R"({"channel":"l2_data","client_id":"","sequence_num":0,"events":[]})", "coinbase"},
      {R"({"type":"l2update","product_id":"BTC-USD","changes":[]})", "coinbase"},
      {R"({"channel":"book","type":"update","data":[{"symbol":"BTC/USD"}]})", "kraken"},
      {R"([0,{"a":[],"c":"1"},"book-10","XBT/USD"])", "kraken"},
      {R"({"channelID":1,"channelName":"book-10","event":"subscriptionStatus"})", "kraken"},
  };
  for (const Told& told : messages) {
    CAPTURE(told.by);
    CHECK(of_message(told.by) == told.venue);
  }
}

TEST_CASE("a message that several venues may send tells nothing") {
  for (const std::string_view message :
       {"", "{}", "[]", "[", R"({"result":null,"id":1})",
        R"({"lastUpdateId":5,"bids":[],"asks":[]})",
        R"({"stream":"x@aggTrade","data":{"e":"aggTrade","s":"X","a":1,"p":"1","q":"1"}})",
        R"({"topic":"orderbook.200.BTCUSDT","type":"snapshot","data":{"s":"BTCUSDT"}})",
        R"({"event":"heartbeat"})", R"({"event":"systemStatus","status":"online"})"}) {
    CAPTURE(message);
    CHECK(of_message(message) == "none");
  }
}

TEST_CASE("each venue has a name of its own, hosts that tell it, and a decoder") {
  std::set<std::string_view> names;
  for (const FeedVenue& venue : feed_venues()) {
    CAPTURE(venue.venue);
    CHECK(names.insert(venue.venue).second);
    CHECK(find_feed_venue(venue.venue) == &venue);
    CHECK(venue.make_decoder() != nullptr);
    for (const std::string_view host : venue.hosts) {
      if (host.empty()) continue;
      CAPTURE(host);
      CHECK(of_url("wss://" + std::string{host}) == venue.venue);
    }
  }
  CHECK(find_feed_venue("bitmex") == nullptr);
  CHECK(find_feed_venue("") == nullptr);
}

TEST_CASE("messages of recordings tell their own venue or none") {
  const std::vector<Told> recordings{
      {"ws_binance_collector/cm_ethusd_perp_20240808.gz", "binance-cm"},
      {"ws_binance_collector/spot_btcusdt_20240808.gz", "binance"},
      {"ws_binance_collector/usdm_ethusdt_20240718.gz", "binance-um"},
      {"ws_bybit/bybit_v5_linear_20260809.jsonl.gz", "bybit-linear"},
      {"ws_coinbase/coinbase_advanced_20260809_first60pct.jsonl.gz", "coinbase"},
      {"ws_coinbase/coinbase_exchange_20210417.ws.gz", "coinbase"},
      {"ws_hyperliquid/btcusd_20250126.gz", "hyperliquid"},
      {"ws_kraken/kraken_v1_20210417.ws.gz", "kraken"},
      {"ws_kraken/kraken_v2_book10_BTCUSD_20260719.jsonl", "kraken"},
      {"ws_okx/okx_v5_20220513.ws.gz", "okx"},
  };
  for (const Told& told : recordings) {
    CAPTURE(told.by);
    int64_t wrong = 0;
    test::for_each_frame(told.by, [&](std::string_view frame) {
      const FeedVenue* const found = venue_of_message(frame);
      wrong += found != nullptr && found->venue != told.venue ? 1 : 0;
    });
    CHECK(wrong == 0);
  }
}

}  // namespace
}  // namespace tapedeck
