#include "market/level_index.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <random>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

using Entries = std::vector<std::pair<int64_t, uint32_t>>;

uint32_t slot_of(LevelIndex& index, int64_t level) {
  if (!index.make_room(level, level, level)) return index.slot_anywhere(level);
  return index.slot(static_cast<uint64_t>(level) - index.base());
}

Entries drained(LevelIndex& index) {
  Entries entries;
  index.drain([&](int64_t level, uint32_t slot) { entries.emplace_back(level, slot); });
  return entries;
}

}  // namespace

TEST_CASE("levels come back rising, with slots in order of first use") {
  LevelIndex index{1 << 16};
  for (const int64_t level : {50, -3, 50, 70'000 - 60'000, -3, 51})
    slot_of(index, level);
  CHECK(index.used() == 4);
  CHECK(drained(index) == Entries{{-3, 2}, {50, 1}, {51, 4}, {10'000, 3}});
  CHECK(index.used() == 0);
  CHECK(drained(index).empty());
}

TEST_CASE("a window that moves or grows keeps its slots") {
  std::mt19937_64 random{1};
  LevelIndex index{1 << 20};
  for (int bar = 0; bar < 5; ++bar) {
    std::map<int64_t, uint32_t> expected;
    int64_t level = 0;
    for (int row = 0; row < 3000; ++row) {
      level += static_cast<int64_t>(random() % 401) - (bar % 2 == 0 ? 100 : 300);
      const uint32_t slot = slot_of(index, level);
      CHECK(expected.try_emplace(level, slot).first->second == slot);
    }
    CHECK(drained(index) == Entries(expected.begin(), expected.end()));
  }
}

TEST_CASE("levels too far apart for the window are hashed, in the same order") {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  for (const size_t window : {size_t{0}, size_t{64}, size_t{1} << 12}) {
    CAPTURE(window);
    LevelIndex index{window};
    for (int bar = 0; bar < 2; ++bar) {
      std::map<int64_t, uint32_t> expected;
      for (const int64_t level : std::vector<int64_t>{7, 9, kMax, kMin, 8, -4000, 4000, kMax - 1, 7,
                                                      kMin + 1, 100'000, kMin, 31, 2000}) {
        const uint32_t slot = slot_of(index, level);
        CHECK(expected.try_emplace(level, slot).first->second == slot);
      }
      CHECK(drained(index) == Entries(expected.begin(), expected.end()));
    }
  }
}

TEST_CASE("room is made for a span that fits, and refused for one that does not") {
  LevelIndex index{4096};
  CHECK(index.make_room(-2048, 2047, 0));
  CHECK_FALSE(index.make_room(-2048, 2048, 0));
  // Levels outside may exist from here on, so the window stays where it is.
  CHECK(index.make_room(0, 0, 0));
  drained(index);
  CHECK(index.make_room(1'000'000, 1'004'095, 1'000'000));
}

}  // namespace tapedeck
