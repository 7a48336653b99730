#include "feed/table_decoder.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;

namespace {

const std::vector<std::string> kColumns{"symbol", "time", "id", "price", "quantity"};

Field<void> take(TableDecoder& decoder, const std::vector<std::string_view>& values) {
  return decoder.take_row(values, 1);
}

}  // namespace

TEST_CASE("a series begins at the scale that its instrument has") {
  TableDecoder decoder{{.venue = "binance"}, kColumns, [](const InstrumentName& name) {
                         return name.symbol == "A" ? Scale{-4, -8} : Scale{};
                       }};
  CHECK(take(decoder, {"A", "2024-01-01", "1", "1.5", "2"}).has_value());
  CHECK(take(decoder, {"B", "2024-01-01", "1", "1.5", "2"}).has_value());
  const std::vector<TableSeries> series = decoder.finish();
  REQUIRE(series.size() == 2);
  CHECK(std::get<TradeBlock>(series[0].content).scale == Scale{-4, -8});
  CHECK(std::get<TradeBlock>(series[0].content).price[0] == 15'000);
  CHECK(std::get<TradeBlock>(series[1].content).scale == Scale{-1, 0});
}

TEST_CASE("full blocks are handed out on the way, the rest at the end") {
  TableDecoder decoder{{.venue = "binance"}, kColumns};
  size_t rows = 0;
  size_t taken = 0;
  for (size_t i = 0; i <= TableDecoder::kTradeRows; ++i) {
    const std::string id = std::to_string(i);
    if (take(decoder, {"A", "2024-01-01", id, "1", "1"})) ++taken;
  }
  CHECK(taken == TableDecoder::kTradeRows + 1);
  for (const TableSeries& series : decoder.take_full())
    rows += series.rows();
  CHECK(rows == TableDecoder::kTradeRows);
  CHECK(decoder.take_full().empty());
  const std::vector<TableSeries> rest = decoder.finish();
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].rows() == 1);
}

TEST_CASE("values that no block can hold together are blocks of their own") {
  TableDecoder decoder{{.venue = "binance"}, kColumns};
  CHECK(take(decoder, {"A", "2024-01-01", "1", "0.000000000001", "1"}).has_value());
  CHECK(take(decoder, {"A", "2024-01-01", "2", "9000000000000", "1"}).has_value());
  const std::vector<TableSeries> series = decoder.finish();
  REQUIRE(series.size() == 2);
  for (const TableSeries& one : series)
    CHECK(one.rows() == 1);
}

TEST_CASE("a refused row leaves the decoder as it was") {
  TableDecoder decoder{{.venue = "binance"}, kColumns};
  CHECK_FALSE(take(decoder, {"A:B", "2024-01-01", "1", "1", "1"}).has_value());
  CHECK_FALSE(take(decoder, {"A", "2024-01-01", "1", "x", "1"}).has_value());
  CHECK(take(decoder, {"A", "2024-01-01", "1", "1", "1"}).has_value());
  REQUIRE(decoder.finish().size() == 1);
}
