// A process that is killed while it imports leaves whole files only, and the import can be
// repeated.
#include "child_process.hpp"
#include "ingest/archive_fixture.hpp"
#include "sql_rows.hpp"
#include "tapedeck/store/schema.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::ChildProcess;
using test::TempFolder;

constexpr int64_t kRows = 20'000;  // of each file
constexpr int kFiles = 10;

TEST_CASE("a killed import leaves whole files only, and the next one brings the rest") {
  const TempFolder folder;
  for (int day = 1; day <= kFiles; ++day) {
    test::write_daily(folder, day, test::agg_trades(1 + (day - 1) * kRows, kRows, day));
  }
  const std::filesystem::path deck = folder / "btc.deck";
  const std::filesystem::path archive[]{folder / "data"};
  // Killed at the first word, which comes before the first commit, and at later ones.
  for (const int words : {1, 2, 3}) {
    ChildProcess child{[&](const ChildProcess::Tell& tell) {
      Store store(deck, {.mode = OpenMode::create});
      import_files(store, archive, {.jobs = 1}, [&](const ImportProgress&) { tell(); });
      tell();
    }};
    for (int word = 0; word < words; ++word)
      child.wait_for_word();
    child.kill();
    // A child that was killed before it made the store leaves none.
    Store store(deck, {.mode = OpenMode::create});
    CHECK(verify_schema(store).differences.empty());
    const int64_t rows = store.stats().trades;
    CHECK(rows % kRows == 0);
    CHECK(test::sql_line(store, "SELECT count(DISTINCT trade_id) FROM tape.trades") ==
          std::to_string(rows));
    CHECK(test::sql_line(store, "SELECT coalesce(sum(rows), 0)::BIGINT FROM tape.loads") ==
          std::to_string(rows));
  }
  Store store(deck, {.mode = OpenMode::write});
  const ImportSummary rest = import_files(store, archive, {});
  CHECK(rest.failed == 0);
  CHECK(store.stats().trades == kRows * kFiles);
  CHECK(covers(store.coverage(store.instrument("BTCUSDT").id, "aggregates"),
               {test::at("2024-01-01"), test::at("2024-01-10T05:33")}));
}

}  // namespace
}  // namespace tapedeck
