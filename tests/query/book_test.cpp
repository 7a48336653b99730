#include "tapedeck/query/book.hpp"

#include "store/driven_books.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using namespace test;

constexpr BookRules kCounted{.continuity = BookContinuity::consecutive};

DrivenMessage message(BookMessageKind kind, int64_t ms, int64_t sequence, std::string_view bids,
                      std::string_view asks = {}) {
  return {.kind = kind,
          .ms = ms,
          .recv_ms = ms + 5,
          .sequence = sequence,
          .bids = levels(bids),
          .asks = levels(asks)};
}

DrivenMessage snapshot(int64_t ms, int64_t sequence, std::string_view bids) {
  return message(BookMessageKind::snapshot, ms, sequence, bids, "200x1");
}

DrivenMessage update(int64_t ms, int64_t sequence, std::string_view bids) {
  return message(BookMessageKind::update, ms, sequence, bids);
}

struct OneStore {
  Store store{":memory:"};
  Instrument btc = new_instrument(store);

  BookAnswer ask(std::optional<int64_t> ms = {}, std::string stream = {},
                 BookClock clock = BookClock::event) {
    BookRequest request{.instrument = btc, .clock = clock, .stream = std::move(stream)};
    if (ms) request.at = at_ms(*ms);
    return book_at(store, request);
  }
  // "channel best_bid#sequence distrust"
  std::string text(std::optional<int64_t> ms = {}, std::string stream = {},
                   BookClock clock = BookClock::event) {
    const BookAnswer answer = ask(ms, std::move(stream), clock);
    const auto best = answer.book.best(BookSide::bid);
    std::string line = answer.stream.channel + " ";
    line += best ? to_text(Decimal{best->price.raw(), answer.book.scale().price_exp}) : "-";
    line += "#" + std::to_string(answer.sequence.value_or(-1));
    return answer.distrust.empty() ? line : line + " " + answer.distrust;
  }
  void refused(std::initializer_list<std::string_view> words, std::optional<int64_t> ms = {},
               std::string stream = {}, BookClock clock = BookClock::event) {
    check_refused(ErrorCode::not_found, words, [&] { ask(ms, stream, clock); });
  }
};

TEST_CASE("a book is asked for at an instant or at the end of what is stored") {
  OneStore one;
  DrivenStream deep{one.btc.id, "deep", kCounted};
  drive(one.store, {&deep}, [&] {
    deep.apply(snapshot(10, 1, "100x1"));
    deep.apply(update(20, 2, "101x1"));
    deep.apply(update(15, 3, "102x1"));
  });
  CHECK(one.text() == "deep 102#3");
  CHECK(one.text(10) == "deep 100#1");
  CHECK(one.text(15) == "deep 102#3");
  CHECK(one.text(20) == "deep 102#3");
  const BookAnswer answer = one.ask(19);
  CHECK(to_iso(answer.ts_event) == "1970-01-01T00:00:00.015Z");
  REQUIRE(answer.ts_recv.has_value());
  CHECK(to_iso(*answer.ts_recv) == "1970-01-01T00:00:00.020Z");
  CHECK(answer.book.size(BookSide::bid) == 2);
  CHECK(one.text(20, "", BookClock::recv) == "deep 102#3");
  CHECK(one.text(19, "", BookClock::recv) == "deep 100#1");
  CHECK(one.text({}, "", BookClock::recv) == "deep 102#3");
}

TEST_CASE("behind the end, and behind a loss, the answer says why it is not to be trusted") {
  OneStore one;
  DrivenStream deep{one.btc.id, "deep", kCounted};
  drive(one.store, {&deep}, [&] {
    deep.apply(snapshot(10, 1, "100x1"));
    deep.apply(update(20, 2, "101x1"));
    deep.lose("the line broke");
    deep.apply(snapshot(40, 9, "102x1"));
    deep.apply(update(50, 10, "103x1"));
  });
  CHECK(one.text(19) == "deep 100#1");
  CHECK(one.text(20) == "deep 101#2 lost after 1970-01-01T00:00:00.020Z: the line broke");
  CHECK(one.text(39) == "deep 101#2 lost after 1970-01-01T00:00:00.020Z: the line broke");
  CHECK(one.text(40) == "deep 102#9");
  CHECK(one.text(50) == "deep 103#10");
  CHECK(one.text(51) == "deep 103#10 nothing was recorded after 1970-01-01T00:00:00.050Z");
  CHECK(one.text() == "deep 103#10");
  INFO("by our clock the end is ours");
  CHECK(one.text(24, "", BookClock::recv) == "deep 100#1");
  CHECK(one.text(25, "", BookClock::recv) ==
        "deep 101#2 lost after 1970-01-01T00:00:00.025Z: the line broke");
  CHECK(one.text(55, "", BookClock::recv) == "deep 103#10");
  drive(one.store, {&deep}, [&] { deep.lose("the line broke again"); });
  CHECK(one.text() == "deep 103#10 lost after 1970-01-01T00:00:00.050Z: the line broke again");
}

TEST_CASE(
    "of several streams the verified and then the deeper one answers, unless it is lost then") {
  OneStore one;
  DrivenStream plain{one.btc.id, "plain", {}};
  DrivenStream shallow{
      one.btc.id, "shallow", {.continuity = BookContinuity::consecutive, .depth = 10}};
  DrivenStream middle{
      one.btc.id, "middle", {.continuity = BookContinuity::consecutive, .depth = 50}};
  DrivenStream deep{one.btc.id, "deep", kCounted};
  drive(one.store, {&plain, &shallow, &middle, &deep}, [&] {
    plain.apply(snapshot(0, 1, "90x1"));
    shallow.apply(snapshot(10, 1, "91x1"));
    middle.apply(snapshot(20, 1, "92x1"));
    deep.apply(snapshot(30, 1, "93x1"));
    deep.apply(update(40, 2, "94x1"));
    deep.lose("gone");
    for (DrivenStream* const stream : {&plain, &shallow, &middle})
      stream->apply(update(100, 2, "99x1"));
    middle.apply(update(110, 3, "98x1"));
  });
  CHECK(one.text(5) == "plain 90#1");
  CHECK(one.text(15) == "shallow 91#1");
  CHECK(one.text(25) == "middle 92#1");
  CHECK(one.text(35) == "deep 93#1");
  CHECK(one.text(50) == "middle 92#1");
  CHECK(one.text(105) == "middle 99#2");
  CHECK(one.text(200).starts_with("deep 94#2 lost after"));
  CHECK(one.text(105, "plain").starts_with("plain 99#2 nothing was recorded"));
  CHECK(one.text(35, "shallow") == "shallow 91#1");
  const std::vector<BookStreamInfo> streams = list_book_streams(one.store, one.btc);
  REQUIRE(streams.size() == 4);
  CHECK(streams[0].channel == "deep");
  CHECK(streams[1].channel == "middle");
  CHECK(streams[2].channel == "shallow");
  CHECK(streams[3].channel == "plain");
  CHECK(streams[1].depth == 50);
  CHECK(streams[1].updates == 2);
  CHECK(streams[1].books == 1);
  CHECK(streams[3].integrity == BookIntegrity::none);
  REQUIRE(streams[0].range.has_value());
  CHECK((*streams[0].range == TimeRange{at_ms(30), at_ms(40) + std::chrono::nanoseconds{1}}));
}

TEST_CASE("a trusted book of a lesser stream is better than a lost one of the best") {
  OneStore one;
  DrivenStream plain{one.btc.id, "plain", {}};
  DrivenStream deep{one.btc.id, "deep", kCounted};
  drive(one.store, {&plain, &deep}, [&] {
    plain.apply(snapshot(0, 1, "90x1"));
    deep.apply(snapshot(0, 1, "93x1"));
    deep.lose("gone");
    plain.apply(update(100, 2, "91x1"));
  });
  CHECK(one.text(50) == "plain 90#1");
  CHECK(one.text(50, "deep").starts_with("deep 93#1 lost after"));
}

TEST_CASE("a question that has no book for an answer says what is missing") {
  OneStore one;
  one.refused({"no book messages of binance:BTCUSDT are stored", "import"});
  CHECK(list_book_streams(one.store, one.btc).empty());
  DrivenStream deep{one.btc.id, "depth@100ms", kCounted};
  drive(one.store, {&deep}, [&] { deep.apply(update(10, 2, "100x1")); });
  one.refused({"no book of binance:BTCUSDT can be given", "(depth@100ms) have no snapshot"});
  one.refused({"have no snapshot"}, 10);
  one.refused({"binance:BTCUSDT has no stream 'depth@10ms', did you mean 'depth@100ms'?",
               "it has depth@100ms"},
              {}, "depth@10ms");
  one.refused({"has no stream 'trades'; it has depth@100ms"}, {}, "trades");
  const std::vector<BookStreamInfo> streams = list_book_streams(one.store, one.btc);
  REQUIRE(streams.size() == 1);
  CHECK(streams[0].books == 0);
  CHECK_FALSE(streams[0].range);
  DrivenStream shallow{one.btc.id, "depth", kCounted};
  drive(one.store, {&deep, &shallow}, [&] {
    deep.apply(snapshot(50, 3, "100x1"));
    DrivenMessage silent = snapshot(40, 3, "100x1");
    silent.recv_ms.reset();
    shallow.apply(silent);
  });
  one.refused({"there is no book of binance:BTCUSDT at 1970-01-01T00:00:00.039Z",
               "the first one begins at 1970-01-01T00:00:00.040Z"},
              39);
  one.refused({"the first one begins at 1970-01-01T00:00:00.055Z"}, 54, "", BookClock::recv);
  one.refused({"hold no receive times", "venue's clock"}, {}, "depth", BookClock::recv);
}

TEST_CASE("what a running import has not committed is in no book, and then all of it is") {
  OneStore one;
  DrivenStream deep{one.btc.id, "deep", kCounted};
  drive(one.store, {&deep}, [&] { deep.apply(snapshot(10, 1, "100x1")); });
  drive(one.store, {&deep}, [&] {
    deep.apply(update(20, 2, "101x1"));
    CHECK(one.text() == "deep 100#1");
  });
  CHECK(one.text() == "deep 101#2");
}

}  // namespace
}  // namespace tapedeck
