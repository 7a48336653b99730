#include "tapedeck/ingest/fetch.hpp"

#include "archive_fixture.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

TEST_CASE("the source is asked for exactly the missing part, and not again") {
  TempStore store;
  const Instrument instrument = new_instrument(*store);
  Writer{*store}.append(instrument.id, run_of(1, 1000, 10'000));     // [10.000, 10.999] s
  Writer{*store}.append(instrument.id, run_of(3001, 1000, 13'000));  // ids 1001–3000 missing
  std::vector<TimeRange> asked;
  const TradeSource source = [&](const Instrument&, TimeRange range) {
    asked.push_back(range);
    return std::optional{run_of(1001, 2000, 11'000)};
  };
  const TimeRange range = range_ms(10'000, 14'000);
  const FetchResult first = fetch_trades(*store, instrument, {range.begin, at_ms(13'999)}, source);
  REQUIRE(asked.size() == 1);
  CHECK(to_epoch_ns(asked[0].begin) / 1'000'000 == 10'999);
  CHECK(to_epoch_ns(asked[0].end) / 1'000'000 == 13'000);
  CHECK(first.rows == 2000);
  CHECK(first.coverage.complete());
  CHECK(stored_trades(*store, instrument).size() == 4000);

  const FetchResult again = fetch_trades(*store, instrument, {range.begin, at_ms(13'999)}, source);
  CHECK(again.asked.empty());
  CHECK(asked.size() == 1);
}

TEST_CASE("what the source does not have stays missing") {
  TempStore store;
  const Instrument instrument = new_instrument(*store);
  const TradeSource nothing = [](const Instrument&, TimeRange) -> std::optional<TradeBlock> {
    return std::nullopt;
  };
  const FetchResult result = fetch_trades(*store, instrument, range_ms(0, 1000), nothing);
  CHECK(result.rows == 0);
  CHECK_FALSE(result.coverage.complete());
  CHECK(result.coverage.gaps.size() == 1);
}

TEST_CASE("an open range cannot be fetched") {
  TempStore store;
  const Instrument instrument = new_instrument(*store);
  check_refused(ErrorCode::invalid_argument, {"begin and an end"}, [&] {
    fetch_trades(*store, instrument, {},
                 [](const Instrument&, TimeRange) { return std::optional<TradeBlock>{}; });
  });
}

TEST_CASE("from an archive folder only the missing days are read") {
  const TempFolder folder;
  TempStore store;
  for (int day = 1; day <= 3; ++day) {
    write_checksum(write_daily(folder, day, agg_trades(1000 * day, 1000, day)));
  }
  import_paths(*store, {daily_path(folder, 2)});
  const FetchResult result = fetch_trades(*store, store->instrument("BTCUSDT"),
                                          {at("2024-01-01"), at("2024-01-03")}, folder.path());
  CHECK(result.rows == 1000);
  CHECK(store->stats().trades == 2000);
}
