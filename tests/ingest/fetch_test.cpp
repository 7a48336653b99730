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

TEST_CASE("what a source gives is checked and ordered as any batch is") {
  TempStore store;
  const Instrument instrument = new_instrument(*store);
  const auto fetch = [&](const TradeBlock& given) {
    return fetch_trades(*store, instrument, range_ms(0, 1000),
                        [&](const Instrument&, TimeRange) { return std::optional{given}; });
  };
  check_refused(ErrorCode::invalid_argument, {"row 1", "price"}, [&] {
    fetch(block_of({{10, 5}, {20, 0}}));
  });
  CHECK(count_trades(*store, instrument.id) == 0);
  const FetchResult result = fetch(block_of({{20, 6, 1, AggressorSide::buy, 2},
                                             {10, 5, 1, AggressorSide::sell, 1},
                                             {20, 6, 1, AggressorSide::buy, 2}}));
  CHECK(result.rows == 2);
  CHECK(result.coverage.complete());
  CHECK(tape_line(*store, instrument) == "10 #1 5x1 sell; 20 #2 6x1 buy");
  CHECK(coverage_line(store->coverage(instrument.id, "trades")) == "[0, 1000) backfilled 1-2");
}

TEST_CASE("an empty answer says that nothing happened, and is not asked for again") {
  TempStore store;
  const Instrument instrument = new_instrument(*store);
  int asked = 0;
  const TradeSource empty = [&](const Instrument&, TimeRange) {
    ++asked;
    return std::optional{TradeBlock{}};
  };
  CHECK(fetch_trades(*store, instrument, range_ms(0, 1000), empty).coverage.complete());
  CHECK(fetch_trades(*store, instrument, range_ms(0, 1000), empty).asked.empty());
  CHECK(fetch_trades(*store, instrument, range_ms(500, 2000), empty).asked ==
        std::vector{range_ms(1000, 2000)});
  CHECK(asked == 2);
  CHECK(to_text(store->coverage(instrument.id, "trades")[0].status) == "verified_empty");
}

TEST_CASE("ids that are missing within one instant are asked for around it, and then complete") {
  TempStore store;
  const Instrument instrument = new_instrument(*store);
  Writer{*store}.append(instrument.id, block_of({{10, 1, 1, AggressorSide::buy, 1},
                                                 {10, 1, 1, AggressorSide::buy, 4},
                                                 {20, 1, 1, AggressorSide::buy, 5}}));
  const TradeSource source = [](const Instrument&, TimeRange range) {
    CHECK(range.contains(at_ms(10)));
    return std::optional{block_of({{10, 1, 1, AggressorSide::buy, 1},
                                   {10, 2, 1, AggressorSide::buy, 2},
                                   {10, 3, 1, AggressorSide::buy, 3},
                                   {10, 1, 1, AggressorSide::buy, 4}})};
  };
  const FetchResult result = fetch_trades(*store, instrument, range_ms(10, 20), source);
  CHECK(result.rows == 2);
  CHECK(result.coverage.complete());
  CHECK(fetch_trades(*store, instrument, range_ms(10, 20), source).asked.empty());
}

TEST_CASE("what one grain holds is not fetched in the other") {
  TempStore store;
  const Instrument instrument = new_instrument(*store);
  Writer{*store}.append(instrument.id, run_of(1, 100, 0), Grain::aggregate);
  const TradeSource never = [](const Instrument&, TimeRange) -> std::optional<TradeBlock> {
    FAIL("asked");
    return std::nullopt;
  };
  CHECK(fetch_trades(*store, instrument, range_ms(0, 99), never).coverage.complete());
}

TEST_CASE("deleted days come back from the archive") {
  const TempFolder folder;
  TempStore store;
  for (int day = 1; day <= 2; ++day) {
    write_checksum(write_daily(folder, day, agg_trades(1000 * day, 1000, day)));
  }
  import_paths(*store, {folder.path()});
  Writer{*store}.delete_before(DataKind::trades, at("2024-01-02"));
  CHECK(store->stats().trades == 1000);
  const FetchResult result = fetch_trades(*store, store->instrument("BTCUSDT"),
                                          {at("2024-01-01"), at("2024-01-03")}, folder.path());
  CHECK(result.rows == 1000);
  CHECK(store->stats().trades == 2000);
  CHECK(covers(store->coverage(store->instrument("BTCUSDT").id, "aggregates"),
               {at("2024-01-01"), at("2024-01-02")}));
}
