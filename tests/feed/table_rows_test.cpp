// Rows of quotes, ticks and books through a TableDecoder.
#include "feed/table_decoder.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

template <typename Row>
std::vector<Row> rows_of(DataKind kind, const std::vector<std::string>& columns,
                         const std::vector<std::vector<std::string_view>>& rows) {
  TableDecoder decoder{{.kind = kind, .instrument = parse_instrument_name("binance:BTCUSDT")},
                       columns};
  int64_t number = 1;
  for (const auto& row : rows) {
    const Field<void> taken = decoder.take_row(row, ++number);
    CHECK_MESSAGE(taken.has_value(), (taken ? "" : taken.error()));
  }
  const std::vector<TableSeries> series = decoder.finish();
  REQUIRE(series.size() == 1);
  return std::get<std::vector<Row>>(series[0].content);
}

TEST_CASE("a quote may have its number and our clock, which counts in units of its own") {
  const auto quotes =
      rows_of<Quote>(DataKind::quotes,
                     {"transact_time", "update_id", "best_bid_price", "best_bid_qty",
                      "best_ask_price", "best_ask_qty", "local_timestamp"},
                     {{"1700000000000", "7", "1", "2", "3", "4", "1700000000000123456"},
                      {"1700000000001", "", "1", "2", "3", "4", ""}});
  CHECK(quotes[0].sequence == 7);
  CHECK(to_epoch_ns(quotes[0].ts_event) == 1'700'000'000'000'000'000);
  REQUIRE(quotes[0].ts_recv.has_value());
  CHECK(to_epoch_ns(*quotes[0].ts_recv) == 1'700'000'000'000'123'456);
  CHECK_FALSE(quotes[1].sequence.has_value());
  CHECK_FALSE(quotes[1].ts_recv.has_value());
}

TEST_CASE("conditions are words, however their list is spelled") {
  std::vector<std::vector<std::string_view>> rows;
  for (const std::string_view list :
       {"[@, T]", "{@,T}", R"(["@","T"])", "@,T", R"({"@","T"})", "['@', 'T']"})
    rows.push_back({"2024-01-02", "1", "2", list});
  for (const std::string_view list : {"", "[]", "{}"})
    rows.push_back({"2024-01-02", "1", "2", list});
  const auto ticks =
      rows_of<Tick>(DataKind::ticks, {"timestamp", "bid_price", "ask_price", "conditions"}, rows);
  for (size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(rows[i][3]);
    CHECK(ticks[i].conditions ==
          (i < 6 ? std::vector<std::string>{"@", "T"} : std::vector<std::string>{}));
  }
}

TEST_CASE("levels and runs say their side by a word or by a boolean") {
  const auto levels = rows_of<DepthLevel>(
      DataKind::depth_snapshots, {"snapshot_time", "side", "price", "quantity", "last_update_id"},
      {{"2024-01-02", "BID", "100.50", "1", "9"}, {"2024-01-02", "sell", "101", "1e-6", ""}});
  CHECK(levels[0].side == BookSide::bid);
  CHECK(levels[0].level.price == WireNumber{.units = 1'005, .exponent = -1, .digits = 1});
  CHECK(levels[0].sequence == 9);
  CHECK(levels[1].side == BookSide::ask);
  CHECK(levels[1].level.quantity.exponent == -6);
  CHECK_FALSE(levels[1].sequence.has_value());
  const auto runs = rows_of<LevelRun>(DataKind::order_runs,
                                      {"start_time", "until_time", "is_bid", "price", "quantity"},
                                      {{"1700000000", "1700000001.5", "True", "100", "1"},
                                       {"1700000000", "1700000002", "0", "101", "1"}});
  CHECK(runs[0].side == BookSide::bid);
  CHECK(to_epoch_ns(runs[0].end) - to_epoch_ns(runs[0].begin) == 1'500'000'000);
  CHECK(runs[1].side == BookSide::ask);
}

}  // namespace
}  // namespace tapedeck
