#include "query/verify_klines.hpp"

#include "query/verify_lines.hpp"
#include "temp_store.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::at_ms;
using test::block_of;
using test::change;
using test::check_lines;
using test::findings;
using test::interval;
using test::klines_of;
using test::Lines;
using test::new_instrument;
using test::run_of;

constexpr int64_t kDay = 86'400'000;

TEST_CASE("klines of a venue: a wrong close, a missing minute, a wrong count") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, run_of(1, 600'000, 0));
  std::vector<Kline> klines = klines_of(store, btc, interval("1m"));
  klines[2].close = {105, 0};
  klines[7].trades = 59'999;
  klines.erase(klines.begin() + 4, klines.begin() + 6);
  writer.upsert_klines(btc.id, interval("1m"), klines);
  writer.upsert_klines(btc.id, interval("5m"), klines_of(store, btc, interval("5m")));
  check_lines(
      findings(store),
      Lines{"klines:1m 120000 close: 101 / 105",
            "klines:1m 240000 kline: 2 klines in a row / none (trades are stored, the venue's "
            "kline is not; others of the day are)",
            "klines:1m 420000 trades: 60000 / 59999"});
}

TEST_CASE("known reasons are named: a gap, a late row, what aggregates leave out") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  SUBCASE("a gap") {
    writer.append(btc.id, run_of(1, 60'000, 0));
    writer.append(btc.id, run_of(90'001, 30'000, 90'000));
    std::vector<Kline> klines = klines_of(store, btc, interval("1m"));
    klines[1].volume = {123'456, 0};
    writer.upsert_klines(btc.id, interval("1m"), klines);
    check_lines(findings(store),
                Lines{"klines:1m 60000 volume: 60000 / 123456 (gap: not all of its "
                      "trades are stored: 30000 ids missing)"});
  }
  SUBCASE("a late row") {
    writer.append(btc.id, run_of(1, 240'000, 0));
    std::vector<Kline> klines = klines_of(store, btc, interval("1m"));
    klines[1].volume = difference(klines[1].volume, {7, 0});
    klines[2].volume = sum(klines[2].volume, {7, 0});
    writer.upsert_klines(btc.id, interval("1m"), klines);
    const Lines found = findings(store);
    REQUIRE(found.size() == 2);
    CHECK(found[0].ends_with("(late row: 7 of it are in the next bar of the venue)"));
    CHECK(found[1].ends_with("(late row: 7 of the bar before are in this bar of the venue)"));
  }
  SUBCASE("aggregates") {
    writer.append(btc.id, run_of(1, 180'000, 0), Grain::aggregate);
    std::vector<Kline> klines = klines_of(store, btc, interval("1m"));
    klines[1].volume = sum(klines[1].volume, {7, 0});
    klines[1].trades = 60'001;  // an aggregate is one trade or more
    writer.upsert_klines(btc.id, interval("1m"), klines);
    const Lines found = findings(store);
    REQUIRE(found.size() == 1);
    CHECK(found[0].ends_with("(aggregates leave out some trades)"));
  }
}

TEST_CASE("a kline where no trade is stored is a finding only where coverage has no hole") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, block_of({{.ms = 1, .id = 1}, {.ms = 180'001, .id = 2}}));
  Kline alone;
  alone.begin = at_ms(60'000);
  alone.open = alone.high = alone.low = alone.close = {1, 0};
  alone.volume = {3, 0};
  std::vector<Kline> klines = klines_of(store, btc, interval("1m"));
  klines.push_back(alone);
  alone.begin = at_ms(120'000);
  alone.volume = {0, 0};  // nothing traded: as it should be
  klines.push_back(alone);
  alone.begin = at_ms(kDay);
  alone.volume = {3, 0};  // behind all that is stored
  klines.push_back(alone);
  writer.upsert_klines(btc.id, interval("1m"), klines);
  check_lines(
      findings(store),
      Lines{"klines:1m 60000 volume: 0 / 3 (coverage says that no trade of it is missing)"});
}

TEST_CASE("klines and open interest that contradict themselves") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  Kline kline;
  kline.open = kline.low = kline.close = {2, 0};
  kline.high = {1, 0};
  kline.volume = {1, 0};
  kline.begin = at_ms(60'000);
  writer.upsert_klines(btc.id, interval("1m"), std::vector{kline});
  change(store,
         "INSERT INTO tape.open_interest SELECT instrument_id, TIMESTAMP_NS '1970-01-01', -1, "
         "NULL, NULL, NULL, NULL, NULL FROM tape.instruments");
  check_lines(findings(store),
              Lines{"klines:1m 60000 high: 2 or more / 1 (the kline contradicts itself)",
                    "open_interest 0 open_interest: 0 or more / below 0"});
}

TEST_CASE("a trade that the venue counted one bar earlier is a late row as well") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, run_of(1, 240'000, 0));
  std::vector<Kline> klines = klines_of(store, btc, interval("1m"));
  klines[1].volume = sum(klines[1].volume, {7, 0});
  klines[2].volume = difference(klines[2].volume, {7, 0});
  writer.upsert_klines(btc.id, interval("1m"), klines);
  const Lines found = findings(store);
  REQUIRE(found.size() == 2);
  CHECK(found[0].ends_with("(late row: 7 of the next bar are in this bar of the venue)"));
  CHECK(found[1].ends_with("(late row: 7 of it are in the earlier bar of the venue)"));
}

}  // namespace
}  // namespace tapedeck
