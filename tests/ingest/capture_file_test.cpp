#include "ingest/capture_file.hpp"

#include "ingest/capture_fixture.hpp"
#include "thrown.hpp"

namespace tapedeck {
namespace {

using namespace test;

namespace fs = std::filesystem;

struct Read {
  CaptureResult result;
  std::vector<std::string> records;  // "venue symbol" of each
};

Read read_all(const fs::path& path, const std::optional<std::string>& venue = {},
              std::stop_token stop = {}) {
  Read read;
  const CaptureSource source = open_capture(path);
  read.result = read_capture(path, source, venue, std::move(stop), [&](CaptureBatch&& batch) {
    for (const CapturedMessage& message : batch.messages) {
      for (uint32_t i = 0; i < message.records; ++i) {
        const FeedRecord& record = batch.records[message.first_record + i];
        read.records.push_back(
            fmt::format("{} {}", batch.venues[message.connection],
                        std::visit([](const auto& one) { return one.symbol; }, record)));
      }
    }
  });
  return read;
}

TEST_CASE("a capture is known by its first line, whatever its name") {
  const TempFolder folder;
  const std::string text = spot_trade(0, 1) + spot_trade(1, 2);
  for (const std::string_view name :
       {"a", "a.gz", "a.log", "a.dat.gz", "a.ws", "a.jsonl", "b/a.ws.gz"}) {
    CAPTURE(name);
    CHECK(is_capture(write_capture(folder, name, text)));
  }
  for (const std::string_view name :
       {"a.csv", "a.csv.gz", "a.zip", "a.parquet", "a.zip.CHECKSUM"}) {
    CAPTURE(name);
    CHECK_FALSE(is_capture(write_capture(folder, name, text)));
  }
  CHECK_FALSE(is_capture(write_capture(folder, "notes.txt", "some words\n")));
  CHECK_FALSE(is_capture(write_capture(folder, "none", "")));
  CHECK_FALSE(is_capture(write_capture(folder, "none.gz", "")));
  CHECK_FALSE(is_capture(folder.path()));
  CHECK_FALSE(is_capture(folder / "absent"));
  write_file(folder / "no.gz", text);
  CHECK_FALSE(is_capture(folder / "no.gz"));
}

TEST_CASE("a first line that is longer than the front is told by its begin") {
  const TempFolder folder;
  const std::string levels(20'000, '0');
  CHECK(is_capture(write_capture(folder, "long", "1700000000000 {\"x\":\"" + levels + "\"}\n")));
}

TEST_CASE("answers belong to the frames of the same name, packed or not") {
  const TempFolder folder;
  const fs::path frames = write_capture(folder, "x.ws.gz", spot_trade(0, 1));
  CHECK_FALSE(answers_beside(frames));
  const fs::path answers = write_capture(folder, "x.http", "");
  CHECK(answers_beside(frames) == answers);
  CHECK(frames_beside(answers) == frames);
  CHECK(frames_beside(folder / "x.http.gz") == frames);
  CHECK_FALSE(frames_beside(frames));
  CHECK_FALSE(answers_beside(answers));
  CHECK_FALSE(answers_beside(write_capture(folder, "x.txt", "")));
  CHECK_FALSE(answers_beside(write_capture(folder, ".ws", "")));
}

TEST_CASE("a recording with other answers is another recording") {
  const TempFolder folder;
  const fs::path frames = write_capture(folder, "x.ws", spot_trade(0, 1));
  const std::string alone = open_capture(frames).sha256;
  CHECK(alone == open_source(frames).sha256);
  write_capture(folder, "x.http", "https://api.binance.com/a -> 1700000000: {}\n");
  const CaptureSource both = open_capture(frames);
  CHECK(both.answers.has_value());
  CHECK(both.sha256.size() == 64);
  CHECK(both.sha256 != alone);
  write_capture(folder, "x.http", "https://api.binance.com/a -> 1700000001: {}\n");
  CHECK(open_capture(frames).sha256 != both.sha256);
}

TEST_CASE("messages, refused ones and unknown ones are counted") {
  const TempFolder folder;
  const Read read = read_all(write_capture(
      folder, "x.gz", spot_trade(0, 1) + stamped(1, "{\"x\":1}") + stamped(2, "{\"e\":") + "?\n"));
  CHECK(read.records == std::vector<std::string>{"binance BTCUSDT"});
  CHECK(read.result.messages == 4);
  CHECK(read.result.refused == 2);
  CHECK(read.result.unknown == 1);
  CHECK(read.result.errors.size() == 3);
}

TEST_CASE("of a file that ends early what is there counts, and the tear is told") {
  const TempFolder folder;
  std::string text;
  for (int64_t i = 0; i < 3'000; ++i)
    text += spot_trade(i, i, fmt::format("{}.{}", 1 + i * i % 97, i * 7'919 % 99'991));
  const ByteVector whole = gzipped(text);
  const std::string_view bytes{reinterpret_cast<const char*>(whole.data()), whole.size()};
  for (const size_t left :
       {size_t{1}, size_t{5}, size_t{9}, whole.size() / 2, whole.size() - 600}) {
    CAPTURE(left);
    write_file(folder / "torn.gz", bytes.substr(0, whole.size() - left));
    REQUIRE(is_capture(folder / "torn.gz"));
    const Read read = read_all(folder / "torn.gz");
    CHECK(read.records.size() > 1);
    const size_t least = left < 10 ? 2'990 : 0;
    CHECK(read.records.size() >= least);
    CHECK(read.result.refused >= 1);
    REQUIRE(!read.result.errors.empty());
    const DecodeError& last = read.result.errors.back();
    CHECK(last.reason.find("what follows is lost") != std::string::npos);
    CHECK(last.line >= static_cast<int64_t>(read.records.size()));
  }
}

TEST_CASE("a short capture that is torn is still a capture") {
  const TempFolder folder;
  const ByteVector whole = gzipped(spot_trade(0, 1) + spot_trade(1, 2) + spot_trade(2, 3));
  const std::string_view bytes{reinterpret_cast<const char*>(whole.data()), whole.size()};
  write_file(folder / "torn.gz", bytes.substr(0, bytes.size() - 8));
  CHECK(is_capture(folder / "torn.gz"));
  CHECK(read_all(folder / "torn.gz").records.size() == 3);
}

TEST_CASE("answers that end early count as far as they are there") {
  const TempFolder folder;
  const fs::path frames =
      write_capture(folder, "x.ws", "wss://stream.binance.com <-> 1700000001\n");
  const ByteVector whole = gzipped(
      "https://api.binance.com/api/v3/depth?symbol=BTCUSDT -> 1700000000: "
      "{\"lastUpdateId\":1,\"bids\":[],\"asks\":[]}\n");
  write_file(folder / "x.http.gz", {reinterpret_cast<const char*>(whole.data()), whole.size() - 5});
  const Read read = read_all(frames);
  CHECK(read.records == std::vector<std::string>{"binance BTCUSDT"});
  CHECK(read.result.refused == 1);
}

TEST_CASE("what a capture fails for names its file") {
  const TempFolder folder;
  const fs::path nameless =
      write_capture(folder, "nameless", stamped(0, "{\"result\":null,\"id\":1}"));
  check_refused(ErrorCode::invalid_argument, {nameless.string(), "--instrument-prefix"},
                [&] { read_all(nameless); });
  CHECK(read_all(nameless, "bybit").result.messages == 1);
  const fs::path foreign =
      write_capture(folder, "foreign", "wss://www.bitmex.com/x <-> 1700000001\n");
  check_refused(ErrorCode::unsupported, {"wss://www.bitmex.com/x"}, [&] { read_all(foreign); });
  std::stop_source stop;
  stop.request_stop();
  check_refused(ErrorCode::cancelled, {}, [&] { read_all(nameless, "bybit", stop.get_token()); });
}

}  // namespace
}  // namespace tapedeck
