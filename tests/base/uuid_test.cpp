#include "base/uuid.hpp"

#include <doctest/doctest.h>

#include <string>

namespace tapedeck {
namespace {

TEST_CASE("a UUID is 36 characters, with dashes where they belong") {
  const std::string good = "2602d89e-c01a-402a-92d1-3b47C1E135aF";
  CHECK(is_uuid(good));
  CHECK_FALSE(is_uuid(""));
  CHECK_FALSE(is_uuid(good.substr(1)));
  CHECK_FALSE(is_uuid(good + "0"));
  for (const size_t at : {0U, 8U, 13U, 18U, 23U, 35U}) {
    std::string bad = good;
    bad[at] = bad[at] == '-' ? '0' : 'g';
    CAPTURE(bad);
    CHECK_FALSE(is_uuid(bad));
  }
}

}  // namespace
}  // namespace tapedeck
