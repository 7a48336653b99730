#include "tapedeck/base/retry.hpp"

#include "thrown.hpp"

#include <doctest/doctest.h>

#include <memory>

namespace tapedeck {
namespace {

using std::chrono::milliseconds;

RetryOptions at_once() {
  return {.first = milliseconds{0}, .longest = milliseconds{0}, .max_tries = 5};
}

TEST_CASE("waits grow by half, within half of that, up to the longest") {
  RetrySchedule schedule{{.total = milliseconds{1'000'000}, .max_tries = 20}, 7};
  double plain = 500;
  for (int failure = 0; failure < 12; ++failure) {
    const auto wait = schedule.next_wait(milliseconds{0});
    REQUIRE(wait.has_value());
    CHECK(static_cast<double>(wait->count()) >= plain * 0.5 - 1);
    CHECK(static_cast<double>(wait->count()) <= plain * 1.5);
    plain = std::min(plain * 1.5, 5'000.0);
  }
}

TEST_CASE("gives up when the time or the tries are over, whichever comes first") {
  RetrySchedule few{{.max_tries = 3}, 7};
  CHECK(few.next_wait(milliseconds{0}));
  CHECK(few.next_wait(milliseconds{0}));
  CHECK_FALSE(few.next_wait(milliseconds{0}));
  RetrySchedule late{{}, 7};
  CHECK_FALSE(late.next_wait(milliseconds{29'900}));
}

TEST_CASE("what may succeed later is done again, and what cannot is not") {
  int tries = 0;
  with_retry(
      [&] {
        if (++tries < 4) throw Error{ErrorCode::timeout, "no room"};
      },
      at_once());
  CHECK(tries == 4);

  tries = 0;
  test::check_refused(ErrorCode::corrupt, {"broken"}, [&] {
    with_retry(
        [&] {
          ++tries;
          throw Error{ErrorCode::corrupt, "broken"};
        },
        at_once());
  });
  CHECK(tries == 1);
}

TEST_CASE("after the last try the last error is thrown") {
  int tries = 0;
  test::check_refused(ErrorCode::write_conflict, {"try 5"}, [&] {
    with_retry(
        [&] {
          throw Error{ErrorCode::write_conflict, "try " + std::to_string(++tries)};
        },
        at_once());
  });
  CHECK(tries == 5);
}

TEST_CASE("a stop ends the waiting") {
  const auto stop = std::make_unique<std::stop_source>();  // g++ 12 warns of one on the stack
  stop->request_stop();
  int tries = 0;
  test::check_refused(ErrorCode::timeout, {"no room"}, [&] {
    with_retry(
        [&] {
          ++tries;
          throw Error{ErrorCode::timeout, "no room"};
        },
        {}, stop->get_token());
  });
  CHECK(tries == 1);
}

}  // namespace
}  // namespace tapedeck
