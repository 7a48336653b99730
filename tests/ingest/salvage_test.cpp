#include "tapedeck/ingest/salvage.hpp"

#include "ingest/archive_fixture.hpp"
#include "ledger/ledger_fixture.hpp"
#include "sql_rows.hpp"
#include "tapedeck/query/verify.hpp"
#include "tapedeck/telemetry/telemetry.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>

namespace tapedeck {
namespace {

using test::run_of;
using test::stored_trades;
using test::TempFolder;
using test::TempStore;

const auto kSilent = [](const std::string&) {};

void damage(const std::filesystem::path& file) {
  std::fstream stream{file, std::ios::in | std::ios::out | std::ios::binary};
  stream.seekp(8);
  stream << "no longer a database";
}

int64_t findings_of(const std::filesystem::path& path) {
  Store store{path, {.mode = OpenMode::write}};
  int64_t count = 0;
  verify(store, {}, [&](const Finding&) { ++count; });
  return count;
}

TEST_CASE("a store that opens is left alone") {
  TempStore store;
  store.close();
  CHECK(salvage(store.path(), kSilent).outcome == SalvageOutcome::sound);
}

TEST_CASE("a damaged database is built again from the journal and the imported files") {
  const TempFolder archives;
  const auto file = test::write_daily(archives, 1, test::agg_trades(1, 1000, 1));
  TempStore store;
  test::import_paths(*store, {file});
  const Instrument eth = store->resolve_instrument({.venue = "binance", .symbol = "ETHUSDT"});
  {
    Writer writer{*store};
    writer.append_live(eth.id, run_of(1, 500, 0));
    writer.append(eth.id, run_of(501, 10, 500));
    writer.delete_before(DataKind::trades, test::at_ms(100), eth.id);
    writer.append_live(eth.id, run_of(511, 10, 600));
    store->set_setting("k", "\"v\"");
  }
  const auto before = stored_trades(*store, eth);
  const auto imported = stored_trades(*store, store->instrument("BTCUSDT"));
  store.close();
  damage(store.path() / "store.duckdb");
  test::check_refused(ErrorCode::corrupt, {"store.duckdb is damaged", "tapedeck salvage"},
                      [&] { store.reopen(OpenMode::read); });

  const SalvageReport report = salvage(store.path(), kSilent);
  CHECK(report.outcome == SalvageOutcome::rebuilt);
  CHECK(report.files == 1);
  CHECK(report.lost.empty());
  CHECK(std::filesystem::exists(report.kept / "store.duckdb"));
  store.reopen(OpenMode::write);
  CHECK(stored_trades(*store, eth) == before);
  CHECK(stored_trades(*store, store->instrument("BTCUSDT")) == imported);
  CHECK(store->find_setting("k") == "\"v\"");
  Writer{*store}.append_live(eth.id, run_of(521, 1, 700)).get();
  store.close();
  CHECK(findings_of(store.path()) == 0);
  CHECK(salvage(store.path(), kSilent).outcome == SalvageOutcome::sound);
}

TEST_CASE("a ledger and telemetry are built again from the journal") {
  TempStore store;
  {
    Ledger ledger{*store};
    const Order order = ledger.create_order(test::order_of(OrderSide::buy, "10", "mine"));
    ledger.record_fill(test::fill_of(order, "4", "100", 2, "1"));
    const Fill second = ledger.record_fill(test::fill_of(order, "6", "101", 1, "2"));
    ledger.mark(std::vector<PositionMark>{
        {.instrument = test::kApple, .at = test::at_ms(5), .price = test::amount("103")}});
    Fill amended = second;
    amended.price = test::amount("102");
    ledger.amend_fill(amended, "price");
    ledger.take_snapshot(test::amount("1000"), {.at = test::at_ms(9)});
    Telemetry telemetry{*store};
    telemetry.insert_metric(MetricRecord{"x", 1}.with_timestamp(test::at_ms(1))).get();
    telemetry.log({.timestamp = test::at_ms(1), .service = "feed", .message = "m"}).get();
    telemetry.log_event(SystemEvent::info("e")).get();
    telemetry.flush();
  }
  constexpr std::array kTables{"ledger.orders",    "ledger.order_entries",
                               "ledger.fills",     "ledger.fill_entries",
                               "ledger.marks",     "ledger.portfolio_snapshots",
                               "telemetry.series", "telemetry.metrics",
                               "telemetry.logs",   "telemetry.events"};
  const auto text = [&] {
    // Positions are numbered anew where they were folded again.
    std::string all = test::sql_line(
        *store,
        "SELECT string_agg((p)::VARCHAR, '|' ORDER BY p.snapshot_time) FROM (SELECT * "
        "EXCLUDE (position_id) FROM ledger.positions) p");
    for (const char* table : kTables) {
      all += test::sql_line(*store, fmt::format("SELECT string_agg((t)::VARCHAR, '|' ORDER BY "
                                                "(t)::VARCHAR) FROM {} t",
                                                table));
    }
    return all;
  };
  const std::string before = text();
  store.close();
  damage(store.path() / "store.duckdb");
  CHECK(salvage(store.path(), kSilent).outcome == SalvageOutcome::rebuilt);
  store.reopen(OpenMode::write);
  CHECK((text() == before));
  CHECK(find_order_by_client_id(*store, "mine")->status == OrderStatus::filled);
}

TEST_CASE("an imported file that is gone is told, with its rows") {
  const TempFolder archives;
  const auto file = test::write_daily(archives, 1, test::agg_trades(1, 1000, 1));
  TempStore store;
  test::import_paths(*store, {file});
  store.close();
  std::filesystem::remove(file);
  damage(store.path() / "store.duckdb");
  const SalvageReport report = salvage(store.path(), kSilent);
  REQUIRE(report.lost.size() == 1);
  CHECK(report.lost[0].find("1000 rows") == 0);
  CHECK(report.lost[0].find(file.string()) != std::string::npos);
  CHECK(report.lost[0].find("no longer there") != std::string::npos);
}

TEST_CASE("without a journal there is nothing to build from, and nothing is moved") {
  TempStore store;
  store.close();
  std::filesystem::remove_all(store.path() / "tape");
  damage(store.path() / "store.duckdb");
  test::check_refused(ErrorCode::corrupt, {"no journal", "backups/"},
                      [&] { salvage(store.path(), kSilent); });
  CHECK(std::filesystem::exists(store.path() / "store.duckdb"));
  test::check_refused(ErrorCode::not_found, {"no store"},
                      [&] { salvage(store.folder() / "none", kSilent); });
}

}  // namespace
}  // namespace tapedeck
