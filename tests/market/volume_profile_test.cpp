#include "tapedeck/base/error.hpp"
#include "tapedeck/market/footprint.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

namespace tapedeck {
namespace {

struct Row {
  int64_t price;
  int64_t quantity;
};

std::vector<Level> levels(const std::vector<Row>& rows) {
  std::vector<Level> all;
  for (const Row& row : rows) {
    all.push_back({.price = Price{row.price}, .sell_quantity = row.quantity, .sell_count = 1});
  }
  return all;
}

std::vector<Level> levels_of(const std::vector<int64_t>& quantities) {
  std::vector<Row> rows;
  for (const int64_t quantity : quantities) {
    rows.push_back({.price = 100 + static_cast<int64_t>(rows.size()), .quantity = quantity});
  }
  return levels(rows);
}

}  // namespace

// OR-04
TEST_CASE("four trades give the worked profile") {
  const VolumeProfile profile =
      make_profile(levels({{99, 1}, {100, 1}, {101, 2}, {102, 4}}), ValueAreaRule::single, 70);
  CHECK(profile.poc == 3);
  CHECK(profile.levels[profile.poc].price == Price{102});
  // 4, then 2: 6 of 8 is 75 %.
  CHECK(profile.value_area_begin == 2);
  CHECK(profile.value_area_end == 4);
}

TEST_CASE("the value area grows as worked out by hand") {
  struct Case {
    std::vector<int64_t> quantities;
    ValueAreaRule rule;
    int share_percent;
    size_t poc, begin, end;
  };
  using enum ValueAreaRule;
  const std::vector<Case> cases{
      // POC 10 of 31; 21.7 wanted: 10, +7 above, +5 below.
      {{1, 5, 10, 7, 4, 3, 1}, single, 70, 2, 1, 4},
      // 7 + 4 above beats 5 + 1 below: 21, still short; then 6 below beats 4 above: 27.
      {{1, 5, 10, 7, 4, 3, 1}, pairs, 70, 2, 0, 5},
      {{1, 5, 10, 7, 4, 3, 1}, pairs, 60, 2, 2, 5},
      // Equal neighbours, equally near: the lower; then the nearer.
      {{3, 3, 5, 3, 3}, single, 40, 2, 1, 3},
      {{3, 3, 5, 3, 3}, single, 60, 2, 1, 4},
      // Equal pairs: the pair above.
      {{3, 3, 5, 3, 3}, pairs, 60, 2, 2, 5},
      // Equal volume at two levels: the lowest is the POC.
      {{1, 9, 1, 9}, single, 40, 1, 1, 2},
      // One side is used up.
      {{9, 4, 3, 2, 1}, single, 90, 0, 0, 4},
      {{1, 2, 3, 4, 9}, single, 90, 4, 1, 5},
      {{9, 4, 3, 2}, pairs, 95, 0, 0, 4},
      {{1, 4, 9}, pairs, 100, 2, 0, 3},
      // A pair at the edge may be one level.
      {{3, 9, 1, 1, 5}, pairs, 60, 1, 0, 2},
      {{2, 9, 1, 1, 5}, pairs, 60, 1, 1, 4},
      {{5}, single, 70, 0, 0, 1},
      {{0, 0, 0}, single, 70, 0, 0, 1},
      {{1, 1, 1, 1}, single, 100, 0, 0, 4},
      // Exactly the share is enough; one percent more is not.
      {{3, 7}, single, 70, 1, 1, 2},
      {{3, 7}, single, 71, 1, 0, 2},
      {{1, 2, 4, 8}, single, 1, 3, 3, 4},
  };
  for (size_t index = 0; index < cases.size(); ++index) {
    CAPTURE(index);
    const Case& expected = cases[index];
    const VolumeProfile profile =
        make_profile(levels_of(expected.quantities), expected.rule, expected.share_percent);
    CHECK(profile.poc == expected.poc);
    CHECK(profile.value_area_begin == expected.begin);
    CHECK(profile.value_area_end == expected.end);
  }
}

TEST_CASE("of equal neighbours the one nearer in price is taken") {
  const VolumeProfile above =
      make_profile(levels({{90, 3}, {100, 9}, {101, 3}}), ValueAreaRule::single, 75);
  CHECK(above.value_area_begin == 1);
  CHECK(above.value_area_end == 3);
  const VolumeProfile below =
      make_profile(levels({{99, 3}, {100, 9}, {110, 3}}), ValueAreaRule::single, 75);
  CHECK(below.value_area_begin == 0);
  CHECK(below.value_area_end == 2);
}

TEST_CASE("the volume of all sides counts") {
  std::vector<Level> all = levels_of({4, 0});
  all[1].buy_quantity = 2;
  all[1].sell_quantity = 1;
  all[1].unknown_quantity = 2;
  CHECK(make_profile(all, ValueAreaRule::single, 70).poc == 1);
}

TEST_CASE("a value area holds its share and no more than its last step needs") {
  std::mt19937_64 random{1};
  for (int round = 0; round < 500; ++round) {
    std::vector<int64_t> quantities(1 + random() % 60);
    for (int64_t& quantity : quantities)
      quantity = static_cast<int64_t>(random() % 20);
    const int share = 1 + static_cast<int>(random() % 100);
    Volume total = 0;
    for (const int64_t quantity : quantities)
      total += quantity;
    for (const auto rule : {ValueAreaRule::single, ValueAreaRule::pairs}) {
      const VolumeProfile profile = make_profile(levels_of(quantities), rule, share);
      Volume held = 0;
      for (size_t at = profile.value_area_begin; at < profile.value_area_end; ++at) {
        held += quantities[at];
      }
      CHECK(held * 100 >= total * share);
      CHECK(profile.value_area_begin <= profile.poc);
      CHECK(profile.value_area_end > profile.poc);
    }
  }
}

TEST_CASE("the share of a volume near 128 bits does not overflow") {
  constexpr auto kMax = static_cast<int128>(~uint128{0} >> 1);
  std::vector<Level> all = levels_of({0, 0, 0});
  for (Level& level : all)
    level.buy_quantity = kMax / 3;
  const VolumeProfile profile = make_profile(all, ValueAreaRule::single, 100);
  CHECK(profile.value_area_begin == 0);
  CHECK(profile.value_area_end == 3);
}

TEST_CASE("no levels give an empty profile") {
  const VolumeProfile profile = make_profile({}, ValueAreaRule::pairs, 70);
  CHECK(profile.levels.empty());
  CHECK(profile.value_area_end == 0);
}

TEST_CASE("a share outside of 1 to 100 percent is refused") {
  for (const int share : {-1, 0, 101}) {
    CAPTURE(share);
    CHECK_THROWS_AS(make_profile({}, ValueAreaRule::single, share), Error);
  }
}

TEST_CASE("value area rules have their enumerator's name") {
  CHECK(to_text(ValueAreaRule::single) == "single");
  CHECK(to_text(ValueAreaRule::pairs) == "pairs");
}

}  // namespace tapedeck
