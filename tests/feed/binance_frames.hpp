// Frames of Binance and what the tests of its decoder ask of them.
#pragma once

#include "feed/feed_venue.hpp"
#include "feed/message_text.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace tapedeck::test {

inline TestDecoder binance() {
  return TestDecoder{make_binance_decoder()};
}

inline std::string text(const WireNumber& number) {
  return to_text(to_decimal(number));
}

// "2681.28 0; 2681.31 1209; "
inline std::string text(std::span<const WireLevel> levels) {
  std::string result;
  for (const WireLevel& level : levels)
    result += text(level.price) + " " + text(level.quantity) + "; ";
  return result;
}

inline std::string time(const std::optional<Timestamp>& at) {
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

inline std::string with_stream(std::string_view stream, std::string_view payload) {
  return "{\"stream\":\"" + std::string{stream} + "\",\"data\":" + std::string{payload} + "}";
}

inline std::string replaced(std::string_view where, std::string_view what, std::string_view with) {
  std::string result{where};
  const size_t at = result.find(what);
  REQUIRE(at != std::string::npos);
  return result.replace(at, what.size(), with);
}

// Payloads without origin are the examples of developers.binance.com/docs. These are recorded, of
// hftbacktest (MIT): examples/spot/btcusdt_20240808.gz, usdm/ethusdt_20240718.gz and
// cm/ethusd_perp_20240808.gz, lists cut short.
inline constexpr std::string_view kSpotDepth =
    R"({"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":50093239189,"u":50093239202,"b":[["61737.63000000","0.00000000"],["61730.17000000","0.00000000"]],"a":[["61837.64000000","1.54698000"]]})";
inline constexpr std::string_view kUmDepth =
    R"({"e":"depthUpdate","E":1721347054964,"T":1721347054912,"s":"ETHUSDT","U":4984029360074,"u":4984029360075,"pu":4984029359960,"b":[["927.00","0.130"]],"a":[]})";
inline constexpr std::string_view kCmDepth =
    R"({"e":"depthUpdate","E":1723161257460,"T":1723161257451,"s":"ETHUSD_PERP","ps":"ETHUSD","U":1007198631593,"u":1007198631840,"pu":1007198631578,"b":[["2681.28","0"],["2681.31","1209"]],"a":[["2682.13","0"],["2682.18","3794"]]})";
inline constexpr std::string_view kSpotTrade =
    R"({"e":"trade","E":1680652800000,"s":"BTCUSDT","t":3071245454,"p":"28165.47000000","q":"0.00056000","b":20720542158,"a":20720542592,"T":1680652799999,"m":true,"M":true})";
inline constexpr std::string_view kUmTrade =
    R"({"e":"trade","E":1721347022708,"T":1721347022707,"s":"ETHUSDT","t":4217896584,"p":"3424.98","q":"0.007","X":"MARKET","m":true})";
inline constexpr std::string_view kSpotQuote =
    R"({"u":50093239212,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"1.54698000"})";
inline constexpr std::string_view kCmQuote =
    R"({"u":1007198631825,"e":"bookTicker","s":"ETHUSD_PERP","ps":"ETHUSD","b":"2682.17","B":"159","a":"2682.18","A":"3794","T":1723161257450,"E":1723161257457})";
inline constexpr std::string_view kRestDepth =
    R"({"lastUpdateId":1027024,"bids":[["4.00000000","431.00000000"]],"asks":[["4.00000200","12.00000000"],["4.1","1"]]})";
inline constexpr std::string_view kKline =
    R"({"e":"kline","E":1672515782136,"s":"BNBBTC","k":{"t":1672515780000,"T":1672515839999,"s":"BNBBTC","i":"1m","f":100,"L":200,"o":"0.0010","c":"0.0020","h":"0.0025","l":"0.0008","v":"1000","n":100,"x":false,"q":"1.0000","V":"500","Q":"0.500","B":"123456"}})";
inline constexpr std::string_view kMarkPrice =
    R"({"e":"markPriceUpdate","E":1562305380000,"s":"BTCUSDT","p":"11794.15000000","i":"11784.62659091","P":"11784.25641265","r":"0.00038167","T":1562306400000})";
inline constexpr std::string_view kForceOrder =
    R"({"e":"forceOrder","E":1568014460893,"o":{"s":"BTCUSDT","S":"SELL","o":"LIMIT","f":"IOC","q":"0.014","p":"9910","ap":"9911.5","X":"FILLED","l":"0.004","z":"0.013","T":1568014460890}})";

}  // namespace tapedeck::test
