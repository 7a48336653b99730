// One contract, kept over a store and in memory.
#include "tapedeck/query/market_data_repository.hpp"

#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::at_ms;
using test::check_refused;
using test::interval;
using test::TempStore;

class StoredContract {
 public:
  MarketDataRepository& operator*() { return *data_; }

 private:
  TempStore store_;
  std::unique_ptr<MarketDataRepository> data_ = market_data_repository(*store_);
};

class MemoryContract {
 public:
  MarketDataRepository& operator*() { return *data_; }

 private:
  std::unique_ptr<MarketDataRepository> data_ = memory_market_data_repository();
};

#define TAPEDECK_BOTH StoredContract, MemoryContract

const InstrumentName kApple{.venue = "alpaca", .symbol = "AAPL"};

Tick tick(int64_t ms, int64_t bid, std::optional<int64_t> sequence = {}) {
  return {.ts_event = at_ms(ms),
          .bid_price = {bid, -2},
          .ask_price = {bid + 1, -2},
          .sequence = sequence};
}

std::vector<std::string> bids(const std::vector<Tick>& ticks) {
  std::vector<std::string> result;
  for (const Tick& one : ticks)
    result.push_back(to_text(one.bid_price));
  return result;
}
using Texts = std::vector<std::string>;

Kline bar(int64_t minute, int64_t close) {
  return {.begin = at_ms(minute * 60'000),
          .open = {1, 0},
          .high = {9, 0},
          .low = {1, 0},
          .close = {close, 0},
          .volume = {5, -1},
          .trades = 3};
}

std::vector<std::string> closes(const std::vector<Kline>& bars) {
  std::vector<std::string> result;
  for (const Kline& one : bars)
    result.push_back(to_text(one.close));
  return result;
}

TEST_CASE_TEMPLATE("ticks are kept once, in the order of their time", Contract, TAPEDECK_BOTH) {
  Contract contract;
  MarketDataRepository& data = *contract;
  CHECK(data.ticks(kApple, {}, 10).empty());
  CHECK_FALSE(data.find_latest_tick(kApple));
  const TickResult first =
      data.insert_ticks(kApple, {tick(3, 150, 7), tick(1, 151, 5), tick(1, 151, 5)});
  CHECK(first.rows == 2);
  CHECK(first.duplicates == 1);
  CHECK(first.gaps == 1);
  const TickResult second =
      data.insert_ticks(kApple, {tick(3, 150, 7), tick(3, 152, 8), tick(9, 153, 11)});
  CHECK(second.rows == 2);
  CHECK(second.gaps == 1);
  CHECK(bids(data.ticks(kApple, {}, 10)) == Texts{"1.51", "1.5", "1.52", "1.53"});
  CHECK(bids(data.ticks(kApple, {at_ms(2), at_ms(9)}, 10)) == Texts{"1.5", "1.52"});
  CHECK(bids(data.ticks(kApple, {}, 2)) == Texts{"1.51", "1.5"});
  CHECK(data.ticks({"alpaca", "MSFT"}, {}, 2).empty());
  CHECK(data.find_latest_tick(kApple)->sequence == 11);
}

TEST_CASE_TEMPLATE("a tick comes back as it was given", Contract, TAPEDECK_BOTH) {
  Contract contract;
  MarketDataRepository& data = *contract;
  const Tick full{.ts_event = at_ms(1),
                  .bid_price = {1, 0},
                  .ask_price = {2, 0},
                  .bid_quantity = Decimal{3, 0},
                  .ask_quantity = Decimal{4, 0},
                  .last_price = Decimal{15, -1},
                  .last_quantity = Decimal{6, 0},
                  .volume = Decimal{7, -12},
                  .sequence = 8,
                  .conditions = {"@", "I"},
                  .tape = "C",
                  .correlation_id = "00000000-0000-0000-0000-00000000000A",
                  .ts_recv = at_ms(2)};
  data.insert_ticks(kApple, {full, tick(2, 1)});
  const std::vector<Tick> read = data.ticks(kApple, {}, 10);
  REQUIRE(read.size() == 2);
  CHECK(read[0].ask_price == full.ask_price);
  CHECK(read[0].bid_quantity == full.bid_quantity);
  CHECK(read[0].ask_quantity == full.ask_quantity);
  CHECK(read[0].last_price == full.last_price);
  CHECK(read[0].last_quantity == full.last_quantity);
  CHECK(read[0].volume == full.volume);
  CHECK(read[0].conditions == full.conditions);
  CHECK(read[0].tape == "C");
  CHECK(read[0].correlation_id == "00000000-0000-0000-0000-00000000000a");
  CHECK(read[0].ts_recv == full.ts_recv);
  CHECK_FALSE(read[1].bid_quantity);
  CHECK(read[1].conditions.empty());
  CHECK(read[1].correlation_id.empty());
  CHECK(read[1].ts_recv.has_value());
  check_refused(ErrorCode::invalid_argument, {"bid_price 0"}, [&] {
    data.insert_ticks(kApple, {tick(3, 1), tick(4, 0)});
  });
  Tick wide = tick(5, 1);
  wide.volume = Decimal{1, -13};
  check_refused(ErrorCode::out_of_range, {}, [&] {
    data.insert_ticks(kApple, {tick(3, 1), wide});
  });
  CHECK(data.ticks(kApple, {}, 10).size() == 2);
}

TEST_CASE_TEMPLATE("of bars the last value stays", Contract, TAPEDECK_BOTH) {
  Contract contract;
  MarketDataRepository& data = *contract;
  const BarInterval minute = interval("1m");
  CHECK_FALSE(data.find_latest_bar(kApple, minute));
  CHECK(data.insert_bars(kApple, minute, {bar(2, 4), bar(1, 3), bar(2, 5)}) == 2);
  CHECK(data.insert_bars(kApple, minute, {bar(1, 3), bar(2, 6), bar(5, 7)}) == 2);
  CHECK(closes(data.bars(kApple, minute, {}, 10)) == Texts{"3", "6", "7"});
  CHECK(closes(data.bars(kApple, minute, {}, 2)) == Texts{"3", "6"});
  CHECK(closes(data.bars(kApple, minute, {at_ms(60'001), at_ms(300'000)}, 10)) == Texts{"6"});
  CHECK(data.bars(kApple, minute, {at_ms(900'000), at_ms(960'000)}, 10).empty());
  const std::optional<Kline> latest = data.find_latest_bar(kApple, minute);
  REQUIRE(latest);
  CHECK(latest->begin == at_ms(300'000));
  CHECK(latest->volume == Decimal{5, -1});
  CHECK(latest->trades == 3);
  CHECK_FALSE(latest->quote_volume);
  CHECK_FALSE(data.find_latest_bar(kApple, interval("5m")));
  Kline wide = bar(9, 1);
  wide.quote_volume = Decimal{1, -13};
  check_refused(ErrorCode::out_of_range, {}, [&] { data.insert_bars(kApple, minute, {wide}); });
}

}  // namespace
}  // namespace tapedeck
