#include "tapedeck/base/uuid.hpp"

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

TEST_CASE("a UUID is read as it is written") {
  const auto uuid = parse_uuid("2602D89E-c01a-402a-92d1-3b47c1e135af");
  REQUIRE(uuid);
  CHECK(uuid->high == 0x2602d89ec01a402a);
  CHECK(uuid->low == 0x92d13b47c1e135af);
  CHECK(to_text(*uuid) == "2602d89e-c01a-402a-92d1-3b47c1e135af");
  CHECK_FALSE(parse_uuid("2602d89e"));
}

TEST_CASE("random UUIDs differ and say version 4; named ones repeat and say version 8") {
  const std::string one = to_text(random_uuid());
  CHECK(one != to_text(random_uuid()));
  CHECK(one[14] == '4');
  CHECK(std::string{"89ab"}.find(one[19]) != std::string::npos);
  CHECK(named_uuid("fill 1") == named_uuid("fill 1"));
  CHECK(named_uuid("fill 1") != named_uuid("fill 2"));
  CHECK(to_text(named_uuid("fill 1"))[14] == '8');
}

}  // namespace
}  // namespace tapedeck
