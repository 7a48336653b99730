#include "ingest/capture_store.hpp"

#include "ingest/capture_fixture.hpp"
#include "thrown.hpp"

namespace tapedeck {
namespace {

using namespace test;

constexpr std::string_view kBook = "book:depth@100ms";

// An image of number 5 and the updates 4–6, 7 and 8 behind it.
std::string spot_session() {
  return spot_image(10, 5, "100x1 99x2", "101x3") + spot_depth(20, 4, 6, "100x5") +
         spot_depth(30, 7, 7, "", "101x4") + spot_depth(40, 8, 8, "98x1");
}

std::string one_stream(const FileReport& report) {
  REQUIRE(report.streams.size() == 1);
  const StreamReport& stream = report.streams[0];
  return fmt::format("{} {} {} {} rows {} gaps {} resyncs {} unsynced {} stale {}",
                     stream.instrument, stream.channel, to_text(stream.integrity),
                     stream.trusted ? "trusted" : "lost", stream.rows, stream.counts.gaps,
                     stream.counts.resyncs, stream.counts.unsynced, stream.counts.stale);
}

TEST_CASE("a recorded book is stored from its snapshot on") {
  const TempFolder folder;
  Store store{":memory:"};
  const FileReport report = import_capture(store, write_capture(folder, "a.gz", spot_session()));
  CHECK(to_text(report.outcome) == "loaded");
  CHECK(report.message.empty());
  CHECK(report.dataset == "capture");
  CHECK(report.instrument == "binance:BTCUSDT");
  CHECK(report.rows == 2);
  CHECK(report.rejects == 0);
  CHECK(one_stream(report) ==
        "binance:BTCUSDT depth@100ms sequence trusted rows 2 gaps 0 resyncs 0 unsynced 0 stale 0");
  CHECK(book_text(store, "BTCUSDT") == "100x5 99x2 98x1 | 101x4 #8");
  CHECK(book_text(store, "BTCUSDT", 20) == "100x5 99x2 | 101x3 #6");
  CHECK(book_text(store, "BTCUSDT", 35, BookClock::recv) == "100x5 99x2 | 101x4 #7");
  CHECK(coverage_text(store, kBook) == "[20, 40) recorded");
  CHECK(sql_line(store, "SELECT dataset, source, rows, rejects, sha256 IS NULL FROM tape.loads") ==
        "book:depth@100ms capture 2 0 false");
}

TEST_CASE("the same bytes change nothing, whatever their file is called") {
  const TempFolder folder;
  Store store{":memory:"};
  const auto path = write_capture(folder, "a", spot_session() + spot_trade(50, 1));
  import_capture(store, path);
  const std::string before =
      sql_line(store, "SELECT count(*), max(ordinal) FROM tape.book_updates");
  CHECK(to_text(import_capture(store, path).outcome) == "unchanged");
  const auto copy = write_capture(folder, "b.log", spot_session() + spot_trade(50, 1));
  CHECK(to_text(import_capture(store, copy).outcome) == "unchanged");
  CHECK(sql_line(store, "SELECT count(*), max(ordinal) FROM tape.book_updates") == before);
  CHECK(sql_line(store, "SELECT count(*) FROM tape.books") == "1");
  CHECK(sql_line(store, "SELECT count(*) FROM tape.loads") == "2");
}

TEST_CASE("a recording that has grown is read again, and only what is new is added") {
  const TempFolder folder;
  Store store{":memory:"};
  import_capture(store, write_capture(folder, "a", spot_session() + spot_trade(50, 1)));
  const FileReport report =
      import_capture(store, write_capture(folder, "a",
                                          spot_session() + spot_trade(50, 1) + spot_trade(60, 2) +
                                              spot_depth(70, 9, 9, "97x1")));
  CHECK(report.rows == 2);
  CHECK(report.duplicates == 1);
  CHECK(one_stream(report) ==
        "binance:BTCUSDT depth@100ms sequence trusted rows 1 gaps 0 resyncs 0 unsynced 0 stale 4");
  CHECK(book_text(store, "BTCUSDT") == "100x5 99x2 98x1 97x1 | 101x4 #9");
  CHECK(sql_line(store, "SELECT count(*) FROM tape.books") == "1");
}

TEST_CASE("a second file without a snapshot goes on with the book of the first") {
  const TempFolder folder;
  Store store{":memory:"};
  write_capture(folder, "0808.gz", spot_session());
  write_capture(folder, "0809.gz", spot_depth(50, 9, 12, "100x0") + spot_depth(60, 13, 13, "97x7"));
  const ImportSummary summary = import_paths(store, {folder.path()});
  REQUIRE(summary.files.size() == 2);
  CHECK(one_stream(summary.files[1]) ==
        "binance:BTCUSDT depth@100ms sequence trusted rows 2 gaps 0 resyncs 0 unsynced 0 stale 0");
  CHECK(sql_line(store, "SELECT count(*), any_value(sequence) FROM tape.books") == "1 13");
  CHECK(book_text(store, "BTCUSDT", 49) == "100x5 99x2 98x1 | 101x4 #8");
  CHECK(book_text(store, "BTCUSDT") == "99x2 98x1 97x7 | 101x4 #13");
  CHECK(coverage_line(store.coverage(store.instrument("BTCUSDT").id, kBook)) ==
        "[1700000000020, 1700000000060) recorded");
}

TEST_CASE(
    "a second file that does not follow the first tells what is missing, where it is missing") {
  const TempFolder folder;
  Store store{":memory:"};
  import_capture(store, write_capture(folder, "1", spot_session()));
  const FileReport report = import_capture(
      store,
      write_capture(folder, "2", spot_depth(50, 10, 12, "100x0") + spot_depth(60, 13, 13, "97x7")));
  CHECK(one_stream(report) ==
        "binance:BTCUSDT depth@100ms sequence lost rows 2 gaps 1 resyncs 0 unsynced 2 stale 0");
  CHECK(coverage_text(store, kBook) ==
        "[20, 40) recorded; [40, 60) gap sequence: 9 expected, 10 came");
  CHECK(book_text(store, "BTCUSDT", 55) ==
        "100x5 99x2 98x1 | 101x4 #8 lost after 2023-11-14T22:13:20.040Z: sequence: 9 expected, 10 "
        "came");
}

TEST_CASE("a recording without a snapshot has no book, and says so") {
  const TempFolder folder;
  Store store{":memory:"};
  const FileReport report = import_capture(
      store,
      write_capture(folder, "a", spot_depth(20, 4, 6, "100x5") + spot_depth(30, 7, 7, "99x1")));
  CHECK(one_stream(report) ==
        "binance:BTCUSDT depth@100ms sequence lost rows 2 gaps 0 resyncs 0 unsynced 2 stale 0");
  CHECK(coverage_text(store, kBook) == "[20, 30) unverifiable no snapshot");
  check_refused(ErrorCode::not_found, {"no book of binance:BTCUSDT", "have no snapshot"},
                [&] { book_text(store, "BTCUSDT"); });
}

TEST_CASE("a lost update is a gap with its cause until the next snapshot, and is reported") {
  const TempFolder folder;
  Store store{":memory:"};
  std::string text = spot_session();
  for (int64_t i = 0; i < 20; ++i)
    text += spot_depth(50 + i, 11 + i, 11 + i, "90x1");
  text += spot_image(80, 30, "50x1", "60x1") + spot_depth(90, 31, 31, "51x1");
  const FileReport report = import_capture(store, write_capture(folder, "a", text));
  CHECK(
      one_stream(report) ==
      "binance:BTCUSDT depth@100ms sequence trusted rows 22 gaps 1 resyncs 1 unsynced 20 stale 0");
  CHECK(coverage_text(store, kBook) ==
        "[20, 40) recorded; [40, 90) gap sequence: 9 expected, 11 came; [90, 90) recorded");
  CHECK(book_text(store, "BTCUSDT", 39) == "100x5 99x2 | 101x4 #7");
  CHECK(book_text(store, "BTCUSDT", 60).find("lost after") != std::string::npos);
  CHECK(book_text(store, "BTCUSDT") == "51x1 50x1 | 60x1 #31");
}

TEST_CASE("an image that came before the stream is kept for it") {
  const TempFolder folder;
  Store store{":memory:"};
  import_capture(store, write_capture(folder, "a",
                                      spot_image(1, 5, "100x1", "101x1") + spot_trade(5, 1) +
                                          spot_depth(20, 6, 6, "99x1")));
  CHECK(book_text(store, "BTCUSDT") == "100x1 99x1 | 101x1 #6");
}

TEST_CASE("an image that does not say its symbol begins no book where several wait for one") {
  const TempFolder folder;
  Store store{":memory:"};
  const std::string text =
      spot_depth(10, 4, 6, "100x5") + spot_depth(11, 40, 60, "7x5", "", "ETHUSDT") +
      spot_image(12, 5, "100x1", "101x3") + spot_image(13, 50, "7x1", "8x3") +
      spot_depth(20, 7, 7, "99x1") + spot_depth(21, 61, 70, "6x1", "", "ETHUSDT");
  import_capture(store, write_capture(folder, "a", text));
  CHECK_THROWS_AS(book_text(store, "BTCUSDT"), Error);
  CHECK_THROWS_AS(book_text(store, "ETHUSDT"), Error);
}

TEST_CASE("an image that does not say its symbol is of the only symbol so far, and of no other") {
  const TempFolder folder;
  Store store{":memory:"};
  const std::string text = spot_depth(10, 4, 6, "100x5") + spot_image(12, 5, "100x1", "101x3") +
                           spot_image(13, 50, "7x1", "8x3") + spot_depth(20, 7, 7, "99x1") +
                           spot_depth(21, 51, 70, "6x1", "", "ETHUSDT");
  import_capture(store, write_capture(folder, "a", text));
  CHECK(book_text(store, "BTCUSDT") == "100x5 99x1 | 101x3 #7");
  CHECK_THROWS_AS(book_text(store, "ETHUSDT"), Error);
}

// A message of Coinbase Advanced Trade that changes one level of BTC-USD and ETH-USD.
std::string advanced(int64_t ms, int64_t sequence, std::string_view type, std::string_view quantity,
                     std::string_view product = "BTC-USD") {
  const std::string time = to_iso(at_ms(kCaptureMs + ms));
  const auto level = [&](std::string_view side, int price, std::string_view amount) {
    return fmt::format(
        R"({{"side":"{}","event_time":"{}","price_level":"{}","new_quantity":"{}"}})", side, time,
        price, amount);
  };
  const std::string ask = type == "snapshot" ? "," + level("offer", 101, "1") : "";
  return stamped(ms, fmt::format(R"({{"channel":"l2_data","client_id":"","timestamp":"{}",)"
                                 R"("sequence_num":{},"events":[{{"type":"{}","product_id":"{}",)"
                                 R"("updates":[{}{}]}}]}})",
                                 time, sequence, type, product, level("bid", 100, quantity), ask));
}

TEST_CASE("a hole in the numbers of a connection loses all of its books") {
  const TempFolder folder;
  Store store{":memory:"};
  const std::string text = advanced(10, 0, "snapshot", "1") +
                           advanced(11, 1, "snapshot", "1", "ETH-USD") +
                           advanced(20, 2, "update", "2") + advanced(30, 4, "update", "3") +
                           advanced(40, 5, "snapshot", "4") + advanced(50, 6, "update", "5") +
                           advanced(51, 7, "update", "6", "ETH-USD");
  const FileReport report = import_capture(store, write_capture(folder, "a", text));
  REQUIRE(report.streams.size() == 2);
  CHECK(report.streams[0].counts.gaps == 1);
  CHECK(report.streams[0].trusted);
  CHECK(report.streams[1].counts.gaps == 1);
  CHECK_FALSE(report.streams[1].trusted);
  CHECK(book_text(store, "BTC-USD", 19) == "100x1 | 101x1 #-");
  CHECK(book_text(store, "BTC-USD", 35) ==
        "100x2 | 101x1 #- lost after 2023-11-14T22:13:20.020Z: sequence_num: 3 expected, 4 came");
  CHECK(book_text(store, "BTC-USD") == "100x5 | 101x1 #-");
  CHECK(book_text(store, "ETH-USD").find("lost after") != std::string::npos);
  CHECK(sql_line(store, "SELECT count(*) FROM tape.book_updates WHERE book IS NULL") == "2");
}

TEST_CASE("a connection that counts from 0 again is a new one, and its holes are seen") {
  const TempFolder folder;
  Store store{":memory:"};
  const std::string text = advanced(10, 0, "snapshot", "1") + advanced(20, 1, "update", "2") +
                           advanced(21, 2, "update", "2") + advanced(30, 0, "snapshot", "3") +
                           advanced(40, 2, "update", "4");
  import_capture(store, write_capture(folder, "a", text));
  CHECK(book_text(store, "BTC-USD", 30) ==
        "100x3 | 101x1 #- lost after 2023-11-14T22:13:20.030Z: sequence_num: 1 expected, 2 came");
  CHECK(sql_line(store, "SELECT cause FROM tape.books ORDER BY book") ==
        "the connection was lost; sequence_num: 1 expected, 2 came");
}

TEST_CASE("connections of one capture lose their books apart") {
  const TempFolder folder;
  Store store{":memory:"};
  const auto line = [](std::string_view connection, std::string text) {
    std::string data;
    for (const char c : text.substr(14, text.size() - 15))
      data += c == '"' ? std::string{"\\\""} : std::string{c};
    return fmt::format("{{\"t\":\"recv\",\"conn\":\"{}\",\"ts\":1700000000,\"data\":\"{}\"}}\n",
                       connection, data);
  };
  import_capture(store, write_capture(folder, "a",
                                      line("a", advanced(10, 0, "snapshot", "1")) +
                                          line("b", advanced(10, 7, "snapshot", "1", "ETH-USD")) +
                                          line("a", advanced(20, 5, "update", "2")) +
                                          line("b", advanced(20, 8, "update", "2", "ETH-USD"))));
  CHECK(book_text(store, "BTC-USD").find("lost after") != std::string::npos);
  CHECK(book_text(store, "ETH-USD") == "100x2 | 101x1 #-");
}

// Coinbase Exchange's level2 has neither numbers nor checksums.
std::string exchange_snapshot(int64_t seconds) {
  return fmt::format(R"({}: {{"type":"snapshot","product_id":"BTC-USD","asks":[["101","1"]],)"
                     R"("bids":[["100","1"]]}})"
                     "\n",
                     1'700'000'000 + seconds);
}
std::string exchange_update(int64_t seconds, std::string_view quantity) {
  return fmt::format(R"({}: {{"type":"l2update","product_id":"BTC-USD","changes":[["buy","100",)"
                     R"("{}"]],"time":"{}"}})"
                     "\n",
                     1'700'000'000 + seconds, quantity,
                     to_iso(at_ms(kCaptureMs + seconds * 1'000)));
}

TEST_CASE("a message or line that cannot be read loses the books that nothing else would verify") {
  const TempFolder folder;
  Store store{":memory:"};
  const FileReport report = import_capture(
      store,
      write_capture(folder, "a.ws",
                    exchange_snapshot(1) + exchange_update(2, "2") +
                        "1700000003: {\"type\":\"l2update\",\"product_id\":7}\n" +
                        exchange_update(4, "3") + exchange_snapshot(5) + exchange_update(6, "4") +
                        "170000?\n" + exchange_update(7, "5") + exchange_snapshot(8)));
  CHECK(report.rejects == 2);
  CHECK(coverage_text(store, "book:level2") ==
        "[1000, 2000) unverifiable; [2000, 5000) gap a message was refused; [5000, 6000) "
        "unverifiable; [6000, 8000) gap a message was refused; [8000, 8000) unverifiable");
  CHECK(book_text(store, "BTC-USD", 4'000).find("a message was refused") != std::string::npos);
  CHECK(book_text(store, "BTC-USD", 6'000).find("a message was refused") != std::string::npos);
  CHECK(book_text(store, "BTC-USD") == "100x1 | 101x1 #-");
}

TEST_CASE("a message that cannot be read harms no book whose numbers show that it is whole") {
  const TempFolder folder;
  Store store{":memory:"};
  const FileReport report =
      import_capture(store, write_capture(folder, "a",
                                          spot_session() + stamped(45, R"({"e":"trade","s":"X"})") +
                                              "?\n" + spot_depth(50, 9, 9, "97x1")));
  CHECK(report.rejects == 2);
  CHECK(one_stream(report) ==
        "binance:BTCUSDT depth@100ms sequence trusted rows 3 gaps 0 resyncs 0 unsynced 0 stale 0");
}

TEST_CASE("a new connection loses the books that it does not prove to be whole, no others") {
  const TempFolder folder;
  Store store{":memory:"};
  const std::string connect = "wss://ws-feed.pro.coinbase.com <-> 1700000003\n";
  import_capture(store, write_capture(folder, "a.ws",
                                      exchange_snapshot(1) + exchange_update(2, "2") + connect +
                                          exchange_snapshot(4)));
  CHECK(coverage_text(store, "book:level2") ==
        "[1000, 2000) unverifiable; [2000, 4000) gap the connection was lost; [4000, 4000) "
        "unverifiable");
  import_capture(store, write_capture(folder, "b.ws",
                                      spot_session() +
                                          "wss://stream.binance.com <-> "
                                          "1700000003\n" +
                                          spot_depth(50, 9, 9, "97x1")));
  CHECK(book_text(store, "BTCUSDT") == "100x5 99x2 98x1 97x1 | 101x4 #9");
}

TEST_CASE("of a torn file what is there is loaded, and the tear is kept in rejects/") {
  const TempFolder folder;
  TempStore store;
  const ByteVector whole = gzipped(spot_session());
  write_file(folder / "torn.gz", {reinterpret_cast<const char*>(whole.data()), whole.size() - 6});
  const FileReport report = import_capture(*store, folder / "torn.gz");
  CHECK(to_text(report.outcome) == "loaded");
  CHECK(report.rejects == 1);
  CHECK(book_text(*store, "BTCUSDT") == "100x5 99x2 98x1 | 101x4 #8");
  const std::filesystem::directory_iterator kept{store.path() / "rejects"};
  CHECK(read_text(kept->path()).find("what follows is lost") != std::string::npos);
}

TEST_CASE("refused and unknown messages are kept in rejects/ with their lines") {
  const TempFolder folder;
  TempStore store;
  const FileReport report =
      import_capture(*store, write_capture(folder, "a.log",
                                           spot_trade(1, 1) + stamped(2, R"({"new":"thing"})") +
                                               stamped(3, R"({"e":"trade","s":"X"})") + "?\n"));
  CHECK(report.rejects == 2);
  CHECK(report.unknown == 1);
  CHECK(report.rows == 1);
  CHECK(report.message.find("rejects") != std::string::npos);
  const std::filesystem::directory_iterator kept{store.path() / "rejects"};
  const std::string text = read_text(kept->path());
  CHECK(text.find(",2,\"unknown message\",") != std::string::npos);
  CHECK(text.find(",3,") != std::string::npos);
  CHECK(text.find(",4,") != std::string::npos);
}

TEST_CASE("answers beside the frames begin their books") {
  const TempFolder folder;
  Store store{":memory:"};
  const auto seconds = [](std::string text) {
    return fmt::format("{}.{}: {}", text.substr(0, 10), text.substr(10, 3), text.substr(14));
  };
  write_capture(folder, "x.ws",
                "wss://stream.binance.com <-> 1700000000\n" +
                    seconds(spot_depth(20, 4, 6, "100x5")) + seconds(spot_depth(30, 7, 7, "99x1")));
  write_capture(folder, "x.http.gz",
                "https://api.binance.com/api/v3/depth?symbol=BTCUSDT -> 1700000000.030: "
                "{\"lastUpdateId\":5,\"bids\":[[\"100\",\"1\"]],\"asks\":[[\"101\",\"3\"]]}\n");
  const ImportSummary summary =
      import_paths(store, {folder / "x.http.gz", folder / "x.ws", folder.path()});
  REQUIRE(summary.files.size() == 1);
  CHECK(summary.files[0].path == folder / "x.ws");
  CHECK(book_text(store, "BTCUSDT") == "100x5 99x1 | 101x3 #7");
}

TEST_CASE("what fails leaves nothing, and the other files are loaded") {
  const TempFolder folder;
  Store store{":memory:"};
  write_capture(folder, "1", spot_session() + "wss://www.bitmex.com/x <-> 1700000003\n");
  write_capture(folder, "2", stamped(1, R"({"result":null,"id":1})"));
  write_capture(folder, "3", "configuration: {}\n");
  write_capture(folder, "4", spot_session());
  const ImportSummary summary = import_paths(store, {folder.path()});
  REQUIRE(summary.files.size() == 4);
  CHECK(to_text(summary.files[0].outcome) == "unsupported");
  CHECK(to_text(summary.files[1].outcome) == "failed");
  CHECK(summary.files[1].message.find("--instrument-prefix") != std::string::npos);
  CHECK(to_text(summary.files[2].outcome) == "failed");
  CHECK(summary.files[2].message.find("holds no message") != std::string::npos);
  CHECK(to_text(summary.files[3].outcome) == "loaded");
  CHECK(sql_line(store, "SELECT count(*) FROM tape.books") == "1");
  CHECK(sql_line(store, "SELECT max(ordinal) FROM tape.book_updates") == "3");
}

}  // namespace
}  // namespace tapedeck
