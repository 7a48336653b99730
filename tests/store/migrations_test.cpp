#include "store/migrations.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace tapedeck {
namespace {

TEST_CASE("steps are numbered from 1 without holes, with names of their own") {
  std::set<std::string_view> names;
  int expected = 1;
  for (const Migration& migration : builtin_migrations()) {
    CHECK(migration.version == expected++);
    CHECK(names.insert(migration.name).second);
    CHECK_FALSE(migration.up.empty());
    CHECK_FALSE(migration.down.empty());
  }
}

TEST_CASE("a checksum tells any change of a step") {
  const Migration step{1, "name", "up", "down", false};
  const std::string checksum = checksum_of(step);
  CHECK(checksum.size() == 64);
  CHECK(checksum_of(step) == checksum);
  CHECK(checksum_of({1, "Name", "up", "down", false}) != checksum);
  CHECK(checksum_of({1, "name", "UP", "down", false}) != checksum);
  CHECK(checksum_of({1, "name", "up", "DOWN", false}) != checksum);
}

TEST_CASE("shipped steps stay as they are: every store keeps their checksums") {
  // A change here makes stores unreadable. Write a new step instead.
  const auto steps = builtin_migrations();
  REQUIRE(steps.size() >= 3);
  CHECK(steps[0].down_loses_rows);
  CHECK(steps[1].down_loses_rows);
  CHECK(steps[2].down_loses_rows);
  for (const Migration& names : steps.subspan(3))
    CHECK_FALSE(names.down_loses_rows);
}

}  // namespace
}  // namespace tapedeck
