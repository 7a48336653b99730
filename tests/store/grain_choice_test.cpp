#include "store/grain_choice.hpp"

#include "sql_rows.hpp"
#include "tapedeck/query/bars.hpp"
#include "temp_store.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::block_of;
using test::new_instrument;
using test::sql;
using test::sql_line;
using enum AggressorSide;

constexpr int64_t kDay = 86'400'000;

// What the store counts, by its typed answers and by SQL.
std::string counted(Store& store, const Instrument& instrument) {
  std::string grains;
  int64_t volume = 0;
  const TapeAnswer answer =
      for_each_kline(store, {.instrument = instrument}, test::interval("1d"), [&](const auto& bar) {
        volume += static_cast<int64_t>(bar.bar.volume);
        return KeepGoing::go_on;
      });
  for (const Grain grain : answer.grains)
    grains += fmt::format(" {}", to_text(grain));
  const std::string sql_volume = sql_line(store, "SELECT sum(quantity) FROM trades");
  CHECK(sql_volume == std::to_string(volume));
  CHECK(sql_line(store, "SELECT sum(quantity) FROM time_and_sales") == sql_volume);
  CHECK(sql_line(store, "SELECT sum(quantity) FROM flowsurface.trades") == sql_volume);
  CHECK(count_trades(store, instrument.id) == answer.rows);
  return fmt::format("{} rows, volume {}{}", answer.rows, volume, grains);
}

TradeBlock single_prints(int64_t day) {
  return block_of({{day + 10, 100, 1, buy, 1},
                   {day + 10, 100, 2, buy, 2},
                   {day + 20, 101, 3, sell, 3},
                   {day + 30, 101, 4, sell, 4}});
}
TradeBlock aggregates(int64_t day) {
  return block_of(
      {{day + 10, 100, 3, buy, 1}, {day + 20, 101, 3, sell, 2}, {day + 30, 101, 4, sell, 3}});
}

TEST_CASE("trades that cover the aggregates of a day set them aside, in either order of loading") {
  for (const bool trades_first : {true, false}) {
    Store store{":memory:"};
    const Instrument instrument = new_instrument(store);
    Writer writer{store};
    if (trades_first) writer.append(instrument.id, single_prints(0));
    writer.append(instrument.id, aggregates(0), Grain::aggregate);
    if (!trades_first) {
      CHECK(counted(store, instrument) == "3 rows, volume 10 aggregate");
      writer.append(instrument.id, single_prints(0));
    }
    CHECK(counted(store, instrument) == "4 rows, volume 10 trade");
    CHECK(sql_line(store, "SELECT count(*) FROM tape.trades") == "7");
  }
}

TEST_CASE("trades of a part of the day are set aside for the aggregates of the whole") {
  Store store{":memory:"};
  const Instrument instrument = new_instrument(store);
  Writer writer{store};
  writer.append(instrument.id, aggregates(0), Grain::aggregate);
  writer.append(instrument.id, block_of({{20, 101, 3, sell, 3}}));
  CHECK(counted(store, instrument) == "3 rows, volume 10 aggregate");
  // The rest of the day comes: now the trades cover it.
  writer.append(instrument.id, block_of({{10, 100, 1, buy, 1}, {10, 100, 2, buy, 2}}));
  writer.append(instrument.id, block_of({{30, 101, 4, sell, 4}}));
  CHECK(counted(store, instrument) == "4 rows, volume 10 trade");
}

TEST_CASE("each day has its own grain, and volume counts once") {
  Store store{":memory:"};
  const Instrument instrument = new_instrument(store);
  Writer writer{store};
  TradeBlock second_day = single_prints(kDay);
  for (int64_t& id : second_day.trade_id)
    id += 4;
  writer.append(instrument.id, aggregates(0), Grain::aggregate);
  writer.append(instrument.id, single_prints(0));
  writer.append(instrument.id, second_day);
  CHECK(counted(store, instrument) == "8 rows, volume 20 trade");
  TradeBlock third_day = aggregates(2 * kDay);
  for (int64_t& id : third_day.trade_id)
    id += 10;
  writer.append(instrument.id, third_day, Grain::aggregate);
  CHECK(counted(store, instrument) == "11 rows, volume 30 trade aggregate");
  CHECK(sql_line(store,
                 "SELECT grain, epoch_ms(\"begin\"), epoch_ms(\"end\") FROM tape.superseded "
                 "WHERE \"begin\" < '1970-01-02'") == "1 0 86400000");
}

TEST_CASE("a hole in the trades inside the aggregates' stretch sets the trades aside") {
  Store store{":memory:"};
  const Instrument instrument = new_instrument(store);
  Writer writer{store};
  writer.append(instrument.id, aggregates(0), Grain::aggregate);
  writer.append(instrument.id, block_of({{10, 100, 1, buy, 1}, {30, 101, 4, sell, 4}}));
  CHECK(counted(store, instrument) == "3 rows, volume 10 aggregate");
}

TEST_CASE("a grain that is asked for is given, set aside or not") {
  Store store{":memory:"};
  const Instrument instrument = new_instrument(store);
  Writer writer{store};
  writer.append(instrument.id, single_prints(0));
  writer.append(instrument.id, aggregates(0), Grain::aggregate);
  for (const auto& [grain, rows] : {std::pair{Grain::trade, 4}, std::pair{Grain::aggregate, 3}}) {
    TradeBlock block;
    const TapeAnswer answer = read_trades(store, {.instrument = instrument, .grain = grain}, block);
    CHECK(answer.rows == rows);
    CHECK((answer.grains == std::vector{grain}));
    CHECK(answer.coverage.complete());
  }
}

TEST_CASE("one instrument's choice leaves others alone") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  const Instrument eth = new_instrument(store, "ETHUSDT");
  Writer writer{store};
  writer.append(btc.id, single_prints(0));
  writer.append(btc.id, aggregates(0), Grain::aggregate);
  writer.append(eth.id, aggregates(0), Grain::aggregate);
  CHECK(count_trades(store, btc.id) == 4);
  CHECK(count_trades(store, eth.id) == 3);
  CHECK(sql_line(store, "SELECT symbol, sum(quantity) FROM trades GROUP BY symbol ORDER BY 1") ==
        "BTCUSDT 10; ETHUSDT 10");
}

TEST_CASE("a deletion chooses anew: what comes again is counted") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  const TradeBlock aggregates = test::run_of(1, 20, 0);
  writer.append(btc.id, test::run_of(1, 50, 0));
  writer.append(btc.id, aggregates, Grain::aggregate);
  CHECK(sql_line(store, "SELECT count(*) FROM tape.superseded") == "1");
  writer.delete_before(DataKind::trades, test::at_ms(kDay));
  CHECK(sql_line(store, "SELECT count(*) FROM tape.superseded") == "0");
  writer.append(btc.id, aggregates, Grain::aggregate);
  CHECK(count_trades(store, btc.id) == 20);
}

}  // namespace
}  // namespace tapedeck
