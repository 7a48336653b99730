#include "store/keyframe_cache.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

constexpr BookStreamId kStream{1};

KeyframeCache::Levels levels(size_t count) {
  return std::make_shared<const std::vector<KeyframeLevel>>(count);
}

TEST_CASE("a keyframe is found of its moment, its stream and its ordinal alone") {
  KeyframeCache cache;
  cache.keep(4, kStream, 7, levels(3));
  REQUIRE(cache.find(4, kStream, 7) != nullptr);
  CHECK(cache.find(4, kStream, 7)->size() == 3);
  CHECK(cache.find(4, kStream, 8) == nullptr);
  CHECK(cache.find(4, BookStreamId{2}, 7) == nullptr);
  CHECK(cache.find(6, kStream, 7) == nullptr);
  CHECK(cache.find(std::nullopt, kStream, 7) == nullptr);
}

TEST_CASE("what is of a later moment takes the place of all, what is of an earlier one none") {
  KeyframeCache cache;
  cache.keep(4, kStream, 7, levels(3));
  cache.keep(6, kStream, 8, levels(3));
  CHECK(cache.find(6, kStream, 7) == nullptr);
  CHECK(cache.find(6, kStream, 8) != nullptr);
  cache.keep(4, kStream, 9, levels(3));
  cache.keep(std::nullopt, kStream, 10, levels(3));
  CHECK(cache.find(4, kStream, 9) == nullptr);
  CHECK(cache.find(6, kStream, 10) == nullptr);
  CHECK(cache.find(6, kStream, 8) != nullptr);
}

TEST_CASE("no more levels are kept than are said, and who holds some keeps them") {
  KeyframeCache cache;
  constexpr size_t kThird = KeyframeCache::kMostLevels / 3;
  for (int64_t ordinal = 1; ordinal <= 3; ++ordinal)
    cache.keep(2, kStream, ordinal, levels(kThird));
  const KeyframeCache::Levels held = cache.find(2, kStream, 1);
  REQUIRE(held != nullptr);
  cache.keep(2, kStream, 4, levels(kThird));
  CHECK(cache.find(2, kStream, 1) == nullptr);
  CHECK(cache.find(2, kStream, 4) != nullptr);
  CHECK(held->size() == kThird);
  cache.keep(2, kStream, 5, levels(KeyframeCache::kMostLevels + 1));
  CHECK(cache.find(2, kStream, 5) == nullptr);
  CHECK(cache.find(2, kStream, 4) != nullptr);
}

}  // namespace
}  // namespace tapedeck
