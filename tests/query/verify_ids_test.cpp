#include "query/verify_ids.hpp"

#include "trade_rows.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>

namespace tapedeck {
namespace {

IdRuns runs_of(const std::vector<int64_t>& ids) {
  TradeBlock block;
  for (size_t i = 0; i < ids.size(); ++i)
    block.push_back({.ts_event = test::at_ms(static_cast<int64_t>(i)),
                     .trade_id = ids[i],
                     .price = Price{1},
                     .quantity = Qty{1}});
  IdRuns runs;
  runs.add(block.view());
  return runs;
}

std::string shown(const std::vector<IdRun>& runs) {
  std::string line;
  for (const IdRun& run : runs)
    line += fmt::format("{}[{},{}]@{}", line.empty() ? "" : " ", run.begin, run.end,
                        to_epoch_ns(run.first) / 1'000'000);
  return line;
}

TEST_CASE("ids without a hole are one run, also across batches") {
  IdRuns runs = runs_of({5, 6, 7});
  runs.add(runs_of({8, 9}));
  CHECK(shown(runs.rising()) == "[5,9]@0");
  runs.add(runs_of({11, 2, 3}));
  CHECK(shown(runs.rising()) == "[2,3]@1 [5,9]@0 [11,11]@0");
}

TEST_CASE("an id that comes again is doubled, however it lies") {
  CHECK(shown(doubled_ids(runs_of({1, 2, 3, 4}).rising())).empty());
  CHECK(shown(doubled_ids(runs_of({1, 2, 2, 3}).rising())) == "[2,2]@2");
  CHECK(shown(doubled_ids(runs_of({1, 2, 3, 2}).rising())) == "[2,2]@3");
  CHECK(shown(doubled_ids(runs_of({1, 2, 3, 4, 2, 3, 4, 5}).rising())) == "[2,4]@4");
}

TEST_CASE("a missing id is one that was expected and is in no run") {
  const auto missing = [](const std::vector<int64_t>& ids, const std::vector<IdRange>& expected) {
    return shown(missing_ids(runs_of(ids).rising(), expected));
  };
  CHECK(missing({1, 2, 3}, {{1, 3}}).empty());
  CHECK(missing({1, 3}, {{1, 3}}) == "[2,2]@0");
  CHECK(missing({1, 3}, {{0, 5}}) == "[0,0]@0 [2,2]@0 [4,5]@1");
  CHECK(missing({}, {{0, 5}}) == "[0,5]@0");
  CHECK(missing({1, 2, 9}, {{1, 2}, {9, 9}}).empty());
  CHECK(missing({1, 2, 3, 4, 5, 6}, {{1, 2}, {5, 8}}) == "[7,8]@5");
}

TEST_CASE("an unknown id is one that is stored outside of what is known") {
  const auto unknown = [](const std::vector<int64_t>& ids, const std::vector<IdRange>& known) {
    return shown(unknown_ids(runs_of(ids).rising(), known));
  };
  CHECK(unknown({1, 2, 3}, {{1, 3}}).empty());
  CHECK(unknown({1, 2, 3}, {}) == "[1,3]@0");
  CHECK(unknown({1, 2, 3, 4, 5}, {{2, 2}, {4, 4}}) == "[1,1]@0 [3,3]@0 [5,5]@0");
}

TEST_CASE("random ids have the doubles and holes that counting them gives") {
  std::mt19937_64 random{20241229};
  for (int round = 0; round < 300; ++round) {
    std::vector<int64_t> ids;
    std::map<int64_t, int> counts;
    const auto rows = static_cast<int64_t>(random() % 40);
    for (int64_t i = 0; i < rows; ++i) {
      const auto id = static_cast<int64_t>(random() % 30);
      ids.push_back(random() % 3 == 0 ? id : i);
      ++counts[ids.back()];
    }
    const std::vector<IdRange> ranges{{3, 9}, {12, 12}, {15, 27}};
    const std::vector<IdRun> runs = runs_of(ids).rising();
    std::map<int64_t, int> doubled;
    for (const IdRun& run : doubled_ids(runs)) {
      for (int64_t id = run.begin; id <= run.end; ++id)
        ++doubled[id];
    }
    for (int64_t id = -1; id < 45; ++id) {
      CAPTURE(round);
      CAPTURE(id);
      const auto within = [&](const std::vector<IdRun>& list) {
        return std::ranges::any_of(
            list, [&](const IdRun& run) { return run.begin <= id && id <= run.end; });
      };
      const bool in_ranges = std::ranges::any_of(
          ranges, [&](const IdRange& range) { return range.begin <= id && id <= range.end; });
      CHECK((doubled[id] > 0) == (counts[id] > 1));
      CHECK(within(missing_ids(runs, ranges)) == (in_ranges && counts[id] == 0));
      CHECK(within(unknown_ids(runs, ranges)) == (!in_ranges && counts[id] > 0));
    }
  }
}

}  // namespace
}  // namespace tapedeck
