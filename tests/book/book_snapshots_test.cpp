// BookBuilder: snapshots in a stream, whole books, and what shows that a book is wrong.
#include "book/book_story.hpp"
#include "tapedeck/book/book_builder.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

using test::Story;
using enum BookMessageKind;

const BookRules kConsecutive{.continuity = BookContinuity::consecutive};
const BookRules kLinked{.continuity = BookContinuity::linked};
const BookRules kConnection{.continuity = BookContinuity::connection};
const BookRules kWhole{.whole = true};

void begin(Story& story) {
  const std::string begun =
      story.say({.kind = snapshot, .sequence = 10, .bids = "100 1", .asks = "101 1"});
  CHECK(begun == "snapshot 10: bid 100 1 ask 101 1");
}

}  // namespace

TEST_CASE("a snapshot of the same levels is no loss") {
  for (const BookRules& rules : {kConsecutive, kLinked, kConnection, BookRules{}}) {
    Story story{rules};
    begin(story);
    CHECK(story.say({.kind = snapshot, .sequence = 10, .bids = "100 1", .asks = "101 1"}) ==
          "update 10:");
    CHECK(story.say({.kind = snapshot, .bids = "100 1", .asks = "101 1"}) == "update:");
    CHECK(story.builder.counts().gaps == 0);
  }
}

TEST_CASE("a snapshot with the number that follows tells what changed") {
  Story story{kConsecutive};
  begin(story);
  CHECK(story.say({.kind = snapshot, .sequence = 11, .bids = "100 2; 98 1", .asks = "102 1"}) ==
        "update 11: bid 100 2 bid 98 1 ask 102 1 ask 101 0");
  CHECK(story.say({.sequence = 12, .bids = "98 0"}) == "update 12: bid 98 0");
  CHECK(story.builder.counts().gaps == 0);
}

TEST_CASE("any other snapshot in a stream is a loss and a new book") {
  Story story{kConsecutive};
  begin(story);
  CHECK(story.say({.kind = snapshot, .sequence = 30, .bids = "99 2", .asks = "101 1"}) ==
        "lost: new snapshot | snapshot 30: bid 99 2 ask 101 1");
  CHECK(story.bids() == "99 2");
  CHECK(story.builder.counts().gaps == 1);
  CHECK(story.builder.counts().resyncs == 1);
  // Bybit's restart: the numbers begin anew.
  CHECK(story.say({.kind = snapshot, .sequence = 1, .bids = "99 3"}) ==
        "lost: new snapshot | snapshot 1: bid 99 3");
  CHECK(story.say({.sequence = 2, .bids = "99 4"}) == "update 2: bid 99 4");
  // Where no number tells, levels do.
  Story unnumbered{kConnection};
  begin(unnumbered);
  CHECK(unnumbered.say({.kind = snapshot, .bids = "100 2", .asks = "101 1"}).starts_with("lost"));
}

TEST_CASE("a snapshot ends the wait for a message that is missing") {
  for (const bool timed : {false, true}) {
    CAPTURE(timed);
    Story story{kConsecutive};
    const auto say = [&](test::Said said) {
      if (timed) said.ms = said.sequence;
      return story.say(said);
    };
    say({.kind = snapshot, .sequence = 10, .bids = "100 1"});
    CHECK(say({.sequence = 12, .bids = "99 2"}).empty());
    CHECK(say({.sequence = 13, .bids = "99 3"}).empty());
    CHECK(say({.sequence = 20, .bids = "99 5"}).empty());
    CHECK(say({.kind = snapshot, .sequence = 19, .bids = "99 4"}) ==
          "lost: sequence: 11 expected, 12 came | unsynced 12: bid 99 2 | "
          "unsynced 13: bid 99 3 | snapshot 19: bid 99 4 | update 20: bid 99 5");
    CHECK(story.builder.trusted());
  }
}

TEST_CASE("the snapshot that is missing itself, or comes twice, is no loss") {
  Story story{kConsecutive};
  begin(story);
  CHECK(story.say({.sequence = 12, .bids = "99 2"}).empty());
  CHECK(story.say({.kind = snapshot, .sequence = 10, .bids = "100 1", .asks = "101 1"}) ==
        "update 10:");
  CHECK_FALSE(story.builder.trusted());
  CHECK(story.say({.kind = snapshot, .sequence = 11, .bids = "98 1", .asks = "101 1"}) ==
        "update 11: bid 98 1 bid 100 0 | update 12: bid 99 2");
  CHECK(story.builder.trusted());
}

// Another connection may carry the same stream, a little later.
TEST_CASE("a snapshot that is older than the book by number and time is old") {
  Story story{kConsecutive};
  story.say({.kind = snapshot, .sequence = 10, .ms = 10, .bids = "100 1"});
  story.say({.sequence = 11, .ms = 11, .bids = "100 2"});
  CHECK(story.say({.kind = snapshot, .sequence = 10, .ms = 10, .bids = "100 1"}).empty());
  CHECK(story.say({.sequence = 12, .ms = 12, .bids = "100 3"}) == "update 12: bid 100 3");
  CHECK(story.builder.counts().stale == 1);
  CHECK(story.say({.kind = snapshot, .sequence = 1, .ms = 13, .bids = "90 1"})
            .starts_with("lost: new snapshot | snapshot 1"));
}

// Else the book would stand still, and be trusted, until the numbers are where they were.
TEST_CASE("numbers that begin anew without a snapshot are a loss") {
  Story story{kConsecutive};
  story.say({.kind = snapshot, .sequence = 500, .ms = 10, .bids = "100 1"});
  CHECK(story.say({.sequence = 499, .ms = 10, .bids = "90 1"}).empty());
  CHECK(story.builder.trusted());
  CHECK(story.say({.sequence = 2, .ms = 11, .bids = "100 2"}).empty());
  CHECK_FALSE(story.builder.trusted());
  CHECK(story.say({.kind = snapshot, .sequence = 1, .ms = 11, .bids = "100 1"}) ==
        "lost: sequence: 501 expected, 2 came | snapshot 1: bid 100 1 | update 2: bid 100 2");
}

// Numbers of before a restart must never find a place behind it: 500 is another message then.
TEST_CASE("updates that do not follow a snapshot do not wait behind it") {
  Story story{kConsecutive};
  story.say({.kind = snapshot, .sequence = 498, .bids = "100 1"});
  CHECK(story.say({.sequence = 500, .bids = "90 9"}).empty());
  CHECK(story.say({.kind = snapshot, .sequence = 1, .bids = "50 1"}) ==
        "lost: sequence: 499 expected, 500 came | snapshot 1: bid 50 1 | unsynced 500: bid 90 9");
  CHECK(story.builder.trusted());
  for (int64_t number = 2; number <= 500; ++number)
    story.say({.sequence = number, .bids = "50 2"});
  CHECK(story.bids() == "50 2");
}

TEST_CASE("an update may come in front of the snapshot that it follows") {
  Story consecutive{kConsecutive};
  CHECK(consecutive.say({.sequence = 9, .bids = "99 1"}).empty());
  CHECK(consecutive.say({.sequence = 11, .bids = "99 2"}).empty());
  CHECK(consecutive.say({.kind = snapshot, .sequence = 10, .bids = "100 1"}) ==
        "unsynced 9: bid 99 1 | snapshot 10: bid 100 1 | update 11: bid 99 2");
  Story linked{kLinked};
  CHECK(linked.say({.sequence = 15, .previous = 10, .bids = "99 2"}).empty());
  CHECK(linked.say({.kind = snapshot, .sequence = 10, .bids = "100 1"}) ==
        "snapshot 10: bid 100 1 | update 15: bid 99 2");
  // Not more of them than wait elsewhere.
  Story long_before{kConsecutive};
  std::string told;
  for (int64_t number = 1; number <= 20; ++number)
    told += long_before.say({.sequence = number});
  CHECK(told == "unsynced 1:unsynced 2:unsynced 3:unsynced 4:");
  CHECK(long_before.finish().starts_with("unsynced 5: | unsynced 6:"));
}

TEST_CASE("a number of maintenance shows that the one before it is missing") {
  Story story{kLinked};
  begin(story);
  CHECK(story.say({.sequence = 3, .previous = 15, .bids = "99 2"}).empty());
  CHECK_FALSE(story.builder.trusted());
  CHECK(story.say({.sequence = 15, .previous = 10, .bids = "99 1"}) ==
        "update 15: bid 99 1 | update 3: bid 99 2");
  CHECK(story.builder.trusted());
}

TEST_CASE("lose() says that something is missing") {
  Story story{kConnection};
  CHECK(story.lose("sequence_num: 2 expected, 5 came").empty());
  CHECK(story.say({.kind = snapshot, .bids = "100 1"}) == "snapshot: bid 100 1");
  CHECK(story.builder.integrity() == BookIntegrity::sequence);
  CHECK(story.lose("sequence_num: 2 expected, 5 came") == "lost: sequence_num: 2 expected, 5 came");
  CHECK(story.lose("again").empty());
  CHECK_FALSE(story.builder.trusted());
  CHECK(story.say({.bids = "99 1"}) == "unsynced: bid 99 1");
  CHECK(story.say({.kind = snapshot, .bids = "100 1"}) == "snapshot: bid 100 1");
  CHECK(story.builder.counts().gaps == 1);
  CHECK(story.builder.counts().resyncs == 1);

  Story spot{{.continuity = BookContinuity::binance_spot}};
  spot.say({.kind = image, .sequence = 10});
  CHECK(spot.lose("closed").empty());
  // The image is of before.
  CHECK(spot.say({.begin = 11, .sequence = 11}).empty());
  CHECK(spot.lose("closed") == "unsynced 11:");
}

TEST_CASE("a book that was left by another recording goes on") {
  Story story{kConsecutive};
  OrderBook book{{.price_exp = -1, .qty_exp = 0}};
  book.set(BookSide::bid, Price{1000}, Qty{1});
  story.resume(std::move(book), 10);
  CHECK(story.builder.trusted());
  CHECK(story.say({.sequence = 9, .bids = "100 5"}).empty());
  CHECK(story.say({.sequence = 11, .bids = "99.5 2"}) == "update 11: bid 99.5 2");
  CHECK(story.bids() == "100 1; 99.5 2");

  Story holed{kConsecutive};
  holed.resume(OrderBook{}, 10);
  holed.say({.sequence = 12});
  CHECK(holed.finish() == "lost: sequence: 11 expected, 12 came | unsynced 12:");
}

TEST_CASE("a crossed book is lost") {
  Story story{kConsecutive};
  begin(story);
  CHECK(story.say({.sequence = 11, .bids = "101 1"}) ==
        "lost: crossed: bid 101 against ask 101 | unsynced 11: bid 101 1");
  CHECK_FALSE(story.builder.trusted());
  CHECK(story.builder.counts().crossed == 1);
  CHECK(story.say({.sequence = 12, .asks = "101 0"}).empty());
  CHECK(story.say({.kind = snapshot, .sequence = 12, .bids = "101 1", .asks = "101.5 1"}) ==
        "unsynced 12: ask 101 0 | snapshot 12: bid 101 1 ask 101.5 1");

  Story crossed{{}};
  CHECK(crossed.say({.kind = snapshot, .bids = "102 1", .asks = "101 1"}) ==
        "unsynced: bid 102 1 ask 101 1");
  CHECK(crossed.builder.counts().crossed == 1);
  CHECK_FALSE(crossed.builder.trusted());
  CHECK(crossed.builder.counts().gaps == 0);
}

TEST_CASE("a snapshot that follows and is crossed is one loss") {
  Story story{kConsecutive};
  begin(story);
  CHECK(story.say({.kind = snapshot, .sequence = 11, .bids = "102 1", .asks = "101 1"}) ==
        "lost: new snapshot, crossed: bid 102 against ask 101 | "
        "unsynced 11: bid 102 1 ask 101 1");
  CHECK(story.builder.counts().crossed == 1);
  CHECK(story.builder.counts().gaps == 1);
}

TEST_CASE("the crossed book of an image is none") {
  Story story{{.continuity = BookContinuity::binance_spot}};
  story.say({.kind = image, .sequence = 10, .bids = "100 1", .asks = "99 1"});
  CHECK(story.say({.begin = 11, .sequence = 11}) == "unsynced 11:");
  story.say({.kind = image, .sequence = 11, .bids = "100 1", .asks = "101 1"});
  CHECK(story.say({.begin = 12, .sequence = 12}) == "snapshot 12:");
}

TEST_CASE("a checksum that differs is a loss, until the next snapshot") {
  Story story{{.checksum = BookChecksum::okx, .depth = 400}};
  // zlib.crc32 of 100:1:101:2, 100:1:101:2:99.5:3 and 100:1:101:2:99.5:3:102:1
  CHECK(story.say({.kind = snapshot, .checksum = 1, .bids = "100 1", .asks = "101 2"})
            .starts_with("unsynced"));
  CHECK(story.say({.kind = snapshot, .checksum = 3756313483U, .bids = "100 1", .asks = "101 2"})
            .starts_with("snapshot"));
  CHECK(story.say({.checksum = 3025301830U, .bids = "99.5 3"}) == "update: bid 99.5 3");
  CHECK(story.say({.bids = "99.5 3"}) == "update: bid 99.5 3");
  CHECK(story.builder.integrity() == BookIntegrity::checksum);
  CHECK(story.say({.checksum = 3025301830U, .asks = "102 1"}) ==
        "lost: the venue's checksum differs | unsynced: ask 102 1");
  CHECK(story.say({.checksum = 3025301830U, .asks = "102 0"}) == "unsynced: ask 102 0");
  CHECK(story
            .say({.kind = snapshot,
                  .checksum = 2503062185U,
                  .bids = "100 1; 99.5 3",
                  .asks = "101 2; 102 1"})
            .starts_with("snapshot"));
  CHECK(story.builder.counts().checksums_passed == 3);
  CHECK(story.builder.counts().checksums_failed == 2);
  CHECK(story.builder.counts().gaps == 1);
  CHECK(story.builder.counts().resyncs == 1);
}

TEST_CASE("Kraken's checksum is over as many digits as the stream has written") {
  Story story{{.checksum = BookChecksum::kraken, .depth = 10}};
  // 101.0 1.50, 100.0 2.00, then with 99.5 1.00
  CHECK(story
            .say({.kind = snapshot,
                  .checksum = 2763252086U,
                  .bids = "100.0 2.00",
                  .asks = "101.0 1.50"})
            .starts_with("snapshot"));
  CHECK(story.say({.checksum = 1010612257U, .bids = "99.5 1.00"}).starts_with("update"));
  CHECK(story.builder.counts().checksums_passed == 2);
}

TEST_CASE("levels that are pushed out of a depth are told as gone") {
  Story story{{.depth = 2}};
  CHECK(story.say({.kind = snapshot, .bids = "100 1; 99 1; 98 1", .asks = "101 1; 102 1"}) ==
        "snapshot: bid 100 1 bid 99 1 bid 98 1 bid 98 0 ask 101 1 ask 102 1");
  CHECK(story.say({.bids = "99.5 1; 97 1", .asks = "100.5 1"}) ==
        "update: bid 99.5 1 bid 97 1 bid 97 0 bid 99 0 ask 100.5 1 ask 102 0");
  CHECK(story.bids() == "100 1; 99.5 1");
  CHECK(story.asks() == "100.5 1; 101 1");
  // One comes for one that goes, in whatever order.
  CHECK(story.say({.bids = "98 1; 100 0"}) == "update: bid 98 1 bid 100 0");
  CHECK(story.builder.counts().pushed_out == 4);
  Story follows{{.continuity = BookContinuity::consecutive, .depth = 1}};
  follows.say({.kind = snapshot, .sequence = 10, .bids = "100 1"});
  CHECK(follows.say({.kind = snapshot, .sequence = 11, .bids = "101 1; 99 1"}) ==
        "update 11: bid 101 1 bid 99 1 bid 100 0 bid 99 0");
}

TEST_CASE("a depth that no channel says is that of the snapshot") {
  Story story{{.depth_of_snapshot = true}};
  CHECK(story.builder.rules().depth == 0);
  std::string bids;
  for (int level = 0; level < 11; ++level)
    bids += (level == 0 ? "" : "; ") + std::to_string(100 - level) + " 1";
  story.say({.kind = snapshot, .bids = bids});
  CHECK(story.builder.rules().depth == 25);
  story.say({.kind = snapshot, .bids = "100 1"});
  CHECK(story.builder.rules().depth == 10);
  CHECK(story.builder.counts().pushed_out == 0);
}

TEST_CASE("of whole books what changed is told") {
  Story story{kWhole};
  CHECK(story.say({.kind = snapshot, .sequence = 5, .bids = "100 1; 99 1", .asks = "101 1"}) ==
        "snapshot 5: bid 100 1 bid 99 1 ask 101 1");
  CHECK(story.say({.kind = snapshot, .sequence = 9, .bids = "100 1; 98 2", .asks = "102 1"}) ==
        "update 9: bid 98 2 bid 99 0 ask 102 1 ask 101 0");
  CHECK(story.say({.kind = snapshot, .sequence = 12, .bids = "100 1; 98 2", .asks = "102 1"}) ==
        "update 12:");
  CHECK(story.builder.counts().gaps == 0);
  CHECK(story.builder.integrity() == BookIntegrity::none);
}

TEST_CASE("a whole book that is late is old") {
  Story numbered{kWhole};
  numbered.say({.kind = snapshot, .sequence = 5, .bids = "100 1"});
  CHECK(numbered.say({.kind = snapshot, .sequence = 5, .bids = "99 1"}).empty());
  CHECK(numbered.say({.kind = snapshot, .sequence = 4, .bids = "99 1"}).empty());
  CHECK(numbered.builder.counts().stale == 2);
  Story timed{kWhole};
  timed.say({.kind = snapshot, .ms = 5, .bids = "100 1"});
  CHECK(timed.say({.kind = snapshot, .ms = 4, .bids = "99 1"}).empty());
  CHECK(timed.say({.kind = snapshot, .ms = 5, .bids = "99 1"}) == "update: bid 99 1 bid 100 0");
  // By both, where it has both: numbers may begin anew, and the clock may be set back.
  Story both{kWhole};
  both.say({.kind = snapshot, .sequence = 500, .ms = 5, .bids = "100 1"});
  CHECK(both.say({.kind = snapshot, .sequence = 499, .ms = 5, .bids = "99 1"}).empty());
  CHECK(both.say({.kind = snapshot, .sequence = 500, .ms = 5, .bids = "99 1"}).empty());
  CHECK(both.say({.kind = snapshot, .sequence = 501, .ms = 4, .bids = "99 1"}) ==
        "update 501: bid 99 1 bid 100 0");
  CHECK(both.say({.kind = snapshot, .sequence = 3, .ms = 6, .bids = "98 1"}) ==
        "update 3: bid 98 1 bid 99 0");
}

TEST_CASE("a whole book that is crossed, or behind a lost one") {
  Story story{kWhole};
  CHECK(story.say({.kind = snapshot, .bids = "101 1", .asks = "100 1"}).starts_with("unsynced"));
  CHECK(story.say({.kind = snapshot, .bids = "100 1", .asks = "101 1"}).starts_with("snapshot"));
  CHECK(story.lose("the connection was lost") == "lost: the connection was lost");
  CHECK(story.say({.kind = snapshot, .bids = "100 1", .asks = "101 1"}) ==
        "snapshot: bid 100 1 ask 101 1");
  CHECK(story.say({.kind = snapshot, .bids = "100 1", .asks = "99 1"})
            .starts_with("lost: crossed: bid 100 against ask 99 | unsynced"));
  CHECK(story.builder.counts().resyncs == 1);
  CHECK(story.builder.counts().gaps == 2);
}

// Bybit's best level, as it was sent until 2023.
TEST_CASE("a stream of whole books may have updates between") {
  Story story{{.depth = 1, .whole = true}};
  CHECK(story.say({.sequence = 4, .bids = "99 1"}) == "unsynced 4: bid 99 1");
  story.say({.kind = snapshot, .sequence = 5, .bids = "100 1", .asks = "101 1"});
  CHECK(story.say({.sequence = 6, .bids = "100 0; 99 2"}) == "update 6: bid 100 0 bid 99 2");
  CHECK(story.say({.kind = snapshot, .sequence = 8, .bids = "99 2", .asks = "102 1"}) ==
        "update 8: ask 102 1 ask 101 0");
}

TEST_CASE("numbers with more digits make the scale finer, and it stays so") {
  Story story{{}, {.price_exp = -1, .qty_exp = 0}};
  story.say({.kind = snapshot, .bids = "100 1", .asks = "101 2"});
  CHECK(story.builder.book().scale() == Scale{.price_exp = -1, .qty_exp = 0});
  CHECK(story.say({.bids = "99.25 0.001"}) == "update: bid 99.25 0.001");
  CHECK(story.builder.book().scale() == Scale{.price_exp = -2, .qty_exp = -3});
  CHECK(story.bids() == "100 1; 99.25 0.001");
  CHECK(story.say({.asks = "101 0"}) == "update: ask 101 0");
  CHECK(story.builder.book().scale() == Scale{.price_exp = -2, .qty_exp = -3});
}

TEST_CASE("a number that leaves 64 bits loses the book") {
  Story story{kConsecutive};
  begin(story);
  CHECK(story.say({.sequence = 11, .bids = "99 0.0001"}) == "update 11: bid 99 0.0001");
  CHECK(story.say({.sequence = 12, .bids = "98 9000000000000000000"}) ==
        "lost: a number does not fit 64 bits");
  CHECK(story.say({.kind = snapshot, .sequence = 12, .bids = "100 1"}) == "snapshot 12: bid 100 1");
  // A level that stands does not fit the digits of another.
  CHECK(story.say({.sequence = 13, .bids = "97 900000000000000"}) ==
        "update 13: bid 97 900000000000000");
  CHECK(story.say({.sequence = 14, .bids = "96 0.000000000001"})
            .starts_with("lost: a number does not fit 64 bits"));
  CHECK(story.builder.counts().gaps == 2);

  Story whole{kWhole};
  whole.say({.kind = snapshot, .bids = "100 9000000000000000000"});
  CHECK(whole.say({.kind = snapshot, .bids = "100 0.5"}) == "lost: a number does not fit 64 bits");
  CHECK(whole.say({.kind = snapshot, .bids = "100 0.5"}) == "snapshot: bid 100 0.5");
}

TEST_CASE("an image without a number, and one where none is waited for, are of no use") {
  Story spot{{.continuity = BookContinuity::binance_spot}};
  CHECK(spot.say({.kind = image, .bids = "100 1"}).empty());
  Story consecutive{kConsecutive};
  CHECK(consecutive.say({.kind = image, .sequence = 5, .bids = "100 1"}).empty());
  CHECK(consecutive.builder.counts().stale == 1);
  CHECK(consecutive.say({.sequence = 6}).empty());
  CHECK_FALSE(consecutive.builder.trusted());
}

}  // namespace tapedeck
