#include "store/key_set.hpp"

#include <doctest/doctest.h>

#include <string>

namespace tapedeck {
namespace {

TEST_CASE("a set never misses a key, and rarely takes one for another") {
  KeySet set;
  CHECK_FALSE(set.may_contain(KeySet::key_of("")));
  constexpr int kKeys = 100'000;
  for (int i = 0; i < kKeys; ++i)
    set.insert(KeySet::key_of(std::to_string(i)));
  set.insert(KeySet::key_of("7"));
  CHECK(set.size() == kKeys);
  for (int i = 0; i < kKeys; ++i)
    REQUIRE(set.may_contain(KeySet::key_of(std::to_string(i))));
  for (int i = kKeys; i < 2 * kKeys; ++i)
    REQUIRE_FALSE(set.may_contain(KeySet::key_of(std::to_string(i))));
  set.clear();
  CHECK(set.size() == 0);
  CHECK_FALSE(set.may_contain(KeySet::key_of("7")));
}

}  // namespace
}  // namespace tapedeck
