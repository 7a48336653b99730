#include "store/trade_ring.hpp"

#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace tapedeck {
namespace {

using test::at_ms;
using test::block_of;
using test::run_of;

std::vector<int64_t> ids_of(const TradeRing& ring, int64_t rows) {
  TradeBlock block;
  block.scale = ring.scale();
  ring.copy_last(rows, block);
  return block.trade_id;
}

TEST_CASE("a ring hands out its newest rows, oldest first") {
  const TradeRing ring{run_of(1, 20'000, 0), TimeRange{}.begin, {}};
  CHECK(ring.rows() == 20'000);
  CHECK((ids_of(ring, 3) == std::vector<int64_t>{19'998, 19'999, 20'000}));
  const std::vector<int64_t> many = ids_of(ring, 9'000);
  CHECK(many.size() == 9'000);
  CHECK(std::ranges::is_sorted(many));
  CHECK(many.front() == 11'001);
  CHECK(ids_of(ring, 50'000).size() == 20'000);
  CHECK(ids_of(ring, 0).empty());
}

TEST_CASE("rows before what the ring is whole from are left out") {
  const TradeRing ring{run_of(1, 10, 0), at_ms(4), {}};
  CHECK((ids_of(ring, 100) == std::vector<int64_t>{5, 6, 7, 8, 9, 10}));
  const auto longer = ring.with(run_of(100, 3, 2));
  REQUIRE(longer.has_value());
  CHECK((ids_of(*longer, 2) == std::vector<int64_t>{10, 102}) == false);
  CHECK(longer->rows() == 7);
}

TEST_CASE("late rows find their place, whatever chunk it is in; the older ring is as it was") {
  std::mt19937_64 random{7};
  std::vector<int64_t> ids(30'000);
  std::iota(ids.begin(), ids.end(), 1);
  std::ranges::shuffle(ids, random);
  TradeRing ring{TradeBlock{}, TimeRange{}.begin, {}};
  std::optional<TradeRing> before;
  for (size_t from = 0; from < ids.size(); from += 1'000) {
    std::vector<int64_t> part(ids.begin() + static_cast<ptrdiff_t>(from),
                              ids.begin() + static_cast<ptrdiff_t>(from + 1'000));
    std::ranges::sort(part);
    TradeBlock rows;
    for (const int64_t id : part)
      append(rows, run_of(id, 1, id / 3).view());  // three of one time
    if (from == 15'000) before = ring;
    const auto longer = ring.with(rows);
    REQUIRE(longer.has_value());
    ring = *longer;
  }
  std::ranges::sort(ids);
  CHECK(ids_of(ring, 30'000) == ids);
  CHECK(ring.end().largest_id == 30'000);
  REQUIRE(before.has_value());
  CHECK(before->rows() == 15'000);
  CHECK(std::ranges::is_sorted(ids_of(*before, 15'000)));
}

TEST_CASE("rows of one time without ids stay in the order in which they came") {
  const TradeRing first{block_of({{1, 10}, {5, 20}, {9, 30}}), TimeRange{}.begin, {}};
  const auto ring = first.with(block_of({{5, 21}, {5, 22}}));
  REQUIRE(ring.has_value());
  TradeBlock block;
  block.scale = ring->scale();
  ring->copy_last(10, block);
  CHECK((block.price == std::vector<int64_t>{10, 20, 21, 22, 30}));
}

TEST_CASE("a ring that is cut is whole from behind what is gone") {
  TradeBlock rows = run_of(1, 30'000, 0);
  rows.ts_event[8'192] = rows.ts_event[8'191];  // the cut goes between rows of one time
  const TradeRing ring{rows, TimeRange{}.begin, {}};
  const TradeRing shorter = ring.cut_to(25'000, TimeRange{}.begin);
  CHECK(shorter.rows() == 30'000 - 8'193);
  CHECK(to_epoch_ns(shorter.whole_from()) == rows.ts_event[8'191] + 1);
  CHECK(ids_of(shorter, 30'000).front() == 8'194);
  const TradeRing newer = ring.cut_to(30'000, at_ms(20'000));
  CHECK(newer.rows() < 20'000);
  CHECK(newer.whole_from() <= at_ms(20'000));
  CHECK(ring.rows() == 30'000);
  CHECK(newer.bytes() < ring.bytes());
}

TEST_CASE("what cannot lie with the others is refused: finer rows, rows with other ids") {
  const TradeRing ring{
      block_of({{1, 10, 1, AggressorSide::buy, 1}}, {-1, 0}), TimeRange{}.begin, {}};
  CHECK_FALSE(ring.with(block_of({{2, 10}}, {-1, 0})).has_value());
  CHECK_FALSE(ring.with(block_of({{2, 10, 1, AggressorSide::buy, 2}}, {-2, 0})).has_value());
  const auto coarser = ring.with(block_of({{2, 3, 1, AggressorSide::buy, 2}}, {0, 0}));
  REQUIRE(coarser.has_value());
  TradeBlock block;
  block.scale = coarser->scale();
  coarser->copy_last(1, block);
  CHECK(block.price.front() == 30);
}

}  // namespace
}  // namespace tapedeck
