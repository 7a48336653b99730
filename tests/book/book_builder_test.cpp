#include "tapedeck/book/book_builder.hpp"

#include "book/book_story.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <limits>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

using test::Story;
using enum BookMessageKind;

const BookRules kSpot{.continuity = BookContinuity::binance_spot};
const BookRules kFutures{.continuity = BookContinuity::binance_futures};
const BookRules kConsecutive{.continuity = BookContinuity::consecutive};
const BookRules kLinked{.continuity = BookContinuity::linked};
constexpr size_t kReordered = BookBuilder::kReordered;

// With the book `bid 100 1 ask 101 1` at number 10.
void begin(Story& story) {
  const std::string begun =
      story.say({.kind = snapshot, .sequence = 10, .bids = "100 1", .asks = "101 1"});
  CHECK(begun == "snapshot 10: bid 100 1 ask 101 1");
}

void begin_spot(Story& story) {
  story.say({.kind = image, .sequence = 9, .bids = "100 1", .asks = "101 1"});
  CHECK(story.say({.begin = 10, .sequence = 10}) == "snapshot 10:");
}

void begin_futures(Story& story) {
  story.say({.kind = image, .sequence = 10, .bids = "100 1", .asks = "101 1"});
  CHECK(story.say({.begin = 8, .sequence = 10, .previous = 7}) == "snapshot 10:");
}

}  // namespace

TEST_CASE("what comes before a snapshot is unsynced, and then the stream has a book") {
  Story story{{}};
  CHECK(story.say({.bids = "99.5 2"}) == "unsynced: bid 99.5 2");
  CHECK_FALSE(story.builder.trusted());
  CHECK(story.say({.kind = snapshot, .bids = "100 1; 99 2", .asks = "101 3"}) ==
        "snapshot: bid 100 1 bid 99 2 ask 101 3");
  CHECK(story.builder.trusted());
  CHECK(story.say({.bids = "100 0; 99.5 4", .asks = "101 1"}) ==
        "update: bid 100 0 bid 99.5 4 ask 101 1");
  CHECK(story.bids() == "99.5 4; 99 2");
  CHECK(story.asks() == "101 1");
  CHECK(story.builder.counts().messages == 3);
  CHECK(story.builder.counts().levels == 7);
  CHECK(story.builder.counts().unsynced == 1);
  CHECK(story.builder.integrity() == BookIntegrity::none);
}

TEST_CASE("a step has the times and the number of its message") {
  struct Times final : BookListener {
    std::vector<BookStep> steps;
    void on_step(const BookStep& step, const OrderBook&) override { steps.push_back(step); }
    void on_lost(std::string_view) override {}
  } listener;
  BookBuilder builder{kSpot, listener};
  const auto at = [](int64_t ns) { return from_epoch_ns(ns); };
  builder.apply(test::message_of({.kind = image, .sequence = 5}).message, at(7));
  builder.apply(test::message_of({.begin = 5, .sequence = 6, .ms = 1}).message, at(3));
  builder.apply(test::message_of({.begin = 7, .sequence = 8, .ms = 2}).message, at(9));
  REQUIRE(listener.steps.size() == 2);
  // The book could be known only when both had come.
  CHECK(listener.steps[0].ts_recv == at(7));
  CHECK(listener.steps[0].ts_event == at(1'000'000));
  CHECK(listener.steps[0].sequence == 6);
  CHECK(listener.steps[1].ts_recv == at(9));
  CHECK(listener.steps[1].ts_event == at(2'000'000));
}

TEST_CASE("each rule of continuity takes what follows and knows what is old") {
  {
    Story story{kConsecutive};
    begin(story);
    CHECK(story.say({.sequence = 11, .bids = "100 2"}) == "update 11: bid 100 2");
    CHECK(story.say({.sequence = 11, .bids = "100 2"}).empty());
    CHECK(story.say({.sequence = 3, .bids = "100 3"}).empty());
    CHECK(story.builder.counts().stale == 2);
    CHECK(story.builder.integrity() == BookIntegrity::sequence);
  }
  {
    Story story{kLinked};
    begin(story);
    CHECK(story.say({.sequence = 15, .previous = 10, .bids = "100 2"}) == "update 15: bid 100 2");
    CHECK(story.say({.sequence = 15, .previous = 10, .bids = "100 2"}).empty());
    // Nothing changed for a minute: the number stays.
    CHECK(story.say({.sequence = 15, .previous = 15}) == "update 15:");
    // Maintenance: it falls back.
    CHECK(story.say({.sequence = 3, .previous = 15, .bids = "100 4"}) == "update 3: bid 100 4");
    CHECK(story.say({.sequence = 5, .previous = 3, .bids = "100 5"}) == "update 5: bid 100 5");
  }
  {
    Story story{kSpot};
    begin_spot(story);
    CHECK(story.say({.begin = 11, .sequence = 13, .bids = "100 2"}) == "update 13: bid 100 2");
    CHECK(story.say({.begin = 11, .sequence = 13, .bids = "100 2"}).empty());
    // It joins updates that are known with new ones.
    CHECK(story.say({.begin = 12, .sequence = 14, .bids = "100 3"}) == "update 14: bid 100 3");
  }
  {
    Story story{kFutures};
    begin_futures(story);
    CHECK(story.say({.begin = 17, .sequence = 20, .previous = 10, .bids = "100 2"}) ==
          "update 20: bid 100 2");
    CHECK(story.say({.begin = 17, .sequence = 20, .previous = 10, .bids = "100 2"}).empty());
    CHECK(story.say({.begin = 18, .sequence = 19, .previous = 17, .bids = "100 9"}).empty());
    CHECK(story.builder.counts().stale == 2);
  }
}

TEST_CASE("two messages that changed places heal without a gap") {
  const auto check = [](Story& story, const test::Said& first, const test::Said& second) {
    CHECK(story.say(second).empty());
    CHECK_FALSE(story.builder.trusted());
    const std::string told = story.say(first);
    CHECK(told == fmt::format("update {}: bid 100 2 | update {}: bid 100 3", *first.sequence,
                              *second.sequence));
    CHECK(story.builder.trusted());
    CHECK(story.builder.counts().gaps == 0);
    CHECK(story.finish().empty());
  };
  Story consecutive{kConsecutive};
  begin(consecutive);
  check(consecutive, {.sequence = 11, .bids = "100 2"}, {.sequence = 12, .bids = "100 3"});
  Story linked{kLinked};
  begin(linked);
  check(linked, {.sequence = 15, .previous = 10, .bids = "100 2"},
        {.sequence = 21, .previous = 15, .bids = "100 3"});
  Story spot{kSpot};
  begin_spot(spot);
  check(spot, {.begin = 11, .sequence = 15, .bids = "100 2"},
        {.begin = 16, .sequence = 21, .bids = "100 3"});
  Story futures{kFutures};
  begin_futures(futures);
  check(futures, {.begin = 14, .sequence = 15, .previous = 10, .bids = "100 2"},
        {.begin = 19, .sequence = 21, .previous = 15, .bids = "100 3"});
}

TEST_CASE("a message that waits may come twice, and several may wait") {
  Story story{kConsecutive};
  begin(story);
  for (const int64_t sequence : {13, 12, 15, 13, 14})
    CHECK(story.say({.sequence = sequence}).empty());
  CHECK(story.say({.sequence = 11}) ==
        "update 11: | update 12: | update 13: | update 14: | update 15:");
  CHECK(story.builder.trusted());
  CHECK(story.builder.counts().stale == 1);
  // Of two that are missing one comes.
  CHECK(story.say({.sequence = 17}).empty());
  CHECK(story.say({.sequence = 19}).empty());
  CHECK(story.say({.sequence = 16}) == "update 16: | update 17:");
  CHECK_FALSE(story.builder.trusted());
  CHECK(story.finish() == "lost: sequence: 18 expected, 19 came | unsynced 19:");
}

TEST_CASE("a message that does not come is a loss once sixteen others have come") {
  struct Case {
    BookRules rules;
    std::string_view cause;
  };
  const std::vector<Case> cases{{kConsecutive, "lost: sequence: 11 expected, 12 came"},
                                {kLinked, "lost: sequence: 10 expected, 11 came"},
                                {kSpot, "lost: sequence: 11 expected, 12 came"},
                                {kFutures, "lost: sequence: 10 expected, 11 came"}};
  for (const Case& each : cases) {
    CAPTURE(each.cause);
    Story story{each.rules};
    const bool images = &each - cases.data() >= 2;
    if (!images) begin(story);
    if (each.rules.continuity == BookContinuity::binance_spot) begin_spot(story);
    if (each.rules.continuity == BookContinuity::binance_futures) begin_futures(story);
    const auto next = [&](int64_t number) {
      return story.say({.begin = number, .sequence = number, .previous = number - 1});
    };
    for (int64_t number = 12; number < 12 + static_cast<int64_t>(kReordered); ++number)
      CHECK(next(number).empty());
    const std::string told = next(12 + static_cast<int64_t>(kReordered));
    CHECK(told.starts_with(each.cause));
    CHECK_FALSE(story.builder.trusted());
    CHECK(story.builder.counts().gaps == 1);
    // They may follow the book that is to come.
    CHECK(story.builder.counts().unsynced == (images ? 0 : 1));
    CHECK(story.finish().starts_with("unsynced"));
    CHECK(story.builder.counts().unsynced == kReordered + 1);
  }
}

TEST_CASE("at the end of a stream what is missing is lost") {
  Story story{kConsecutive};
  begin(story);
  story.say({.sequence = 12, .bids = "100 3"});
  CHECK(story.finish() == "lost: sequence: 11 expected, 12 came | unsynced 12: bid 100 3");
  CHECK(story.finish().empty());
  Story fine{kConsecutive};
  begin(fine);
  CHECK(fine.finish().empty());
}

TEST_CASE("an image begins a book at the update that joins it") {
  struct Case {
    int64_t image, begin, sequence, previous;
    bool spot, futures;  // whether it bridges
  };
  const std::vector<Case> cases{{20, 15, 25, 14, true, true},  {20, 20, 25, 19, true, true},
                                {20, 21, 25, 20, true, true},  {20, 21, 25, 19, true, false},
                                {20, 15, 20, 14, false, true}, {20, 20, 20, 19, false, true},
                                {20, 15, 21, 14, true, true},  {20, 22, 25, 21, false, false},
                                {20, 15, 19, 14, false, false}};
  for (const bool spot : {true, false}) {
    for (const bool image_first : {true, false}) {
      for (const Case& each : cases) {
        CAPTURE(&each - cases.data());
        CAPTURE(spot);
        Story story{spot ? kSpot : kFutures};
        const test::Said picture{
            .kind = image, .sequence = each.image, .bids = "100 1", .asks = "101 1"};
        const test::Said update{.begin = each.begin,
                                .sequence = each.sequence,
                                .previous = each.previous,
                                .bids = "99 5"};
        CHECK(story.say(image_first ? picture : update).empty());
        const std::string told = story.say(image_first ? update : picture);
        const bool bridges = spot ? each.spot : each.futures;
        CHECK(told == (bridges ? fmt::format("snapshot {}: bid 99 5", each.sequence) : ""));
        if (bridges) CHECK(story.bids() == "100 1; 99 5");
      }
    }
  }
}

TEST_CASE("updates that an image has are unsynced, those behind it follow") {
  Story story{kSpot};
  for (const int64_t number : {10, 11, 12, 13, 14})
    CHECK(story.say({.begin = number, .sequence = number, .bids = "99 5"}).empty());
  CHECK(story.say({.kind = image, .sequence = 11, .bids = "100 1"}) ==
        "unsynced 10: bid 99 5 | unsynced 11: bid 99 5 | snapshot 12: bid 99 5 | "
        "update 13: bid 99 5 | update 14: bid 99 5");
  CHECK(story.builder.sequence() == 14);
  // Old images are of no use.
  CHECK(story.say({.kind = image, .sequence = 14, .bids = "90 1"}).empty());
  CHECK(story.bids() == "100 1; 99 5");
  CHECK(story.builder.counts().stale == 1);
}

TEST_CASE("an image that is too old waits for nothing, and the next one is taken") {
  Story story{kFutures};
  CHECK(story.say({.begin = 20, .sequence = 25, .previous = 19, .bids = "99 1"}).empty());
  CHECK(story.say({.kind = image, .sequence = 15, .bids = "100 1"}).empty());
  CHECK(story.say({.begin = 30, .sequence = 35, .previous = 25, .bids = "99 2"}).empty());
  CHECK(story.say({.kind = image, .sequence = 25, .bids = "100 1"}) ==
        "snapshot 25: bid 99 1 | update 35: bid 99 2");
}

TEST_CASE("updates that changed places at the bridge, and a hole behind it") {
  Story story{kSpot};
  story.say({.kind = image, .sequence = 10, .bids = "100 1"});
  CHECK(story.say({.begin = 12, .sequence = 12, .bids = "99 2"}).empty());
  CHECK(story.say({.begin = 11, .sequence = 11, .bids = "99 1"}) ==
        "snapshot 11: bid 99 1 | update 12: bid 99 2");
  Story holed{kSpot};
  for (const int64_t number : {11, 12, 14, 15})
    holed.say({.begin = number, .sequence = number});
  CHECK(holed.say({.kind = image, .sequence = 10}) == "snapshot 11: | update 12:");
  CHECK_FALSE(holed.builder.trusted());
  CHECK(holed.say({.begin = 13, .sequence = 13}) == "update 13: | update 14: | update 15:");
  CHECK(holed.builder.trusted());
}

TEST_CASE("after a loss an image brings the book back") {
  Story story{kSpot};
  begin_spot(story);
  for (int64_t number = 12; number <= 40; ++number)
    story.say({.begin = number, .sequence = number, .bids = "99 1"});
  CHECK(story.builder.counts().gaps == 1);
  CHECK(story.say({.kind = image, .sequence = 38, .bids = "98 7", .asks = "101 1"})
            .ends_with("unsynced 38: bid 99 1 | snapshot 39: bid 99 1 | update 40: bid 99 1"));
  CHECK(story.bids() == "99 1; 98 7");
  CHECK(story.builder.counts().resyncs == 1);
  CHECK(story.builder.counts().unsynced == 27);
  CHECK(story.say({.begin = 41, .sequence = 41}) == "update 41:");
}

// The recorder asks for it as soon as it is connected again, and the stream is quiet.
TEST_CASE("an image that comes before its loss is noticed is used") {
  Story story{kSpot};
  begin_spot(story);
  CHECK(story.say({.kind = image, .sequence = 30, .bids = "97 1", .asks = "101 1"}).empty());
  CHECK(story.builder.trusted());
  std::string told;
  for (int64_t number = 31; told.empty() && number < 60; ++number)
    told = story.say({.begin = number, .sequence = number});
  CHECK(told.starts_with("lost: sequence: 11 expected, 31 came | snapshot 31: | update 32:"));
  CHECK(story.builder.trusted());
  CHECK(story.bids() == "97 1");

  Story quiet{kSpot};
  begin_spot(quiet);
  quiet.say({.begin = 31, .sequence = 31, .bids = "98 1"});
  CHECK(quiet.say({.kind = image, .sequence = 30, .bids = "97 1"}).empty());
  CHECK(quiet.finish() == "lost: sequence: 11 expected, 31 came | snapshot 31: bid 98 1");

  Story crossed{kSpot};
  begin_spot(crossed);
  crossed.say({.kind = image, .sequence = 30, .bids = "97 1"});
  crossed.say({.begin = 31, .sequence = 31, .bids = "98 1"});
  CHECK(crossed.say({.begin = 11, .sequence = 11, .bids = "101 1"}) ==
        "lost: crossed: bid 101 against ask 101 | unsynced 11: bid 101 1 | snapshot 31: bid 98 1");
}

TEST_CASE("an image between two messages that changed places is no loss") {
  Story story{kSpot};
  begin_spot(story);
  CHECK(story.say({.begin = 12, .sequence = 12, .bids = "99 2"}).empty());
  CHECK(story.say({.kind = image, .sequence = 11, .bids = "100 1; 99 1"}).empty());
  CHECK(story.say({.begin = 11, .sequence = 11, .bids = "99 1"}) ==
        "update 11: bid 99 1 | update 12: bid 99 2");
  CHECK(story.builder.trusted());
}

TEST_CASE("no number is too great") {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  for (const int64_t begin : {kMost, kMost - 1, int64_t{0}, std::numeric_limits<int64_t>::min()}) {
    Story story{kSpot};
    CHECK(story.say({.kind = image, .sequence = kMost}).empty());
    CHECK(story.say({.begin = begin, .sequence = kMost}).empty());
  }
  Story story{kConsecutive};
  story.say({.kind = snapshot, .sequence = std::numeric_limits<int64_t>::min(), .bids = "1 1"});
  CHECK(story.say({.kind = snapshot, .sequence = kMost, .bids = "2 1"})
            .starts_with("lost: new snapshot | snapshot"));
  CHECK(story.say({.sequence = kMost}).empty());
  CHECK(story.say({.kind = snapshot, .sequence = kMost - 1, .bids = "2 2"}).starts_with("lost"));
  CHECK(story.say({.sequence = kMost, .ms = 1}) == fmt::format("update {}:", kMost));
  CHECK(story.say({.sequence = 2, .ms = 2}).empty());
  CHECK(story.finish().starts_with(fmt::format("lost: sequence: {} expected, 2 came", kMost)));
}

TEST_CASE("updates that wait for an image are given up from the oldest on") {
  Story story{kSpot};
  std::vector<WireLevel> levels(BookBuilder::kHeldLevels / 4,
                                {.price = {.units = 1}, .quantity = {.units = 1}});
  BookMessage message{.sequence_begin = 1, .sequence = 1, .bids = levels};
  for (int64_t number = 1; number <= 3; ++number) {
    message.sequence_begin = message.sequence = number;
    CHECK(story.apply(message).empty());
  }
  message.sequence_begin = message.sequence = 4;
  CHECK(story.apply(message).starts_with("unsynced 1: bid 1 1"));
  message.bids = {};
  message.sequence_begin = message.sequence = 5;
  CHECK(story.apply(message).empty());
  CHECK(story.builder.counts().unsynced == 1);
  CHECK(story.say({.kind = image, .sequence = 2}).starts_with("unsynced 2: bid 1 1"));
  CHECK(story.builder.trusted());
  CHECK(story.builder.sequence() == 5);

  // And as many again.
  story.lose("closed");
  message.bids = levels;
  for (int64_t number = 11; number <= 13; ++number) {
    message.sequence_begin = message.sequence = number;
    CHECK(story.apply(message).empty());
  }
}

TEST_CASE("updates without levels do not wait without end either") {
  Story story{kSpot};
  std::string told;
  int64_t number = 1;
  for (; told.empty() && number < 2'000'000; ++number)
    told = story.say({.begin = number, .sequence = number});
  CHECK(told == "unsynced 1:");
}

TEST_CASE("many updates that an image has cost no more when others are between") {
  Story story{kSpot};
  constexpr int64_t kMany = 50'000;
  for (int64_t number = 1; number <= kMany; ++number) {
    story.say({.begin = number, .sequence = number});
    story.say({.begin = 2 * kMany + number, .sequence = 2 * kMany + number});
  }
  story.say({.kind = image, .sequence = kMany - 1});
  CHECK(story.builder.sequence() == kMany);
  CHECK(story.builder.counts().unsynced == kMany - 1);
  story.finish();
  CHECK(story.builder.counts().unsynced == 2 * kMany - 1);
}

}  // namespace tapedeck
