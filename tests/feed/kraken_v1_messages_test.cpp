#include "feed/kraken_v1_messages.hpp"

#include "base/crc32.hpp"
#include "feed/feed_venue.hpp"
#include "feed/message_text.hpp"
#include "feed/record_text.hpp"

#include <doctest/doctest.h>

#include <iterator>
#include <map>
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
    R"([336,{"as":[["61000.10000","1.50000000","1700000001.123456"],["61000.20000","0.25000000",)"
    R"("1700000000.000001"]],"bs":[["60999.90000","3.00000000","1700000000.500000"]]},)"
    R"("book-1000","XBT/USD"])";

TEST_CASE("a Kraken v1 snapshot has all levels and the time of the latest of them") {
  TestDecoder decoder = kraken();
  const DecodedMessage& message = decoder.decode(kSnapshot);
  CHECK(message.kind == MessageKind::data);
  CHECK_FALSE(message.connection_sequence);
  const auto books = records_of<BookMessage>(message);
  REQUIRE(books.size() == 1);
  CHECK(books[0].kind == BookMessageKind::snapshot);
  CHECK(books[0].symbol == "XBT/USD");
  CHECK(books[0].channel == "book-1000");
  CHECK(text_of(books[0].ts_event) == "2023-11-14T22:13:21.123456Z");
  CHECK_FALSE(books[0].checksum);
  CHECK_FALSE(books[0].sequence);
  CHECK(text_of(books[0].bids) == "60999.9x3");
  CHECK(text_of(books[0].asks) == "61000.1x1.5 61000.2x0.25");
}

TEST_CASE("numbers of Kraken v1 keep the count of digits of their text") {
  TestDecoder decoder = kraken();
  const auto books = records_of<BookMessage>(decoder.decode(kSnapshot));
  REQUIRE(books.size() == 1);
  CHECK(books[0].asks[0].price.digits == 5);
  CHECK(books[0].asks[0].quantity.digits == 8);
}

TEST_CASE("a Kraken v1 update in two objects is one message") {
  TestDecoder decoder = kraken();
  const auto books = records_of<BookMessage>(decoder.decode(
      R"([336,{"a":[["61000.1","0.00000000","1700000002.5"]]},{"b":[["60999.8","1.0",)"
      R"("1700000003.25","r"],["60999.7","2.0","1700000001.0"]],"c":"4294967295"},"book-10",)"
      R"("XBT/USD"])"));
  REQUIRE(books.size() == 1);
  CHECK(books[0].kind == BookMessageKind::update);
  CHECK(books[0].channel == "book-10");
  CHECK(text_of(books[0].ts_event) == "2023-11-14T22:13:23.250Z");
  CHECK(books[0].checksum == 4294967295U);
  CHECK(text_of(books[0].asks) == "61000.1x0");
  CHECK(text_of(books[0].bids) == "60999.8x1 60999.7x2");
}

TEST_CASE("a Kraken v1 update without a level has no time") {
  TestDecoder decoder = kraken();
  const auto books =
      records_of<BookMessage>(decoder.decode(R"([336,{"a":[]},"book-10","XBT/USD"])"));
  REQUIRE(books.size() == 1);
  CHECK_FALSE(books[0].ts_event);
  CHECK(books[0].asks.empty());
}

TEST_CASE("what a Kraken v1 message held is gone with the next") {
  TestDecoder decoder = kraken();
  decoder.decode(R"([336,{"a":[["2","1","1700000002.5"]],"c":"7"},"book-10","X/Y"])");
  const auto books = records_of<BookMessage>(
      decoder.decode(R"([336,{"b":[["1","1","1600000000.5"]]},"book-10","X/Y"])"));
  REQUIRE(books.size() == 1);
  CHECK(books[0].asks.empty());
  CHECK_FALSE(books[0].checksum);
  CHECK(text_of(books[0].ts_event) == "2020-09-13T12:26:40.500Z");
}

TEST_CASE("Kraken v1 trades have the taker's side and no id") {
  TestDecoder decoder = kraken();
  const auto trades = records_of<FeedTrade>(
      decoder.decode(R"([337,[["61000.10000","0.5","1700000000.000001","b","m",""],["61000.0","1",)"
                     R"("1700000000.1","s","l",""]],"trade","XBT\/USD"])"));
  REQUIRE(trades.size() == 2);
  CHECK(text_of(trades[0]) == "XBT/USD 2023-11-14T22:13:20.000001Z - 61000.1x0.5 buy");
  CHECK(text_of(trades[1]) == "XBT/USD 2023-11-14T22:13:20.100Z - 61000x1 sell");
  CHECK(trades[0].grain == Grain::trade);
  const DecodedMessage& none = decoder.decode(R"([337,[],"trade","XBT/USD"])");
  CHECK(none.kind == MessageKind::data);
  CHECK(none.records.empty());
}

TEST_CASE("a Kraken v1 ticker is a quote without a time") {
  TestDecoder decoder = kraken();
  const auto quotes = records_of<FeedQuote>(decoder.decode(
      R"([340,{"a":["61000.10000",2,"2.50000000"],"b":["61000.00000",0,"0.75000000"],"c":)"
      R"(["61000.0","0.1"],"v":["1","2"],"p":["3","4"],"t":[5,6]},"ticker","XBT/USD"])"));
  REQUIRE(quotes.size() == 1);
  CHECK(text_of(quotes[0]) == "XBT/USD - 61000x0.75 61000.1x2.5");
}

TEST_CASE("a Kraken v1 spread is a quote with its time") {
  TestDecoder decoder = kraken();
  const auto quotes = records_of<FeedQuote>(decoder.decode(
      R"([341,["61000.0","61000.1","1700000000.25","0.75","2.5"],"spread","XBT/USD"])"));
  REQUIRE(quotes.size() == 1);
  CHECK(text_of(quotes[0]) == "XBT/USD 2023-11-14T22:13:20.250Z 61000x0.75 61000.1x2.5");
}

TEST_CASE("a Kraken v1 bar begins its interval before its end") {
  TestDecoder decoder = kraken();
  const auto bars = records_of<FeedKline>(
      decoder.decode(R"([343,["1700000001.5","1700000100.000000","3","5","2","4","3.5","10.25",7],)"
                     R"("ohlc-5","XBT/USD"])"));
  REQUIRE(bars.size() == 1);
  CHECK(text_of(bars[0]) == "XBT/USD 5m 2023-11-14T22:10:00Z 3 5 2 4 10.25 7");
}

TEST_CASE("of Kraken v1's bars of a week nothing is kept") {
  TestDecoder decoder = kraken();
  const DecodedMessage& message =
      decoder.decode(R"([343,["1","2","3","5","2","4","3.5","10",7],"ohlc-10080","X/Y"])");
  CHECK(message.kind == MessageKind::data);
  CHECK(message.records.empty());
}

TEST_CASE("arrays of other channels than Kraken v1's public ones are unknown") {
  TestDecoder decoder = kraken();
  for (const std::string_view frame :
       {R"([])", R"([1,2,3])", R"([1,{"x":[]},"depth-5","X/Y"])", R"([1,{"a":[]},"book-10"])",
        R"([[{"A":{"pair":"X/Y"}}],"ownTrades",{"sequence":2}])"}) {
    CAPTURE(frame);
    const DecodedMessage& message = decoder.decode(frame);
    CHECK(message.kind == MessageKind::unknown);
    CHECK(message.records.empty());
  }
}

TEST_CASE("a Kraken v1 message with a wrong value is refused with the field's name") {
  struct Case {
    std::string_view frame;
    std::string_view reason;
  };
  const std::vector<Case> cases{
      {R"([1,{"a":[["0","1","1700000000.1"]]},"book-10","X/Y"])",
       "price must be above 0, found '0'"},
      {R"([1,{"a":[["1","-1","1700000000.1"]]},"book-10","X/Y"])",
       "quantity must not be negative, found '-1'"},
      {R"([1,{"a":[["12345678901234567890","1","1700000000.1"]]},"book-10","X/Y"])",
       "price must fit 64 bits at its own digits, found '12345678901234567890'"},
      {R"([1,{"a":[["1","0.0000000000001","1700000000.1"]]},"book-10","X/Y"])",
       "quantity must have at most 12 digits behind the point, found '0.0000000000001'"},
      {R"([1,{"a":[["1","1"]]},"book-10","X/Y"])",
       "a level must be a price, a quantity and a time"},
      {R"([1,{"a":[["1","1","soon"]]},"book-10","X/Y"])",
       "timestamp must be seconds since 1970, found 'soon'"},
      {R"([1,{"a":[[true,"1","1700000000.1"]]},"book-10","X/Y"])",
       "price must be a number, found 'true'"},
      {R"([1,{"a":[[["1"],"1","1700000000.1"]]},"book-10","X/Y"])",
       "price must be a number, found '['"},
      {R"([1,{"a":["1",1,"1"]},"book-10","X/Y"])", "a level must be a list"},
      {R"([1,{"a":[],"c":"4294967296"},"book-10","X/Y"])",
       "c must fit 32 bits, found '4294967296'"},
      {R"([1,{"x":[]},"book-10","X/Y"])", "there is neither 'a' nor 'b'"},
      {R"([1,[["1","1","1700000000.1","x","m",""]],"trade","X/Y"])",
       "side must be b or s, found 'x'"},
      {R"([1,[["1","1","1700000000.1"]],"trade","X/Y"])",
       "a trade must be a price, a quantity, a time and a side"},
      {R"([1,["1","1","1700000000.1","b"],"trade","X/Y"])", "a trade must be a list"},
      {R"([1,{"a":["1",1,"1"],"b":["1"]},"ticker","X/Y"])",
       "'b' must be a price and two quantities"},
      {R"([1,["1","2","1700000000.1","1"],"spread","X/Y"])", "a list of 5 values must stand there"},
      {R"([1,["1","2","1700000000.1","1","-1"],"spread","X/Y"])",
       "askVolume must not be negative, found '-1'"},
      {R"([1,{"a":["1",1,"1"],"b":["-1",1,"1"]},"ticker","X/Y"])",
       "b must not be negative, found '-1'"},
      {R"([1,["1","2"],"ohlc-5","X/Y"])", "a list of 9 values must stand there"},
      {R"([1,["1"],"ohlc","X/Y"])", "ohlc must be a whole number, found 'ohlc'"},
      {R"([1,{"a":[]},"book-10","X/Y"][])", "something stands behind the message"},
  };
  TestDecoder decoder = kraken();
  for (const Case& each : cases) {
    CAPTURE(each.frame);
    CHECK(decoder.refusal(each.frame) == each.reason);
  }
}

TEST_CASE("a torn message of Kraken v1 is refused wherever it is torn") {
  TestDecoder decoder = kraken();
  for (size_t bytes = 0; bytes < kSnapshot.size(); ++bytes) {
    CAPTURE(bytes);
    CHECK_FALSE(decoder.refusal(kSnapshot.substr(0, bytes)).empty());
  }
}

struct ByPrice {
  bool operator()(const WireNumber& a, const WireNumber& b) const {
    return compare(to_decimal(a), to_decimal(b)) < 0;
  }
};
using Side = std::map<WireNumber, WireLevel, ByPrice>;

void put(Side& side, std::span<const WireLevel> levels) {
  for (const WireLevel& level : levels) {
    side.insert_or_assign(level.price, level);
    if (level.quantity.units == 0) side.erase(level.price);
  }
}

// The number's text without its point and the zeros that it begins with.
std::string digits_of(const WireNumber& value) {
  return std::to_string(value.units) +
         std::string(static_cast<size_t>(value.digits + value.exponent), '0');
}

struct Book {
  Side bids;
  Side asks;

  void apply(const BookMessage& message, size_t depth) {
    if (message.kind == BookMessageKind::snapshot) *this = {};
    put(bids, message.bids);
    put(asks, message.asks);
    while (bids.size() > depth)
      bids.erase(bids.begin());
    while (asks.size() > depth)
      asks.erase(std::prev(asks.end()));
  }

  uint32_t checksum() const {
    std::string text;
    auto ask = asks.begin();
    for (int i = 0; i < 10 && ask != asks.end(); ++i, ++ask)
      text += digits_of(ask->second.price) + digits_of(ask->second.quantity);
    auto bid = bids.rbegin();
    for (int i = 0; i < 10 && bid != bids.rend(); ++i, ++bid)
      text += digits_of(bid->second.price) + digits_of(bid->second.quantity);
    return crc32_of(0, text);
  }
};

using Kinds = std::map<MessageKind, int64_t>;

// Shows that the digits of all numbers are those of the text; v2 has its recording checked here
// too.
TEST_CASE("recorded books of Kraken agree with all of their checksums") {
  struct Recording {
    std::string_view file;
    size_t depth;
    Kinds kinds;
    size_t bids;
    size_t asks;
    size_t checksums;
  };
  const std::vector<Recording> recordings{
      {"ws_kraken/kraken_v1_20210417.ws.gz",
       1000,
       {{MessageKind::data, 4279}, {MessageKind::control, 42}},
       6233,
       5512,
       4269},
      {"ws_kraken/kraken_v2_book10_BTCUSD_20260719.jsonl",
       10,
       {{MessageKind::data, 41}},
       29,
       48,
       41},
  };
  for (const Recording& recording : recordings) {
    TestDecoder decoder = kraken();
    Recording seen{.file = {}, .depth = 0, .kinds = {}, .bids = 0, .asks = 0, .checksums = 0};
    std::map<std::string, Book, std::less<>> books;
    const bool present = test::for_each_frame(recording.file, [&](std::string_view frame) {
      const DecodedMessage& message = decoder.decode(frame);
      ++seen.kinds[message.kind];
      for (const BookMessage& update : records_of<BookMessage>(message)) {
        seen.bids += update.bids.size();
        seen.asks += update.asks.size();
        Book& book = books[std::string{update.symbol}];
        book.apply(update, recording.depth);
        if (!update.checksum) continue;
        ++seen.checksums;
        CHECK(book.checksum() == *update.checksum);
      }
    });
    if (!present) continue;
    CAPTURE(recording.file);
    CHECK(seen.kinds == recording.kinds);
    CHECK(seen.bids == recording.bids);
    CHECK(seen.asks == recording.asks);
    CHECK(seen.checksums == recording.checksums);
  }
}

TEST_CASE("recorded tickers and trades of Kraken v1 are all decoded") {
  TestDecoder decoder = kraken();
  Kinds kinds;
  size_t quotes = 0;
  size_t trades = 0;
  const auto take = [&](std::string_view frame) {
    const DecodedMessage& message = decoder.decode(frame);
    ++kinds[message.kind];
    quotes += records_of<FeedQuote>(message).size();
    trades += records_of<FeedTrade>(message).size();
  };
  if (!test::for_each_frame("ws_kraken/kraken_v1_20210417_b.ws.gz", take)) return;
  if (!test::for_each_frame("ws_kraken/kraken_v1_20210417_c.ws.gz", take)) return;
  CHECK(kinds == Kinds{{MessageKind::data, 26}, {MessageKind::control, 83}});
  CHECK(quotes == 18);
  CHECK(trades == 10);
}

}  // namespace
}  // namespace tapedeck
