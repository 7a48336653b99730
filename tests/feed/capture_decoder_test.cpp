#include "feed/capture_decoder.hpp"

#include "feed/record_text.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {
namespace {

using test::check_refused;
using test::text_of;

std::string text_of_book(const BookMessage& book) {
  return fmt::format("{} {} [{}|{}]", book.channel, book.sequence.value_or(-1), text_of(book.bids),
                     text_of(book.asks));
}

std::string shown(const FeedRecord& record) {
  std::string text{std::visit([](const auto& one) { return one.symbol; }, record)};
  if (const auto* book = std::get_if<BookMessage>(&record)) {
    text += " " + text_of_book(*book);
  } else if (const auto* trade = std::get_if<FeedTrade>(&record)) {
    text += " trade " + text_of(trade->price);
  } else {
    text += fmt::format(" {}", record.index());
  }
  return text;
}

struct Decoded {
  std::vector<std::string> messages;  // "venue#connection time: record; record"
  std::vector<std::string> errors;
  int64_t refused = 0;
  int64_t unknown = 0;
  int64_t lines = 0;
};

void add(const CaptureBatch& batch, Decoded& decoded) {
  for (const CapturedMessage& message : batch.messages) {
    std::string text = fmt::format("{}#{}", batch.venues[message.connection], message.connection);
    if (message.ts_recv) text += fmt::format(" {}", to_iso(*message.ts_recv).substr(11));
    if (message.outcome == CapturedMessage::Outcome::connected) text += " connected";
    if (message.outcome == CapturedMessage::Outcome::refused) text += " refused";
    if (message.connection_sequence) text += fmt::format(" #{}", *message.connection_sequence);
    for (uint32_t i = 0; i < message.records; ++i)
      text += "; " + shown(batch.records.at(message.first_record + i));
    decoded.messages.push_back(text);
  }
}

struct Input {
  std::optional<std::string> fallback = {};
  std::string side = {};
  size_t piece = 0;  // bytes; 0: whole
  bool small_batches = false;
};

Decoded decoded(std::string_view text, const Input& input = {}) {
  Decoded result;
  CaptureDecoder decoder{input.fallback};
  if (!input.side.empty()) decoder.add_side(input.side);
  const size_t step = input.piece == 0 ? std::max(text.size(), size_t{1}) : input.piece;
  std::vector<CaptureBatch> batches;
  const auto take = [&](bool all) {
    while (auto batch = decoder.take_batch(all))
      batches.push_back(std::move(*batch));
  };
  for (size_t begin = 0; begin < text.size(); begin += step) {
    const std::string_view part = text.substr(begin, step);
    const std::vector<char> bytes(part.begin(), part.end());
    decoder.decode(bytes);
    take(input.small_batches);
  }
  decoder.finish();
  take(true);
  CHECK_FALSE(decoder.take_batch(true));
  // Read only now: a batch owns its texts.
  for (const CaptureBatch& batch : batches)
    add(batch, result);
  for (const DecodeError& error : decoder.take_errors())
    result.errors.push_back(fmt::format("{}: {} | {}", error.line, error.reason, error.text));
  result.refused = decoder.refused();
  result.unknown = decoder.unknown();
  result.lines = decoder.lines();
  return result;
}

using Texts = std::vector<std::string>;

constexpr std::string_view kSpotDepth =
    R"({"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1700000000000,"s":"BTCUSDT",)"
    R"("U":5,"u":7,"b":[["100.5","1"]],"a":[]}})";
constexpr std::string_view kAggTrade =
    R"({"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":1700000000000,"s":"BTCUSDT","a":1,)"
    R"("p":"100.5","q":"2","f":1,"l":1,"T":1700000000000,"m":true}})";
constexpr std::string_view kImage =
    R"({"lastUpdateId":6,"bids":[["100","2"]],"asks":[["101","3"]]})";
constexpr std::string_view kHyperliquid =
    R"({"channel":"l2Book","data":{"coin":"BTC","levels":[[{"n":5,"px":"105055.0","sz":"3.03622"}],)"
    R"([{"n":4,"px":"105073.0","sz":"0.48835"}]],"time":1737918843542}})";

std::string at_ms(int64_t ms, std::string_view message) {
  return fmt::format("{} {}\n", 1'700'000'000'000 + ms, message);
}

TEST_CASE("a URL tells the venue of the messages behind it") {
  const Decoded one =
      decoded(fmt::format("wss://fstream.binance.com/stream <-> 1700000000.5\n"
                          "1700000001: {}\n",
                          kAggTrade));
  CHECK(one.messages == Texts{"binance-um#0 22:13:20.500Z connected",
                              "binance-um#0 22:13:21Z; BTCUSDT trade 100.5"});
  CHECK(one.lines == 2);
}

TEST_CASE("facts of a later message tell the venue of those in front of it, which lose nothing") {
  const Decoded one = decoded(at_ms(1, R"({"result":null,"id":1})") + at_ms(2, kAggTrade) +
                              at_ms(3, kImage) + at_ms(4, kSpotDepth) + at_ms(5, kAggTrade));
  CHECK(one.messages == Texts{"binance#0 22:13:20.001Z",
                              "binance#0 22:13:20.002Z; BTCUSDT trade 100.5",
                              "binance#0 22:13:20.003Z;   6 [100x2|101x3]",
                              "binance#0 22:13:20.004Z; BTCUSDT depth@100ms 7 [100.5x1|]",
                              "binance#0 22:13:20.005Z; BTCUSDT trade 100.5"});
}

TEST_CASE("where nothing tells the venue, it is as told, else an error that says what to do") {
  const std::string text = at_ms(1, kAggTrade) + at_ms(2, R"({"result":null,"id":1})");
  CHECK(decoded(text, {.fallback = "binance-um"}).messages ==
        Texts{"binance-um#0 22:13:20.001Z; BTCUSDT trade 100.5", "binance-um#0 22:13:20.002Z"});
  for (const std::optional<std::string>& fallback :
       {std::optional<std::string>{}, std::optional<std::string>{"bitmex"}}) {
    check_refused(ErrorCode::invalid_argument,
                  {"nothing in it tells which venue", "--instrument-prefix", "binance-um, "},
                  [&] { decoded(text, {.fallback = fallback}); });
  }
}

TEST_CASE("facts of messages are believed before what was told") {
  CHECK(decoded(at_ms(1, kSpotDepth), {.fallback = "binance-um"}).messages ==
        Texts{"binance#0 22:13:20.001Z; BTCUSDT depth@100ms 7 [100.5x1|]"});
}

TEST_CASE(
    "a capture that nothing tells the venue of is given up, or told, before it fills the memory") {
  std::string line = at_ms(1, "{\"x\":\"" + std::string(size_t{1} << 20, 'x') + "\"}");
  const auto read_much = [&](const std::optional<std::string>& fallback) {
    CaptureDecoder decoder{fallback};
    for (int i = 0; i < 80; ++i)
      decoder.decode(line);
    decoder.finish();
    return decoder.unknown();
  };
  check_refused(ErrorCode::invalid_argument, {"--instrument-prefix"}, [&] { read_much({}); });
  CHECK(read_much("binance") == 80);
}

TEST_CASE("a URL of a venue without a decoder is an error that names both") {
  for (const std::string_view line : {"wss://www.bitmex.com/realtime <-> 1626993367.38\n",
                                      "https://www.bitmex.com/api -> 1626993367.38: {}\n",
                                      "{\"t\":\"connect\",\"conn\":\"a\",\"ts\":1.5,\"addr\":\"wss:"
                                      "//www.bitmex.com/realtime\"}\n"}) {
    CAPTURE(line);
    check_refused(ErrorCode::unsupported, {"no decoder for '", "www.bitmex.com", "hyperliquid"},
                  [&] { decoded(line); });
  }
}

TEST_CASE("answers beside the frames take their place by the time when they came") {
  const std::string frames = "wss://stream.binance.com <-> 1700000000\n" +
                             fmt::format("1700000000.002: {}\n", kSpotDepth) +
                             fmt::format("1700000000.004: {}\n", kSpotDepth);
  const std::string url = "https://www.binance.com/api/v3/depth?symbol=BTCUSDT&limit=1000";
  const auto answer = [&](std::string_view seconds) {
    return fmt::format("{} -> {}: {}\n", url, seconds, kImage);
  };
  const Decoded one = decoded(frames, {.side = answer("1700000000.005") + "?\n" +
                                               answer("1700000000.003") + answer("1699999999")});
  CHECK(one.messages == Texts{"binance#0 22:13:19Z; BTCUSDT  6 [100x2|101x3]",
                              "binance#1 22:13:20Z connected",
                              "binance#1 22:13:20.002Z; BTCUSDT depth@100ms 7 [100.5x1|]",
                              "binance#0 22:13:20.003Z; BTCUSDT  6 [100x2|101x3]",
                              "binance#1 22:13:20.004Z; BTCUSDT depth@100ms 7 [100.5x1|]",
                              "binance#0 22:13:20.005Z; BTCUSDT  6 [100x2|101x3]"});
  CHECK(one.refused == 1);
  CHECK(one.errors.size() == 1);
}

TEST_CASE("an answer of the frames' very moment stands in front of the frame") {
  const Decoded one = decoded(
      fmt::format("wss://stream.binance.com <-> 1700000000\n1700000000.002: {}\n", kSpotDepth),
      {.side = fmt::format("https://api.binance.com/api/v3/depth?symbol=BTCUSDT -> "
                           "1700000000.002: {}\n",
                           kImage)});
  REQUIRE(one.messages.size() == 3);
  CHECK(one.messages[1] == "binance#1 22:13:20.002Z; BTCUSDT  6 [100x2|101x3]");
}

TEST_CASE("connections of one capture are told apart, each with its venue") {
  const auto line = [](std::string_view connection, std::string_view message) {
    std::string data;
    for (const char c : message)
      data += c == '"' ? std::string{"\\\""} : std::string{c};
    return fmt::format("{{\"t\":\"recv\",\"conn\":\"{}\",\"ts\":1700000000,\"data\":\"{}\"}}\n",
                       connection, data);
  };
  const Decoded one = decoded(
      "{\"t\":\"connect\",\"conn\":\"a\",\"ts\":1700000000,\"addr\":\"wss://"
      "fstream.binance.com\"}\n" +
      line("b", kHyperliquid) + line("a", kAggTrade) + line("b", kHyperliquid));
  CHECK(one.messages ==
        Texts{"binance-um#0 22:13:20Z connected",
              "hyperliquid#1 22:13:20Z; BTC l2Book -1 [105055x3.03622|105073x0.48835]",
              "binance-um#0 22:13:20Z; BTCUSDT trade 100.5",
              "hyperliquid#1 22:13:20Z; BTC l2Book -1 [105055x3.03622|105073x0.48835]"});
}

TEST_CASE("captures of two venues that were joined stay apart, within one batch too") {
  const Decoded one =
      decoded(fmt::format("wss://stream.binance.com <-> 1700000000\n"
                          "1700000001: {0}\n"
                          "wss://stream.binance.com <-> 1700000002\n"
                          "1700000003: {0}\n"
                          "wss://fstream.binance.com <-> 1700000004\n"
                          "1700000005: {0}\n",
                          kAggTrade));
  CHECK(one.messages ==
        Texts{"binance#0 22:13:20Z connected", "binance#0 22:13:21Z; BTCUSDT trade 100.5",
              "binance#0 22:13:22Z connected", "binance#0 22:13:23Z; BTCUSDT trade 100.5",
              "binance-um#1 22:13:24Z connected", "binance-um#1 22:13:25Z; BTCUSDT trade 100.5"});
}

TEST_CASE("a new connection whose venue is not told yet stands behind the messages before it") {
  const Decoded one =
      decoded(R"({"t":"recv","conn":"a","ts":1700000000,"data":"{\"result\":null,\"id\":1}"})"
              "\n"
              R"({"t":"connect","conn":"a","ts":1700000001})"
              "\n"
              R"({"t":"recv","conn":"a","ts":1700000002,"data":"{\"result\":null,\"id\":1}"})"
              "\n",
              {.fallback = "binance"});
  CHECK(one.messages ==
        Texts{"binance#0 22:13:20Z", "binance#0 22:13:21Z connected", "binance#0 22:13:22Z"});
  CHECK(decoded("{\"t\":\"connect\",\"conn\":\"a\",\"ts\":1700000001}\n").messages.empty());
}

TEST_CASE("refused and unknown messages are counted apart and kept with their line") {
  const Decoded one =
      decoded("wss://stream.binance.com <-> 1700000000\n" + at_ms(1, R"({"e":"trade","s":"X"})") +
              at_ms(2, R"({"x":1})") + at_ms(3, "{") + "?\n" + at_ms(4, kAggTrade));
  CHECK(one.refused == 3);
  CHECK(one.unknown == 1);
  REQUIRE(one.errors.size() == 4);
  CHECK(one.errors[0].starts_with("2: "));
  CHECK(one.errors[1] == "3: unknown message | {\"x\":1}");
  CHECK(one.errors[2].starts_with("4: "));
  CHECK(one.errors[3].starts_with("5: no line of a capture"));
  CHECK(one.messages == Texts{"binance#0 22:13:20Z connected", "binance#0 22:13:20.001Z refused",
                              "binance#0 22:13:20.002Z", "binance#0 22:13:20.003Z refused",
                              "binance#0 refused", "binance#0 22:13:20.004Z; BTCUSDT trade 100.5"});
}

TEST_CASE("of refused messages the first thousand are kept, in texts that are cut") {
  std::string text = "wss://stream.binance.com <-> 1700000000\n";
  for (int i = 0; i < 1'200; ++i)
    text += at_ms(i, "{\"x\":\"" + std::string(1'000, 'x') + "\"}");
  const Decoded one = decoded(text);
  CHECK(one.unknown == 1'200);
  CHECK(one.refused == 0);
  REQUIRE(one.errors.size() == kKeptErrors);
  CHECK(one.errors[0].size() < kKeptErrorText + 40);
}

TEST_CASE("pieces of any length and small batches give the records of the whole") {
  std::string text = at_ms(0, R"({"result":null,"id":1})");
  for (int i = 1; i < 4; ++i)
    text += at_ms(i, kSpotDepth) + at_ms(i, kAggTrade) + at_ms(i, kImage) + at_ms(i, "{\"e\":1}");
  const Decoded whole = decoded(text);
  CHECK(whole.messages.size() == 13);
  for (size_t piece = 1; piece < text.size() + 2; piece += piece < 300 ? 1 : 97) {
    CAPTURE(piece);
    const Decoded cut = decoded(text, {.piece = piece, .small_batches = true});
    CHECK(cut.messages == whole.messages);
    CHECK(cut.errors == whole.errors);
    CHECK(cut.unknown == whole.unknown);
  }
}

TEST_CASE("batches are handed out before the end of a long capture") {
  CaptureDecoder decoder{"binance"};
  std::string text;
  for (int i = 0; i < 10'000; ++i)
    text += at_ms(i, kAggTrade);
  text = at_ms(0, kSpotDepth) + text;
  size_t messages = 0;
  size_t batches = 0;
  for (size_t begin = 0; begin < text.size(); begin += 100'000) {
    decoder.decode(std::string_view{text}.substr(begin, 100'000));
    while (const auto batch = decoder.take_batch(false)) {
      CHECK(batch->rows() >= 256);
      messages += batch->messages.size();
      ++batches;
    }
  }
  decoder.finish();
  const auto rest = decoder.take_batch(true);
  CHECK(batches >= text.size() / 100'000);
  CHECK(messages + (rest ? rest->messages.size() : 0) == 10'001);
}

}  // namespace
}  // namespace tapedeck
