#include "tapedeck/query/health.hpp"

#include "temp_store.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <filesystem>

namespace tapedeck {
namespace {

using test::TempStore;

TEST_CASE("a store that works is ok, and says how large it is") {
  TempStore store;
  const Instrument instrument = test::new_instrument(*store);
  Writer{*store}.append(instrument.id, test::four_trades());
  const HealthReport report = check_health(*store);
  CHECK(status_of(report) == HealthStatus::ok);
  CHECK(report.connection_ok);
  CHECK(report.trade_count == 4);
  CHECK(report.schema_version > 0);
  CHECK(report.disk_free_bytes > 0);
  CHECK(report.uptime.count() > 0);
  CHECK(report.warnings.empty());
  CHECK(report.errors.empty());
}

TEST_CASE("what will soon be a problem is a warning") {
  TempStore store;
  HealthLimits limits{.longest_count = std::chrono::nanoseconds{-1},
                      .largest_database_bytes = 0,
                      .least_disk_bytes = UINT64_MAX};
  store->optimize();
  const HealthReport report = check_health(*store, limits);
  CHECK(status_of(report) == HealthStatus::degraded);
  REQUIRE(report.warnings.size() == 3);
  CHECK(report.warnings[0].find("counting 0 trades took") != std::string::npos);
  CHECK(report.warnings[1].find("the database has") != std::string::npos);
  CHECK(report.warnings[2].find("are free on the disk") != std::string::npos);
}

TEST_CASE("a store that is missing or damaged has failed, and the report says why") {
  TempStore store;
  const HealthReport missing = check_health(store.folder() / "none.deck");
  CHECK(status_of(missing) == HealthStatus::failed);
  CHECK_FALSE(missing.connection_ok);
  REQUIRE(missing.errors.size() == 1);
  CHECK(missing.errors[0].find("none.deck") != std::string::npos);
  const auto damaged = store.folder() / "damaged.deck";
  test::write_file(damaged / "store.duckdb", std::string(50'000, 'x'));
  const HealthReport bad = check_health(damaged);
  CHECK(status_of(bad) == HealthStatus::failed);
  REQUIRE(bad.errors.size() == 1);
  CHECK(bad.errors[0].find("tapedeck salvage") != std::string::npos);
}

}  // namespace
}  // namespace tapedeck
