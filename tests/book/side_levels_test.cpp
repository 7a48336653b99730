#include "book/side_levels.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kGreatest = std::numeric_limits<int64_t>::max();
constexpr auto kSlots = static_cast<int64_t>(BookSideLevels::kFewestSlots);

std::vector<std::pair<int64_t, int64_t>> all(const BookSideLevels& levels) {
  std::vector<std::pair<int64_t, int64_t>> result;
  levels.each([&](int64_t key, int64_t quantity) {
    result.emplace_back(key, quantity);
    return true;
  });
  return result;
}

// The levels, and a map that they are compared with after each step.
struct Pair {
  BookSideLevels levels;
  std::map<int64_t, int64_t> map;

  void set(int64_t key, int64_t quantity) {
    levels.set(key, quantity);
    if (quantity == 0) {
      map.erase(key);
    } else {
      map[key] = quantity;
    }
    check(key);
  }
  void check(int64_t key) const {
    const auto found = map.find(key);
    REQUIRE(levels.quantity_at(key) == (found == map.end() ? 0 : found->second));
    REQUIRE(levels.size() == map.size());
    REQUIRE(levels.empty() == map.empty());
    if (map.empty()) return;
    REQUIRE(levels.first_key() == map.begin()->first);
    REQUIRE(levels.first_quantity() == map.begin()->second);
    REQUIRE(levels.last_key() == map.rbegin()->first);
  }
  void check_all() const {
    REQUIRE(all(levels) == std::vector<std::pair<int64_t, int64_t>>{map.begin(), map.end()});
  }
};

}  // namespace

TEST_CASE("levels that were never set are none") {
  const BookSideLevels levels;
  CHECK(levels.empty());
  CHECK(levels.size() == 0);
  CHECK(levels.quantity_at(0) == 0);
  CHECK(levels.quantity_at(kLeast) == 0);
  CHECK(all(levels).empty());
}

TEST_CASE("taking away a level that is not there changes nothing") {
  Pair pair;
  pair.set(5, 0);
  pair.set(1'000'000, 3);
  for (const int64_t key : {int64_t{5}, int64_t{1'000'001}, int64_t{2'000'000}, kLeast, kGreatest})
    pair.set(key, 0);
  pair.check_all();
}

TEST_CASE("levels in front of the window, in it and behind it come in order") {
  Pair pair;
  for (const int64_t key : {int64_t{0}, 3 * kSlots, -3 * kSlots, int64_t{1}, 3 * kSlots + 1,
                            -3 * kSlots - 1, kSlots, -kSlots}) {
    pair.set(key, key * key + 1);
    pair.check_all();
  }
  while (!pair.map.empty()) {
    pair.set(pair.map.begin()->first, 0);
    pair.check_all();
  }
}

TEST_CASE("the window follows a touch that moves away through a deep book, and back") {
  Pair pair;
  constexpr int64_t kDepth = 5'000;
  for (int64_t key = 0; key < kDepth; ++key)
    pair.set(key, key + 1);
  for (int64_t key = 0; key < kDepth; ++key)
    pair.set(key, 0);
  CHECK(pair.levels.empty());
  for (int64_t key = kDepth; key > 0; --key)
    pair.set(key, key);
  pair.check_all();
}

TEST_CASE("a window grows where much happens behind it") {
  Pair pair;
  pair.set(0, 1);
  std::mt19937_64 random{2};
  for (int step = 0; step < 20'000; ++step) {
    const auto key = static_cast<int64_t>(random() % 200'000);
    pair.set(key, static_cast<int64_t>(random() % 3));
    if (step % 1'000 == 0) pair.check_all();
  }
  pair.check_all();
}

TEST_CASE("the least and the greatest key of all have their place on both sides of a window") {
  for (const int64_t begin : {kLeast, kLeast + 100, int64_t{0}, kGreatest - 100, kGreatest}) {
    CAPTURE(begin);
    Pair pair;
    pair.set(begin, 1);
    for (const int64_t key : {kLeast, kLeast + 1, kLeast + kSlots, int64_t{-1}, int64_t{0},
                              kGreatest - kSlots, kGreatest - 1, kGreatest}) {
      pair.set(key, 7);
      pair.check_all();
    }
    while (!pair.map.empty())
      pair.set(pair.map.begin()->first, 0);
  }
}

TEST_CASE("levels that were cleared can be set again") {
  Pair pair;
  pair.levels.clear();
  for (int round = 0; round < 3; ++round) {
    for (int64_t key = -2'000; key < 2'000; key += 7)
      pair.set(key * (round + 1), 1 + round);
    pair.levels.clear();
    pair.map.clear();
    pair.check(0);
    pair.check_all();
  }
}

TEST_CASE("random settings leave what a map has") {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    Pair pair;
    int64_t touch = 0;
    const int64_t width = seed % 2 == 0 ? 40 : 3 * kSlots;
    for (int step = 0; step < 4'000; ++step) {
      if (step % 50 == 0) touch += static_cast<int64_t>(random() % 4'001) - 2'000;
      const bool takes_best = !pair.map.empty() && random() % 4 == 0;
      const int64_t key =
          takes_best ? pair.map.begin()->first : touch + static_cast<int64_t>(random()) % width;
      pair.set(key, takes_best ? 0 : static_cast<int64_t>(random() % 4));
      if (step % 200 == 0) pair.check_all();
    }
    pair.check_all();
  }
}

// Worst first is the order that moves the window with each level.
TEST_CASE("a deep and sparse book costs no more when its worst level comes first") {
  BookSideLevels levels;
  constexpr int64_t kDeep = 20'000;
  for (int64_t level = kDeep; level > 0; --level)
    levels.set(level * kSlots, level);
  CHECK(levels.size() == kDeep);
  CHECK(levels.first_key() == kSlots);
  CHECK(levels.last_key() == kDeep * kSlots);
}

}  // namespace tapedeck
