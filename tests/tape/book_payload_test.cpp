#include "tape/book_payload.hpp"

#include "book/book_story.hpp"
#include "tapedeck/tape/payload.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::at_ms;

Frame frame_of(const BookRows& rows) {
  const FrameContent content{rows};
  return {.sequence = 1,
          .kind = kind_of(content),
          .count = rows_of(content),
          .payload = to_payload(content)};
}

BookRows again(const BookRows& rows) {
  const auto read = read_payload(frame_of(rows));
  REQUIRE(read.has_value());
  return std::get<BookRows>(*read);
}

TEST_CASE("messages of books keep their text's digits, their numbers and their times") {
  BookRows rows{.source = "websocket",
                .book = {.channel = "books", .interrupted = std::string(300, 'x')}};
  rows.book.messages.push_back(test::message_of({.kind = BookMessageKind::snapshot,
                                                 .begin = INT64_MIN,
                                                 .sequence = INT64_MAX,
                                                 .previous = -1,
                                                 .checksum = UINT32_MAX,
                                                 .ms = 5,
                                                 .bids = "100.50 2; 1e-12 9223372036854775807",
                                                 .asks = "101 0"}));
  rows.book.messages.push_back(test::message_of({.kind = BookMessageKind::image}));
  rows.book.messages.back().ts_recv = at_ms(9);
  CHECK(rows_of(FrameContent{rows}) == 3);
  const BookRows read = again(rows);
  CHECK(read.source == "websocket");
  CHECK(read.book.channel == "books");
  CHECK(read.book.interrupted == rows.book.interrupted);
  REQUIRE(read.book.messages.size() == 2);
  const OwnedBookMessage& one = read.book.messages[0];
  CHECK(one.message.kind == BookMessageKind::snapshot);
  CHECK(one.message.ts_event == at_ms(5));
  CHECK_FALSE(one.ts_recv.has_value());
  CHECK(one.message.sequence_begin == INT64_MIN);
  CHECK(one.message.sequence == INT64_MAX);
  CHECK(one.message.sequence_previous == -1);
  CHECK(one.message.checksum == UINT32_MAX);
  CHECK(one.levels == rows.book.messages[0].levels);
  CHECK(one.levels[0].price.digits == 2);
  CHECK(one.message.bids.size() == 2);
  const OwnedBookMessage& other = read.book.messages[1];
  CHECK(other.message.kind == BookMessageKind::image);
  CHECK(other.ts_recv == at_ms(9));
  CHECK(other.levels.empty());
}

TEST_CASE("bytes that are no messages of a book are refused") {
  BookRows rows{.source = "s", .book = {.channel = "c"}};
  rows.book.messages.push_back(test::message_of({.bids = "100 1"}));
  const Frame frame = frame_of(rows);
  const auto refused = [&](size_t from_end, std::byte value) {
    Frame damaged = frame;
    damaged.payload[damaged.payload.size() - from_end] = value;
    const auto read = read_payload(damaged);
    return !read.has_value() && read.error() == "the payload is no book_messages";
  };
  constexpr size_t kLevel = 20;
  CHECK(refused(2, std::byte{1}));               // exponent of the quantity
  CHECK(refused(2, std::byte{0xF3}));            // −13
  CHECK(refused(kLevel + 4, std::byte{1}));      // asks
  CHECK(refused(kLevel + 8, std::byte{2}));      // bids
  CHECK(refused(kLevel + 8, std::byte{0}));      // bytes left over
  CHECK(refused(kLevel + 10, std::byte{3}));     // kind
  CHECK(refused(kLevel + 14, std::byte{0xFF}));  // messages
}

TEST_CASE("numbers that parse_wire_number() does not give are told from those that it gives") {
  CHECK(is_wire_number({.units = -5, .exponent = -12}));
  CHECK(is_wire_number({}));
  CHECK_FALSE(is_wire_number({.units = 1, .exponent = 1}));
  CHECK_FALSE(is_wire_number({.units = 1, .exponent = -13}));
}

}  // namespace
}  // namespace tapedeck
