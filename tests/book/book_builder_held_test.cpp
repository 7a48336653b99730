// A builder that is given up at any moment, and another one that goes on from what it says, tell
// what one alone tells.
#include "book/book_story.hpp"
#include "book/clean_stream.hpp"

#include <memory>
#include <random>

namespace tapedeck {
namespace {

using namespace test;

std::unique_ptr<Story> successor(const Story& story) {
  const BookBuilder& builder = story.builder;
  auto next = std::make_unique<Story>(builder.rules(), builder.book().scale());
  if (story.has_book()) {
    OrderBook book{builder.book().scale()};
    for (const BookSide side : {BookSide::bid, BookSide::ask}) {
      for (const BookLevel& level : builder.book().levels(side))
        book.set(side, level.price, level.quantity);
    }
    next->resume(std::move(book), builder.sequence());
  }
  for (const BookBuilder::Waiting& waiting : builder.waiting())
    CHECK(next->apply(waiting.message->message, waiting.message->ts_recv).empty());
  return next;
}

// Some are missing, come twice or in another order; books come again.
std::vector<OwnedBookMessage> disturbed(const CleanStream& stream, std::mt19937_64& random) {
  std::vector<OwnedBookMessage> messages;
  MapBook book;
  book.set(stream.first.front().message);
  const BookMessageKind kind = stream.first.front().message.kind;
  messages.push_back(stream.first.front());
  for (const OwnedBookMessage& update : stream.updates) {
    book.set(update.message);
    const uint64_t fate = random() % 20;
    if (fate > 0) messages.push_back(update);
    if (fate == 1) messages.push_back(update);
    if (fate < 5 && messages.size() > 2) std::swap(messages.back(), messages.end()[-2]);
    if (random() % 25 == 0) {
      messages.push_back(
          whole_message(book, kind, *update.message.sequence, update.message.ts_event));
    }
  }
  return messages;
}

TEST_CASE("what a builder waits for can be handed to the next one at any moment") {
  for (const BookContinuity continuity :
       {BookContinuity::binance_spot, BookContinuity::binance_futures, BookContinuity::consecutive,
        BookContinuity::linked, BookContinuity::none}) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(static_cast<int>(continuity));
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      const CleanStream stream = RandomWalk{continuity, seed}.stream(300);
      Story alone{stream.rules};
      auto relay = std::make_unique<Story>(stream.rules);
      size_t waited = 0;
      for (const OwnedBookMessage& message : disturbed(stream, random)) {
        if (random() % 3 == 0) relay = successor(*relay);
        waited += relay->builder.waiting().size();
        REQUIRE(relay->apply(message.message) == alone.apply(message.message));
      }
      CHECK((waited > 0 || continuity == BookContinuity::none));
      CHECK(relay->finish() == alone.finish());
      CHECK(relay->builder.waiting().size() == alone.builder.waiting().size());
    }
  }
}

TEST_CASE("a connection that was closed is a loss where no number would show one") {
  for (const auto& [continuity, told] : std::vector<std::pair<BookContinuity, std::string>>{
           {BookContinuity::none, "lost: closed"},
           {BookContinuity::connection, "lost: closed"},
           {BookContinuity::consecutive, ""},
           {BookContinuity::linked, ""}}) {
    CAPTURE(static_cast<int>(continuity));
    Story story{{.continuity = continuity}};
    story.say({.kind = BookMessageKind::snapshot, .sequence = 1, .bids = "100 1", .asks = "101 1"});
    CHECK(story.interrupt("closed") == told);
    CHECK(story.builder.trusted() == told.empty());
  }
}

}  // namespace
}  // namespace tapedeck
