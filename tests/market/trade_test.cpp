#include "tapedeck/market/trade.hpp"

#include "market/random_trades.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace tapedeck {
namespace {

constexpr Scale kCoarse{.price_exp = -1, .qty_exp = -2};
constexpr Scale kFine{.price_exp = -3, .qty_exp = -5};

}  // namespace

TEST_CASE("a block gives back the trades that were put into it") {
  const Trade first{.ts_event = from_epoch_ns(1),
                    .trade_id = 7,
                    .price = Price{500001},
                    .quantity = Qty{25},
                    .side = AggressorSide::sell};
  Trade second = first;
  second.trade_id = 8;
  second.side = AggressorSide::buy;
  TradeBlock block;
  block.reserve(2);
  block.push_back(first);
  block.push_back(second);
  REQUIRE(block.rows() == 2);
  CHECK(block.view()[0] == first);
  CHECK(block.view()[1] == second);
  block.clear();
  CHECK(block.rows() == 0);
  CHECK(block.trade_id.empty());
}

TEST_CASE("a block whose first trade has no id has none for any row") {
  TradeBlock block;
  block.push_back({.ts_event = from_epoch_ns(1), .price = Price{1}, .quantity = Qty{1}});
  CHECK_FALSE(block.has_ids);
  CHECK_FALSE(block.view()[0].trade_id.has_value());
  block.clear();
  block.push_back(
      {.ts_event = from_epoch_ns(1), .trade_id = 3, .price = Price{1}, .quantity = Qty{1}});
  CHECK(block.view()[0].trade_id == 3);
}

TEST_CASE("a block at a finer scale holds the same values") {
  TradeBlock block = test::random_trades(1);
  block.scale = kCoarse;
  const TradeBlock before = block;
  REQUIRE(rescale(block, kFine).has_value());
  CHECK(block.scale == kFine);
  REQUIRE(block.rows() == before.rows());
  for (size_t row = 0; row < block.rows(); ++row) {
    CHECK(block.price[row] == before.price[row] * 100);
    CHECK(block.quantity[row] == before.quantity[row] * 1000);
  }
  CHECK(block.ts_event == before.ts_event);
}

TEST_CASE("a block that does not fit a finer scale stays as it was") {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  for (const bool in_price : {true, false}) {
    CAPTURE(in_price);
    TradeBlock block = test::random_trades(2, {.rows = 3});
    block.scale = kCoarse;
    (in_price ? block.price : block.quantity)[1] = in_price ? -kMax / 50 : kMax / 500;
    const TradeBlock before = block;
    const auto result = rescale(block, kFine);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error() == DecimalError::out_of_range);
    CHECK(block.scale == kCoarse);
    CHECK(block.price == before.price);
    CHECK(block.quantity == before.quantity);
  }
}

TEST_CASE("an empty block takes any finer scale") {
  TradeBlock block;
  REQUIRE(rescale(block, kFine).has_value());
  CHECK(block.scale == kFine);
}

// OR-12: `7,50000.1,0.25,…,1704067200000,true`, where the buyer was the maker.
TEST_CASE("an archive row becomes one sell at its instant") {
  TradeBlock block;
  block.scale = {.price_exp = -1, .qty_exp = -2};
  block.push_back({.ts_event = *parse_timestamp("1704067200000"),
                   .trade_id = 7,
                   .price = Price{*parse_units("50000.1", block.scale.price_exp)},
                   .quantity = Qty{*parse_units("0.25", block.scale.qty_exp)},
                   .side = AggressorSide::sell});
  const Trade trade = block.view()[0];
  CHECK(to_iso(trade.ts_event) == "2024-01-01T00:00:00Z");
  CHECK(to_text({.units = trade.price.raw(), .exponent = -1}) == "50000.1");
  CHECK(to_text({.units = trade.quantity.raw(), .exponent = -2}) == "0.25");
}

TEST_CASE("rows are added to a block; one without ids takes rows with ids and leaves these out") {
  const auto row = [](int64_t price, std::optional<int64_t> id) {
    TradeBlock block;
    block.push_back({.ts_event = from_epoch_ns(1),
                     .trade_id = id,
                     .price = Price{price},
                     .quantity = Qty{1},
                     .side = AggressorSide::buy});
    return block;
  };
  TradeBlock block;
  append(block, row(1, 7).view());
  append(block, TradeBlock{}.view());
  append(block, row(2, 8).view());
  CHECK((block.trade_id == std::vector<int64_t>{7, 8}));
  TradeBlock without = row(1, std::nullopt);
  append(without, row(2, 8).view());
  CHECK((without.price == std::vector<int64_t>{1, 2}));
  CHECK(without.trade_id.empty());
}

}  // namespace tapedeck
