#include "tapedeck/store/schema.hpp"
#include "tapedeck/store/store.hpp"
#include "temp_store.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace tapedeck {
namespace {

using test::block_of;
using test::new_instrument;
using test::TempStore;
using enum AggressorSide;

std::string datasets_line(const Store& store) {
  std::string line;
  for (const DatasetStats& one : store.stats().datasets) {
    line += fmt::format("{} {} {} [{}, {}] {}; ", one.instrument, one.dataset, one.rows,
                        to_epoch_ns(one.first) / 1'000'000, to_epoch_ns(one.last) / 1'000'000,
                        one.loads);
  }
  return line;
}

TEST_CASE("an empty store has no datasets") {
  const Store store{":memory:"};
  const StoreStats stats = store.stats();
  CHECK(stats.path == ":memory:");
  CHECK(stats.schema_version == newest_schema_version());
  CHECK(stats.duckdb_version.starts_with("v1."));
  CHECK(stats.trades == 0);
  CHECK(stats.datasets.empty());
}

TEST_CASE("statistics have one line for each instrument and dataset") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  const Instrument eth = new_instrument(*store, "ETHUSDT", "binance-um");
  Writer writer{*store};
  writer.append(btc.id, block_of({{10, 1, 1, buy, 1}, {20, 1, 1, buy, 2}}));
  writer.append(btc.id, block_of({{30, 1, 1, buy, 3}}));
  writer.append(btc.id, block_of({{10, 1, 2, buy, 1}}), Grain::aggregate);
  Kline kline;
  kline.begin = test::at_ms(60'000);
  kline.open = kline.high = kline.low = kline.close = kline.volume = Decimal{1, 0};
  writer.upsert_klines(eth.id, test::interval("1m"), std::vector{kline});
  OpenInterest interest;
  interest.ts_event = test::at_ms(5);
  interest.open_interest = Decimal{1, 0};
  writer.upsert_open_interest(eth.id, std::vector{interest});
  writer.append_ticks(
      eth.id,
      std::vector<Tick>{{.ts_event = test::at_ms(7), .bid_price = {1, 0}, .ask_price = {2, 0}}});
  const WireLevel level{.price = {.units = 1}, .quantity = {.units = 1}};
  writer.append_depth(btc.id,
                      std::vector<DepthSnapshot>{{.ts_event = test::at_ms(8)},
                                                 {.ts_event = test::at_ms(9), .bids = {level}}});
  CHECK(datasets_line(*store) ==
        "binance-um:ETHUSDT klines:1m 1 [60000, 60000] 0; "
        "binance-um:ETHUSDT open_interest 1 [5, 5] 0; "
        "binance-um:ETHUSDT ticks 1 [7, 7] 0; "
        "binance:BTCUSDT aggregates 1 [10, 10] 1; "
        "binance:BTCUSDT book:snapshots 1 [9, 9] 0; "
        "binance:BTCUSDT trades 3 [10, 30] 2; ");
  const StoreStats stats = store->stats();
  CHECK(stats.trades == 4);
  CHECK(stats.path == store.path().string());
  CHECK(stats.wal_bytes > 0);
  store->optimize();
  CHECK(store->stats().database_bytes > 0);
}

TEST_CASE("the sizes are those of the file") {
  TempStore store;
  Writer{*store}.append(new_instrument(*store).id, test::run_of(1, 50'000, 0));
  store->optimize();
  constexpr uint64_t kHeaders = 3 * 4096;  // in front of DuckDB's blocks
  const StoreStats stats = store->stats();
  CHECK(stats.database_bytes + stats.free_bytes + kHeaders ==
        std::filesystem::file_size(store.path() / "store.duckdb"));
  CHECK(stats.trades == 50'000);
}

TEST_CASE("statistics follow a deletion") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, block_of({{10, 1, 1, buy, 1}, {20, 1, 1, buy, 2}}));
  writer.append(btc.id, block_of({{30, 1, 1, buy, 3}, {40, 1, 1, buy, 4}, {50, 1, 1, buy, 5}}));
  writer.delete_before(DataKind::trades, test::at_ms(35));
  CHECK(datasets_line(store) == "binance:BTCUSDT trades 2 [40, 50] 1; ");
  CHECK(store.stats().trades == 2);
  writer.delete_before(DataKind::trades, test::at_ms(99));
  CHECK(datasets_line(store).empty());
}

}  // namespace
}  // namespace tapedeck
