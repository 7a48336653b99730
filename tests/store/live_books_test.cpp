#include "store/live_books.hpp"

#include "book/book_story.hpp"
#include "child_process.hpp"
#include "ingest/capture_fixture.hpp"
#include "tapedeck/query/verify.hpp"
#include "tapedeck/store/writer.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace tapedeck {
namespace {

using namespace test;

BookMessages batch(std::string_view channel, const std::vector<Said>& messages,
                   std::string_view interrupted = {}) {
  BookMessages result{.channel = std::string{channel}, .interrupted = std::string{interrupted}};
  for (const Said& said : messages)
    result.messages.push_back(message_of(said));
  return result;
}

// What is said at `ms` behind the begin of the captures.
Said at(int64_t ms, Said said) {
  said.ms = kCaptureMs + ms;
  return said;
}

Said spot(int64_t ms, int64_t number, std::string_view bids, std::string_view asks = {}) {
  return at(ms, {.begin = number, .sequence = number, .bids = bids, .asks = asks});
}

Said image(int64_t number, std::string_view bids, std::string_view asks) {
  return {.kind = BookMessageKind::image, .sequence = number, .bids = bids, .asks = asks};
}

Said snapshot(int64_t ms, std::string_view bids, std::string_view asks) {
  return at(ms, {.kind = BookMessageKind::snapshot, .bids = bids, .asks = asks});
}

Said update(int64_t ms, std::string_view bids, std::string_view asks = {}) {
  return at(ms, {.bids = bids, .asks = asks});
}

InstrumentId instrument(Store& store, std::string_view venue, std::string_view symbol) {
  return store
      .resolve_instrument({.venue = std::string{venue}, .symbol = std::string{symbol}},
                          NewVenue::refuse)
      .id;
}

constexpr std::string_view kDepth = "depth@100ms";
constexpr std::string_view kLevel2 = "level2";

TEST_CASE("what is acknowledged is in the next answer") {
  TempStore store;
  const InstrumentId btc = instrument(*store, "binance", "BTCUSDT");
  Writer writer{*store};
  writer.append_live(btc, batch(kDepth, {image(4, "100 1", "101 3"), spot(10, 5, "100 5")})).get();
  CHECK(book_text(*store, "BTCUSDT") == "100x5 | 101x3 #5");
  for (int64_t number = 6; number < 60; ++number) {
    const std::string bid = fmt::format("100 {}", number);
    writer.append_live(btc, batch(kDepth, {spot(number * 10, number, bid)})).get();
    REQUIRE(book_text(*store, "BTCUSDT") == fmt::format("100x{0} | 101x3 #{0}", number));
  }
  CHECK(sql_line(*store, "SELECT count(*) FROM tape.books") == "1");
  CHECK(coverage_text(*store, "book:depth@100ms") == "[10, 590) recorded");
  CHECK(sql_line(*store, "SELECT dataset, source, rows FROM tape.loads") ==
        "book:depth@100ms api 54");
  store.reopen(OpenMode::write);
  CHECK(coverage_text(*store, "book:depth@100ms") == "[10, 590) recorded");
  CHECK(sql_line(*store, "SELECT \"end\" FROM tape.coverage") == "2023-11-14T22:13:20.590000001Z");
}

TEST_CASE("what was asked for before is answered anew once more is stored") {
  const TempFolder folder;
  Store store{":memory:"};
  const std::string text = spot_image(10, 5, "100x1", "101x3") + spot_depth(20, 6, 6, "100x5");
  import_capture(store, write_capture(folder, "a", text));
  CHECK(book_text(store, "BTCUSDT", 20) == "100x5 | 101x3 #6");
  CHECK(book_text(store, "BTCUSDT", 20) == "100x5 | 101x3 #6");
  sql(store, "UPDATE tape.book_snapshots SET quantity = 7 WHERE side = 0", SqlAccess::write);
  CHECK(book_text(store, "BTCUSDT", 20) == "100x7 | 101x3 #6");
}

TEST_CASE("a message that is missing is a gap until the next image, and numbers show a restart") {
  TempStore store;
  const InstrumentId btc = instrument(*store, "binance", "BTCUSDT");
  Writer{*store}
      .append_live(btc, batch(kDepth, {image(4, "100 1", "101 3"), spot(10, 5, "100 5")}))
      .get();
  store.reopen(OpenMode::write);
  Writer{*store}.append_live(btc, batch(kDepth, {spot(20, 6, "100 6")})).get();
  CHECK(book_text(*store, "BTCUSDT") == "100x6 | 101x3 #6");
  store.reopen(OpenMode::write);
  std::vector<Said> behind_hole;
  for (int64_t number = 8; number < 30; ++number)
    behind_hole.push_back(spot(number * 10, number, "99 1"));
  Writer writer{*store};
  writer.append_live(btc, batch(kDepth, behind_hole)).get();
  CHECK(book_text(*store, "BTCUSDT") ==
        "100x6 | 101x3 #6 lost after 2023-11-14T22:13:20.020Z: sequence: 7 expected, 8 came");
  writer.append_live(btc, batch(kDepth, {image(29, "98 1", "102 1"), spot(300, 30, "98 2")})).get();
  CHECK(book_text(*store, "BTCUSDT") == "98x2 | 102x1 #30");
  writer.append_live(btc, batch(kDepth, {spot(310, 31, "98 3")})).get();
  CHECK(book_text(*store, "BTCUSDT") == "98x3 | 102x1 #31");
  CHECK(coverage_text(*store, "book:depth@100ms") ==
        "[10, 20) recorded; [10, 20) recorded; [20, 20) gap sequence: 7 expected, 8 came; [300, "
        "310) recorded");
}

TEST_CASE("a stream without numbers is lost where its recorder was not there") {
  TempStore store;
  const InstrumentId btc = instrument(*store, "coinbase", "BTC-USD");
  {
    Writer writer{*store};
    writer.append_live(btc, batch(kLevel2, {snapshot(10, "100 1", "101 1"), update(20, "100 2")}));
    writer.append_live(btc, batch(kLevel2, {}, "the connection was lost"));
    writer.append_live(btc, batch(kLevel2, {update(30, "100 3")})).get();
    CHECK(book_text(*store, "BTC-USD") ==
          "100x2 | 101x1 #- lost after 2023-11-14T22:13:20.020Z: the connection was lost");
    writer.append_live(btc, batch(kLevel2, {snapshot(40, "100 4", "101 1")})).get();
    CHECK(book_text(*store, "BTC-USD") == "100x4 | 101x1 #-");
  }
  store.reopen(OpenMode::write);
  Writer{*store}.append_live(btc, batch(kLevel2, {update(50, "100 5")})).get();
  CHECK(book_text(*store, "BTC-USD", 50) ==
        "100x4 | 101x1 #- nothing was recorded after 2023-11-14T22:13:20.040Z");
}

TEST_CASE("what waits for its place is kept, and is there after a kill") {
  TempStore store;
  const InstrumentId btc = instrument(*store, "binance", "BTCUSDT");
  store.close();
  {
    ChildProcess recorder{[&](const ChildProcess::Tell& tell) {
      Store own{store.path(), {.mode = OpenMode::write}};
      Writer writer{own};
      writer.append_live(btc, batch(kDepth, {spot(10, 5, "100 5"), spot(20, 6, "100 6")}));
      writer.flush();
      const std::string kept = sql_line(own, "SELECT number FROM tape.book_waiting ORDER BY 1");
      if (kept != "1; 2") return;
      tell();
      for (;;)
        ::pause();
    }};
    REQUIRE(recorder.wait_for_word());
  }
  store.reopen(OpenMode::write);
  CHECK(sql_line(*store, "SELECT count(*) FROM tape.book_waiting") == "0");
  CHECK(sql_line(*store, "SELECT sequence, quantity, book FROM tape.book_updates ORDER BY 1") ==
        "5 5 NULL; 6 6 NULL");
  CHECK(coverage_text(*store, "book:depth@100ms") == "[10, 20) unverifiable no snapshot");
}

TEST_CASE("an import of the same stream while it is recorded takes nothing apart") {
  const TempFolder folder;
  TempStore store;
  const InstrumentId btc = instrument(*store, "binance", "BTCUSDT");
  Writer writer{*store};
  AppendOptions applied;
  applied.durability = Durability::applied;
  writer
      .append_live(btc, batch(kDepth, {image(4, "100 1", "101 3"), spot(10, 5, "100 5")}), applied)
      .get();
  // It has the numbers 5 to 7; those behind 5 are new.
  import_capture(*store,
                 write_capture(folder, "a",
                               spot_depth(10, 5, 5, "100x5") + spot_depth(20, 6, 6, "100x6") +
                                   spot_depth(30, 7, 7, "100x7")));
  writer
      .append_live(
          btc, batch(kDepth, {spot(20, 6, "100 6"), spot(30, 7, "100 7"), spot(40, 8, "100 8")}),
          applied)
      .get();
  CHECK(book_text(*store, "BTCUSDT") == "100x8 | 101x3 #8");
  CHECK(sql_line(*store, "SELECT count(*) FROM tape.books") == "1");
  CHECK(sql_line(*store, "SELECT sequence FROM tape.book_updates ORDER BY ordinal") == "6; 7; 8");
  store.reopen(OpenMode::write);
  verify(*store, {}, [](const Finding& finding) { FAIL_CHECK(finding.what); });
}

TEST_CASE("messages that no venue sends are refused") {
  TempStore store;
  const InstrumentId btc = instrument(*store, "binance", "BTCUSDT");
  Writer writer{*store};
  check_refused(ErrorCode::invalid_argument, {"message 1 of depth@100ms", "-1e0 at 100e0"}, [&] {
    writer.append_live(btc, batch(kDepth, {spot(1, 1, "100 1"), spot(2, 2, "100 -1")}));
  });
  check_refused(ErrorCode::invalid_argument, {"message 0 of depth@100ms", "1e0 at 0e0"},
                [&] { writer.append_live(btc, batch(kDepth, {spot(1, 1, "0 1")})); });
  check_refused(ErrorCode::invalid_argument, {"a batch of no messages"},
                [&] { writer.append_live(btc, batch(kDepth, {})); });
  check_refused(ErrorCode::invalid_argument, {"the word of their channel"},
                [&] { writer.append_live(btc, batch("", {spot(1, 1, "100 1")})); });
  BookMessages odd = batch(kDepth, {spot(1, 1, "100 1")});
  odd.messages[0].levels[0].price.exponent = 3;
  check_refused(ErrorCode::invalid_argument, {"1e0 at 100e3", "exponents from -12 to 0"},
                [&] { writer.append_live(btc, std::move(odd)); });
  check_refused(ErrorCode::not_found, {"99"}, [&] {
    writer.append_live(InstrumentId{99}, batch(kDepth, {spot(1, 1, "100 1")}));
  });
}

TEST_SUITE("threads") {
  TEST_CASE("whoever asks while a book is recorded gets what is acknowledged, or later") {
    TempStore store;
    const InstrumentId btc = instrument(*store, "binance", "BTCUSDT");
    Writer writer{*store};
    std::atomic<int64_t> acknowledged{0};
    std::atomic<bool> done{false};
    writer.append_live(btc, batch(kDepth, {image(0, "100 1", "101 3"), spot(0, 1, "100 1")})).get();
    acknowledged = 1;
    std::vector<std::jthread> readers;
    std::atomic<int64_t> wrong{0};
    for (int reader = 0; reader < 3; ++reader) {
      readers.emplace_back([&] {
        while (!done) {
          const int64_t before = acknowledged;
          const BookAnswer answer = book_at(*store, {.instrument = store->instrument("BTCUSDT")});
          const int64_t number = answer.sequence.value_or(0);
          const std::optional<BookLevel> bid = answer.book.best(BookSide::bid);
          const bool is_right =
              number >= before && answer.distrust.empty() && bid && bid->quantity == Qty{number};
          if (!is_right) ++wrong;
        }
      });
    }
    for (int64_t number = 2; number <= 200; ++number) {
      const std::string bid = fmt::format("100 {}", number);
      writer.append_live(btc, batch(kDepth, {spot(number, number, bid)})).get();
      acknowledged = number;
    }
    done = true;
    readers.clear();
    CHECK(wrong == 0);
    CHECK(book_text(*store, "BTCUSDT") == "100x200 | 101x3 #200");
  }
}

}  // namespace
}  // namespace tapedeck
