#include "cli/book_options.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

TEST_CASE("an instant is any time that the program reads, and a clock is one of two") {
  const BookRequest request =
      book_request({.at = "2024-08-08T23:55", .clock = "recv", .stream = "books"});
  CHECK(to_iso(*request.at) == "2024-08-08T23:55:00Z");
  CHECK(request.clock == BookClock::recv);
  CHECK(request.stream == "books");
  CHECK_FALSE(book_request({}).at.has_value());
  CHECK_THROWS_WITH_AS(book_request({.at = "yesterday"}),
                       "--at: 'yesterday' is no instant; e.g. 2024-08-08T23:55 or nanoseconds "
                       "since 1970",
                       Error);
  CHECK_THROWS_AS(clock_from("ours"), Error);
}

TEST_CASE("an answer from a book names its stream") {
  LiquidityAnswer answer;
  answer.stream.channel = "books";
  answer.updates = 7;
  const TapeAnswer told = to_tape_answer(answer);
  CHECK(told.given == "book:books");
  CHECK(told.rows == 7);
}

}  // namespace
}  // namespace tapedeck
