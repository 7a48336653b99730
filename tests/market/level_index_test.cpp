#include "market/level_index.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

using Entries = std::vector<std::pair<int64_t, size_t>>;

size_t cell_of(LevelIndex& index, int64_t level) {
  if (!index.make_room(level, level, level)) return index.cell_anywhere(level);
  return index.cell(static_cast<uint64_t>(level) - index.base());
}

Entries drained(LevelIndex& index) {
  Entries entries;
  index.drain([&](int64_t level, size_t cell) { entries.emplace_back(level, cell); });
  return entries;
}

}  // namespace

TEST_CASE("levels come back rising, each with a cell of its own") {
  LevelIndex index{1 << 16};
  Entries expected;
  for (const int64_t level : {50, -3, 51, 10'000}) {
    expected.emplace_back(level, cell_of(index, level));
    CHECK(cell_of(index, level) == expected.back().second);
    CHECK(expected.back().second < index.cells());
  }
  std::ranges::sort(expected);
  CHECK(index.levels() == 4);
  CHECK(drained(index) == expected);
  CHECK(index.levels() == 0);
  CHECK(drained(index).empty());
}

TEST_CASE("cells stay within what was foretold") {
  for (const size_t window : {size_t{0}, size_t{1} << 20}) {
    LevelIndex index{window};
    std::set<size_t> cells;
    for (int64_t row = 0; row < 1000; ++row) {
      const size_t limit = index.cells_after(1);
      const size_t cell = cell_of(index, row * 100);
      CHECK(cell < limit);
      CHECK(cells.insert(cell).second);
    }
    CHECK(index.levels() == 1000);
  }
}

TEST_CASE("a window that moves or grows keeps its slots") {
  std::mt19937_64 random{1};
  LevelIndex index{1 << 20};
  for (int bar = 0; bar < 5; ++bar) {
    std::map<int64_t, size_t> expected;
    int64_t level = 0;
    for (int row = 0; row < 3000; ++row) {
      level += static_cast<int64_t>(random() % 401) - (bar % 2 == 0 ? 100 : 300);
      const size_t cell = cell_of(index, level);
      CHECK(expected.try_emplace(level, cell).first->second == cell);
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
      std::map<int64_t, size_t> expected;
      for (const int64_t level : std::vector<int64_t>{7, 9, kMax, kMin, 8, -4000, 4000, kMax - 1, 7,
                                                      kMin + 1, 100'000, kMin, 31, 2000}) {
        const size_t cell = cell_of(index, level);
        CHECK(expected.try_emplace(level, cell).first->second == cell);
      }
      CHECK(drained(index) == Entries(expected.begin(), expected.end()));
    }
  }
}

TEST_CASE("room is made for a span that fits, and refused for one that does not") {
  LevelIndex index{4096};
  CHECK(index.make_room(-2000, 2032, 0));
  CHECK_FALSE(index.make_room(-2000, 2100, 0));
  // Levels outside may exist from here on, so the window stays where it is.
  CHECK(index.make_room(0, 0, 0));
  drained(index);
  CHECK(index.make_room(1'000'000, 1'004'000, 1'000'000));
}

}  // namespace tapedeck
