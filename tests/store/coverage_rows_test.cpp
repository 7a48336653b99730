#include "store/coverage_rows.hpp"

#include "store/core.hpp"
#include "temp_store.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::range_ms;

TEST_CASE("coverage comes back as it was written, for its instrument and dataset") {
  Store store{":memory:"};
  const Instrument btc = test::new_instrument(store);
  const Instrument eth = test::new_instrument(store, "ETHUSDT");
  const CoverageRow full{.dataset = "trades",
                         .range = range_ms(1, 2),
                         .id_begin = 3,
                         .id_end = 4,
                         .status = CoverageStatus::gap,
                         .cause = "it's gone",
                         .source = "api"};
  const CoverageRow bare{.dataset = "klines:1m", .range = range_ms(5, 6), .source = "archive"};
  store.core().write([&](duck::Transaction& transaction) {
    insert_coverage(transaction, btc.id, full);
    insert_coverage(transaction, btc.id, bare);
    insert_coverage(transaction, eth.id, bare);
  });
  const auto reader = store.core().borrow_reader();
  CHECK((coverage_rows(*reader, btc.id, "trades") == std::vector{full}));
  CHECK((coverage_rows(*reader, btc.id, "klines:1m") == std::vector{bare}));
  CHECK(coverage_rows(*reader, eth.id, "trades").empty());
  const std::map<std::string, std::vector<CoverageRow>> both{{"klines:1m", {bare}},
                                                             {"trades", {full}}};
  CHECK((coverage_by_dataset(*reader, btc.id) == both));
  CHECK(store.coverage(btc.id).size() == 1);  // a gap alone says nothing that is stored
}

TEST_CASE("every status survives the store") {
  Store store{":memory:"};
  const Instrument btc = test::new_instrument(store);
  int64_t begin = 0;
  std::vector<CoverageStatus> statuses;
  for (const CoverageStatus status :
       {CoverageStatus::recorded, CoverageStatus::verified_empty, CoverageStatus::gap,
        CoverageStatus::backfilled, CoverageStatus::unverifiable, CoverageStatus::deleted}) {
    statuses.push_back(status);
    store.core().write([&](duck::Transaction& transaction) {
      insert_coverage(transaction, btc.id,
                      {.dataset = "trades", .range = range_ms(begin, begin + 1), .status = status});
    });
    ++begin;
  }
  const auto reader = store.core().borrow_reader();
  std::vector<CoverageStatus> stored;
  for (const auto& row : coverage_rows(*reader, btc.id, "trades")) {
    stored.push_back(row.status);
  }
  CHECK((stored == statuses));
}

}  // namespace
}  // namespace tapedeck
