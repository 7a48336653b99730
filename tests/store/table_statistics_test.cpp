#include "sql_rows.hpp"
#include "tapedeck/store/store.hpp"
#include "temp_store.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace tapedeck {
namespace {

using test::new_instrument;
using test::TempStore;

TEST_CASE("every table has its rows, its size and its times") {  // QB-13
  TempStore store;
  const Instrument btc = new_instrument(*store);
  std::vector<Tick> ticks(50'000);
  for (size_t i = 0; i < ticks.size(); ++i) {
    ticks[i] = {.ts_event = test::at_ms(static_cast<int64_t>(i)),
                .bid_price = {static_cast<int64_t>(i * i % 1'000'003) + 1, -2},
                .ask_price = {static_cast<int64_t>(i * i % 1'000'003) + 2, -2}};
  }
  Writer{*store}.append_ticks(btc.id, ticks);
  store->optimize();
  const std::vector<TableStats> tables = store->table_statistics();
  REQUIRE_FALSE(tables.empty());
  CHECK(tables[0].table == "tape.ticks");  // the largest
  CHECK(tables[0].rows == 50'000);
  CHECK(tables[0].oldest == test::at_ms(0));
  CHECK(tables[0].newest == test::at_ms(49'999));
  CHECK(tables[0].bytes > 100'000);
  CHECK(tables[0].bytes <= store->stats().database_bytes);
  const auto orders = std::ranges::find(tables, "ledger.orders", &TableStats::table);
  REQUIRE(orders != tables.end());
  CHECK(orders->rows == 0);
  CHECK(orders->bytes == 0);
  CHECK_FALSE(orders->oldest);
  CHECK(std::ranges::none_of(tables, [](const TableStats& one) { return one.table.empty(); }));
}

TEST_CASE("tables of a user's own are there, whatever they are called") {
  TempStore store;
  test::sql(*store, R"(CREATE TABLE "my ""own's"(created_at VARCHAR, "begin" BIGINT))",
            SqlAccess::write);
  const std::vector<TableStats> tables = store->table_statistics();
  const auto own = std::ranges::find(tables, "main.my \"own's", &TableStats::table);
  REQUIRE(own != tables.end());
  CHECK(own->rows == 0);
}

}  // namespace
}  // namespace tapedeck
