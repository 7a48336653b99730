#include "store/tick_rows.hpp"

#include "sql_rows.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <random>

namespace tapedeck {
namespace {

using namespace test;

Tick tick(int64_t ms, std::optional<int64_t> sequence, int64_t bid = 100) {
  return {.ts_event = at_ms(ms),
          .bid_price = {bid, 0},
          .ask_price = {bid * 10 + 5, -1},
          .sequence = sequence};
}

struct Ticked {
  Store store{":memory:"};
  Instrument btc = new_instrument(store);

  std::string append(const std::vector<Tick>& ticks) {
    const TickResult result = Writer{store}.append_ticks(btc.id, ticks);
    return fmt::format("{} {} {}", result.rows, result.duplicates, result.gaps);
  }
  std::string coverage() { return coverage_line(store.coverage(btc.id, kTicksDataset)); }
};

}  // namespace

TEST_CASE("a tick is kept as given, under the names of the source system") {
  Ticked one;
  Tick full = tick(5, 7);
  full.bid_quantity = Decimal{25, -1};
  full.ask_quantity = Decimal{3, 0};
  full.last_price = Decimal{10'025, -2};
  full.last_quantity = Decimal{1, -8};
  full.volume = Decimal{123'456, 0};
  full.conditions = {"@", "I"};
  full.tape = "C";
  full.correlation_id = "0b5e0f5e-8f4a-4a52-b1a4-3f1d3c1f0a01";
  full.ts_recv = at_ms(9);
  CHECK(one.append({full}) == "1 0 0");
  CHECK(sql_line(one.store, "SELECT * FROM dreammaker.market_ticks") ==
        "1 binance BTCUSDT 1970-01-01T00:00:00.005Z 100 100.5 2.5 3 100.25 0.00000001 123456 7 "
        "[@, I] C 1970-01-01T00:00:00.009Z websocket 0b5e0f5e-8f4a-4a52-b1a4-3f1d3c1f0a01");
}

TEST_CASE("what a tick does not say is NULL, and our clock is the time when it is stored") {
  Ticked one;
  one.append({tick(5, std::nullopt)});
  CHECK(sql_line(one.store,
                 "SELECT bid_size, last_price, volume, sequence_number, conditions, tape, "
                 "correlation_id, ingestion_time > now()::TIMESTAMP - INTERVAL 1 HOUR FROM "
                 "market_ticks") == "NULL NULL NULL NULL NULL NULL NULL true");
  CHECK(one.coverage() == "[5, 5) unverifiable");
}

TEST_CASE("ticks are stored once, in the order of time and arrival") {
  Ticked one;
  CHECK(one.append({tick(9, 3), tick(5, 1), tick(5, 2), tick(5, 1)}) == "3 1 0");
  CHECK(one.append({tick(5, 2), tick(9, 3), tick(9, 3, 101)}) == "1 2 0");
  CHECK(sql_line(one.store,
                 "SELECT tick_id, sequence_number, bid_price FROM market_ticks ORDER BY "
                 "tick_id") == "1 1 100; 2 2 100; 3 3 100; 4 3 101");
  CHECK(one.append({}) == "0 0 0");
}

TEST_CASE("numbers that were left out are gaps, within a batch and between batches") {
  Ticked one;
  CHECK(one.append({tick(10, 1), tick(20, 2), tick(30, 5)}) == "3 0 1");
  CHECK(one.append({tick(40, 6), tick(50, 9)}) == "2 0 1");
  // A feed that was started again counts anew; what was before is no gap of it.
  CHECK(one.append({tick(60, 1), tick(70, 2)}) == "2 0 0");
  CHECK(one.append({tick(1, 90), tick(2, 91)}) == "2 0 0");
  CHECK(sql_line(one.store, "SELECT cause FROM coverage WHERE status = 'gap' ORDER BY \"begin\"") ==
        "numbers 3 – 4 are missing; numbers 7 – 8 are missing");
}

TEST_CASE("a batch with a tick that cannot be is refused as a whole") {
  Ticked one;
  const auto refused = [&](ErrorCode code, std::string_view words, const Tick& bad) {
    check_refused(code, {words}, [&] { one.append({tick(1, 1), bad}); });
  };
  Tick bad = tick(2, 2, 0);
  refused(ErrorCode::invalid_argument, "bid_price 0, which must be above 0", bad);
  bad = tick(2, 2);
  bad.last_quantity = Decimal{-1, 0};
  refused(ErrorCode::invalid_argument, "last_quantity -1, which must be 0 or more", bad);
  bad = tick(2, 2);
  bad.volume = Decimal{1, -13};
  refused(ErrorCode::out_of_range, "volume", bad);
  bad = tick(2, 2);
  bad.correlation_id = "no uuid";
  refused(ErrorCode::invalid_argument, "its correlation_id 'no uuid' is no UUID", bad);
  CHECK(sql_line(one.store, "SELECT count(*) FROM tape.ticks") == "0");
}

TEST_CASE("instruments without ticks have those that follow from quotes and trades") {
  Ticked one;
  Writer writer{one.store};
  writer.append(one.btc.id, run_of(1, 2, 1'000));
  writer.append_quotes(one.btc.id, std::vector<Quote>{{.ts_event = at_ms(500),
                                                       .bid_price = {99, 0},
                                                       .bid_quantity = {1, 0},
                                                       .ask_price = {101, 0},
                                                       .ask_quantity = {2, 0}},
                                                      {.ts_event = at_ms(60'000),
                                                       .bid_price = {98, 0},
                                                       .bid_quantity = {1, 0},
                                                       .ask_price = {102, 0},
                                                       .ask_quantity = {2, 0},
                                                       .sequence = 4}});
  CHECK(sql_line(one.store,
                 "SELECT bid_price, last_price IS NULL, sequence_number, count(DISTINCT tick_id) "
                 "OVER () FROM market_ticks ORDER BY \"timestamp\"") ==
        "99 true NULL 2; 98 false 4 2");
  CHECK(sql_line(one.store,
                 "SELECT last_price = (SELECT arg_max(price, time) FROM trades) FROM market_ticks "
                 "WHERE sequence_number = 4") == "true");
  one.append({tick(5, 7)});
  CHECK(sql_line(one.store, "SELECT sequence_number FROM market_ticks") == "7");
}

}  // namespace tapedeck
