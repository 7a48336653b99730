#include "store/trade_batch.hpp"

#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::block_of;
using test::check_refused;
using enum AggressorSide;

TEST_CASE("a batch is ordered by time and id, each id once") {
  const OrderedBatch batch = in_order(block_of({{30, 3, 1, buy, 4},
                                                {10, 1, 1, buy, 2},
                                                {30, 2, 1, sell, 3},
                                                {10, 1, 1, buy, 2},
                                                {10, 9, 1, buy, 2},
                                                {10, 1, 1, sell, 1}},
                                               {-2, -3}));
  CHECK((batch.trades.trade_id == std::vector<int64_t>{1, 2, 3, 4}));
  CHECK((batch.trades.price == std::vector<int64_t>{1, 1, 2, 3}));
  CHECK(batch.trades.scale == Scale{-2, -3});
  CHECK(batch.duplicates == 1);
  REQUIRE(batch.conflicts.size() == 1);
  CHECK(batch.conflicts[0].offered.trade_id == batch.conflicts[0].stored.trade_id);
}

TEST_CASE("rows without ids are all kept, ties in the order of arrival") {
  const OrderedBatch batch = in_order(block_of({{30, 3}, {10, 2}, {10, 1}, {10, 2}}));
  CHECK_FALSE(batch.trades.has_ids);
  CHECK((batch.trades.price == std::vector<int64_t>{2, 1, 2, 3}));
  CHECK(batch.duplicates == 0);
  CHECK(in_order({}).trades.rows() == 0);
}

TEST_CASE("a wrong value names its row") {
  check_values(block_of({{1, 1, 0}}));
  check_refused(ErrorCode::invalid_argument, {"row 1", "price", "-0.05"}, [] {
    check_values(block_of({{1, 1}, {2, -5}}, {-2, 0}));
  });
  check_refused(ErrorCode::invalid_argument, {"row 0", "quantity", "-1"}, [] {
    check_values(block_of({{1, 1, -1}}));
  });
}

}  // namespace
}  // namespace tapedeck
