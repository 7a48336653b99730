// What the plain names and FlowSurface's names show of the tape.
#include "query/many_loads.hpp"
#include "sql_rows.hpp"
#include "tapedeck/query/bars.hpp"
#include "tapedeck/query/footprints.hpp"
#include "tapedeck/store/schema.hpp"
#include "temp_store.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <random>

namespace tapedeck {
namespace {

using test::block_of;
using test::new_instrument;
using test::sql;
using test::sql_line;
using enum AggressorSide;

std::string columns_of(const Store& store, const std::string& name) {
  std::string line;
  for (const TableColumn& column : table_shape(store, name).columns) {
    line += (line.empty() ? "" : ", ") + column.name + " " + column.type;
  }
  return line;
}

TEST_CASE("views have exactly the columns that were promised") {
  const Store store{":memory:"};
  const std::pair<const char*, const char*> views[]{
      {"main.trades",
       "venue VARCHAR, symbol VARCHAR, time TIMESTAMP_NS, trade_id BIGINT, price DECIMAL(32,12), "
       "quantity DECIMAL(32,12), side VARCHAR, grain VARCHAR, instrument_id INTEGER"},
      {"main.time_and_sales",
       "trade_time TIMESTAMP_NS, symbol VARCHAR, display_symbol VARCHAR, exchange_name VARCHAR, "
       "price DECIMAL(32,12), quantity DECIMAL(32,12), is_sell BOOLEAN, notional_value DOUBLE"},
      {"flowsurface.exchanges", "exchange_id TINYINT, exchange_name VARCHAR, market_type VARCHAR"},
      {"flowsurface.tickers",
       "ticker_id INTEGER, exchange_id TINYINT, symbol VARCHAR, display_symbol VARCHAR, "
       "min_ticksize_power TINYINT, min_qty FLOAT, contract_size FLOAT, market_type VARCHAR, "
       "created_at TIMESTAMP"},
      {"flowsurface.trades",
       "trade_id BIGINT, ticker_id INTEGER, trade_time TIMESTAMP_NS, price DECIMAL(18,8), quantity "
       "FLOAT, is_sell BOOLEAN"},
      {"flowsurface.klines",
       "kline_id BIGINT, ticker_id INTEGER, timeframe VARCHAR, candle_time TIMESTAMP, open_price "
       "DECIMAL(18,8), high_price DECIMAL(18,8), low_price DECIMAL(18,8), close_price "
       "DECIMAL(18,8), base_volume FLOAT, quote_volume FLOAT"},
      {"flowsurface.time_and_sales",
       "trade_time TIMESTAMP_NS, symbol VARCHAR, display_symbol VARCHAR, exchange_name VARCHAR, "
       "price DECIMAL(18,8), quantity FLOAT, is_sell BOOLEAN, notional_value DOUBLE"},
      {"flowsurface.heatmap_view",
       "ticker_id INTEGER, bucket_time TIMESTAMP_NS, price DECIMAL(18,8), buy_qty DOUBLE, sell_qty "
       "DOUBLE, trade_count BIGINT"},
      {"flowsurface.footprint_data",
       "footprint_id BIGINT, kline_id BIGINT, price DECIMAL(18,8), buy_quantity FLOAT, "
       "sell_quantity FLOAT, buy_count INTEGER, sell_count INTEGER, first_trade_time TIMESTAMP_NS, "
       "last_trade_time TIMESTAMP_NS"},
      {"flowsurface.volume_profiles",
       "profile_id BIGINT, ticker_id INTEGER, window_start TIMESTAMP, window_end TIMESTAMP, price "
       "DECIMAL(18,8), total_volume FLOAT, buy_volume FLOAT, sell_volume FLOAT, is_poc BOOLEAN"},
      {"flowsurface.open_interest",
       "oi_id BIGINT, ticker_id INTEGER, oi_time TIMESTAMP, oi_value FLOAT"},
      {"flowsurface.order_runs",
       "run_id BIGINT, ticker_id INTEGER, price DECIMAL(18,8), start_time TIMESTAMP_NS, until_time "
       "TIMESTAMP_NS, quantity FLOAT, is_bid BOOLEAN"},
      {"dreammaker.ohlcv_bars",
       "bar_id BIGINT, exchange VARCHAR, symbol VARCHAR, timeframe VARCHAR, timestamp TIMESTAMP, "
       "open DECIMAL(18,8), high DECIMAL(18,8), low DECIMAL(18,8), close DECIMAL(18,8), volume "
       "DECIMAL(28,8), vwap DECIMAL(18,8), trade_count INTEGER, is_complete BOOLEAN"},
      {"pyrt.candles",
       "timestamp TIMESTAMP, symbol VARCHAR, exchange VARCHAR, timeframe VARCHAR, open "
       "DECIMAL(18,8), high DECIMAL(18,8), low DECIMAL(18,8), close DECIMAL(18,8), volume "
       "DECIMAL(28,8), trade_count INTEGER, vwap DECIMAL(18,8)"}};
  for (const auto& [name, columns] : views)
    CHECK(columns_of(store, name) == columns);
  for (const char* name : {"candles", "footprint_data", "volume_profiles", "order_runs"}) {
    const std::string in_main = columns_of(store, fmt::format("main.{}", name));
    const char* schema = std::string_view{name} == "candles" ? "pyrt" : "flowsurface";
    CHECK(in_main == columns_of(store, fmt::format("{}.{}", schema, name)));
  }
  CHECK(columns_of(store, "pyrt.trading_candles") == columns_of(store, "main.candles"));
  CHECK(columns_of(store, "main.ohlcv_bars") == columns_of(store, "dreammaker.ohlcv_bars"));
}

TEST_CASE("a ticker has the steps that the venue told, else those of its prices") {
  Store store{":memory:"};
  const Instrument btc = test::new_instrument(store);
  const auto steps = [&] {
    return sql_line(store, "SELECT min_ticksize_power, min_qty FROM flowsurface.tickers");
  };
  Writer{store}.append(btc.id, test::four_trades());
  const Instrument used = store.instruments()[0];
  CHECK(steps() ==
        fmt::format("{} {:.1f}", used.scale.price_exp, std::pow(10.0, used.scale.qty_exp)));
  for (const auto& [tick, power] : std::map<std::string, int>{
           {"0.5", -1}, {"0.25", -2}, {"1", 0}, {"20", 1}, {"0.000000000001", -12}}) {
    CAPTURE(tick);
    sql(store, fmt::format("UPDATE tape.instruments SET tick_size = {}, lot_size = 0.5", tick),
        SqlAccess::write);
    CHECK(steps() == fmt::format("{} 0.5", power));
  }
}

TEST_CASE("open interest of one second has ids of its own") {
  Store store{":memory:"};
  const Instrument btc = test::new_instrument(store);
  std::vector<OpenInterest> rows(3);
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].ts_event = test::at_ms(static_cast<int64_t>(i));
    rows[i].open_interest = Decimal{1, 0};
  }
  Writer{store}.upsert_open_interest(btc.id, rows);
  CHECK(sql_line(store, "SELECT count(DISTINCT oi_id) FROM flowsurface.open_interest") == "3");
}

// begin, prices, volumes, vwap, trades, complete: of one timeframe, as the typed answer gives them.
std::vector<std::string> klines_of(const Store& store, const Instrument& instrument,
                                   std::string_view timeframe) {
  std::vector<std::string> lines;
  const Scale scale = instrument.scale;
  for_each_kline(
      store, {.instrument = instrument}, test::interval(timeframe), [&](const BarAnswer& answer) {
        const Bar& bar = answer.bar;
        const auto price = [&](Price p) { return to_text(Decimal{p.raw(), scale.price_exp}); };
        const auto volume = [&](Volume v) { return to_text(Decimal{v, scale.qty_exp}); };
        int128 numerator = bar.notional;
        for (int digits = 8 + scale.price_exp; digits > 0; --digits)
          numerator *= 10;
        lines.push_back(fmt::format(
            "{} {} {} {} {} {} {} {} {} {} {}", to_iso(bar.begin), price(bar.open), price(bar.high),
            price(bar.low), price(bar.close), volume(bar.volume), volume(bar.buy_volume),
            volume(bar.sell_volume),
            bar.volume == 0 ? "NULL"
                            : to_text(Decimal{divide_half_even(numerator, bar.volume, 0), -8}),
            bar.trades, answer.complete));
        return KeepGoing::go_on;
      });
  return lines;
}

std::vector<std::string> without_vwap(std::vector<std::string> lines) {
  for (std::string& line : lines) {
    size_t from = 0;
    for (int field = 0; field < 8; ++field)
      from = line.find(' ', from) + 1;
    line.replace(from, line.find(' ', from) - from, "NULL");
  }
  return lines;
}

TEST_CASE("bars of every timeframe are the klines that the typed answer gives") {
  for (const test::Loads loads : test::all_loads()) {
    CAPTURE(static_cast<int>(loads));
    test::LoadedTape tape{loads, {.rows = 3000, .max_pause_ms = 90'000}};
    const bool one_scale = loads != test::Loads::several_scales;
    for (const char* timeframe :
         {"1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d", "1w", "1mo"}) {
      CAPTURE(timeframe);
      std::vector<std::string> expected = klines_of(tape.store(), tape.instrument(), timeframe);
      CHECK(sql(tape.store(),
                fmt::format("SELECT \"begin\", open, high, low, close, volume, buy_volume, "
                            "sell_volume, {}, trades, is_complete FROM tape.all_bars WHERE "
                            "timeframe = '{}' ORDER BY \"begin\"",
                            one_scale ? "vwap" : "NULL", timeframe)) ==
            (one_scale ? expected : without_vwap(std::move(expected))));
    }
  }
}

TEST_CASE("every name of bars shows the klines that the typed answer gives") {
  test::LoadedTape tape{test::Loads::two_halves, {.rows = 3000, .max_pause_ms = 5000}};
  for (const char* timeframe : {"1m", "15m", "1h"}) {
    CAPTURE(timeframe);
    std::vector<std::string> bars;
    std::vector<std::string> candles;
    for_each_kline(
        tape.store(), tape.request(), test::interval(timeframe), [&](const BarAnswer& answer) {
          const Bar& bar = answer.bar;
          const std::string values =
              fmt::format("{} {} {} {} {} {}", to_iso(bar.begin), bar.open.raw(), bar.high.raw(),
                          bar.low.raw(), bar.close.raw(), to_text(Decimal{bar.volume, 0}));
          bars.push_back(
              fmt::format("binance BTCUSDT {} {} {}", values, bar.trades, answer.complete));
          candles.push_back(fmt::format("binance BTCUSDT {} {}", values, bar.trades));
          return KeepGoing::go_on;
        });
    REQUIRE_FALSE(bars.empty());
    const auto rows = [&](const char* view, const char* more) {
      return sql(tape.store(),
                 fmt::format("SELECT exchange, symbol, timestamp, open, high, low, close, volume, "
                             "trade_count{} FROM {} WHERE timeframe = '{}' ORDER BY timestamp",
                             more, view, timeframe));
    };
    CHECK(rows("dreammaker.ohlcv_bars", ", is_complete") == bars);
    CHECK(rows("pyrt.candles", "") == candles);
    CHECK(rows("pyrt.trading_candles", "") == candles);
  }
}

TEST_CASE("a candle that was stored is there under every name of bars") {
  Store store{":memory:"};
  const Instrument coin =
      store.resolve_instrument({.venue = "alpaca", .symbol = "BTC/USD"}, NewVenue::add);
  const Kline candle{.begin = test::at("2026-11-20T10:00"),
                     .open = {6'183'763, -2},
                     .high = {618'608, -1},
                     .low = {61'780, 0},
                     .close = {6'178'225, -2},
                     .volume = {1'507'702, -5},
                     .quote_volume = Decimal{150'770'200'000, -5},
                     .trades = 321};
  Writer{store}.upsert_klines(coin.id, test::interval("1m"), std::vector{candle});
  for (const char* view : {"pyrt.trading_candles", "pyrt.candles", "dreammaker.ohlcv_bars"}) {
    CAPTURE(view);
    CHECK(sql_line(store, fmt::format("SELECT exchange, symbol, timeframe, timestamp, open, high, "
                                      "low, close, volume, trade_count FROM {}",
                                      view)) ==
          "alpaca BTC/USD 1m 2026-11-20T10:00:00Z 61837.63 61860.8 61780 61782.25 15.07702 321");
  }
  CHECK(sql_line(store, "SELECT candle_time, open_price, close_price FROM flowsurface.klines") ==
        "2026-11-20T10:00:00Z 61837.63 61782.25");
}

TEST_CASE("a bar that the venue published goes before ours") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, test::run_of(1, 120'000, 0));
  Kline kline;
  kline.begin = test::at_ms(60'000);
  kline.open = kline.high = kline.low = kline.close = {7, 0};
  kline.volume = {1, 0};
  for (const char* source : {"mine", "venue"})
    writer.upsert_klines(btc.id, test::interval("1m"), std::vector{kline}, source);
  CHECK(
      sql(store,
          "SELECT \"begin\", close, source FROM tape.all_bars WHERE "
          "timeframe = '1m' ORDER BY bar_id") ==
      std::vector<std::string>{"1970-01-01T00:00:00Z 102 trades", "1970-01-01T00:01:00Z 7 venue"});
  CHECK(sql_line(store, "SELECT count(*), count(DISTINCT bar_id) FROM tape.all_bars") == "14 14");
  CHECK(sql_line(store,
                 "SELECT exchange, symbol, close, is_complete FROM ohlcv_bars WHERE "
                 "timeframe = '1m' AND close = 7") == "binance BTCUSDT 7 true");
}

TEST_CASE("stretches in SQL are those of coverage") {
  for (unsigned seed = 0; seed < 10; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    Store store{":memory:"};
    const Instrument btc = new_instrument(store);
    Writer writer{store};
    const bool ids = seed % 2 == 0;
    for (int load = 0; load < 8; ++load) {
      const auto first = static_cast<int64_t>(random() % 300);
      TradeBlock block = test::run_of(first, 1 + static_cast<int64_t>(random() % 20), first * 10);
      block.has_ids = ids;
      writer.append(btc.id, block);
    }
    std::vector<std::string> expected;
    for (const TimeRange& range : covered_ranges(store.coverage(btc.id, "trades")))
      expected.push_back(to_iso(range.begin) + " " + to_iso(range.end));
    CHECK(sql(store, "SELECT \"begin\", \"end\" FROM tape.covered ORDER BY \"begin\"") == expected);
  }
}

TEST_CASE("bars are there once and complete as the typed answer says, where stretches overlap") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(
      btc.id, block_of({{0, 5, 1, buy, 1}, {1'800'000, 5, 1, buy, 2}, {7'200'000, 5, 1, buy, 3}}));
  writer.append(btc.id, block_of({{2'000'000, 5, 1, buy, 100}, {5'400'000, 5, 1, buy, 101}}));
  for (const char* timeframe : {"1m", "5m", "1h", "1d"}) {
    CAPTURE(timeframe);
    std::vector<std::string> expected;
    for_each_kline(store, {.instrument = btc}, test::interval(timeframe),
                   [&](const BarAnswer& one) {
                     expected.push_back(fmt::format("{} {}", to_iso(one.bar.begin), one.complete));
                     return KeepGoing::go_on;
                   });
    CHECK(sql(store, fmt::format("SELECT \"begin\", is_complete FROM tape.all_bars WHERE timeframe "
                                 "= '{}' ORDER BY 1",
                                 timeframe)) == expected);
  }
}

TEST_CASE("vwap of cheap coins has eight digits, rounded") {
  Store store{":memory:"};
  const Instrument coin = new_instrument(store);
  Writer{store}.append(coin.id, block_of({{1, 1'234, 1, buy, 1}, {2, 1'236, 1, buy, 2}}, {-10, 0}));
  CHECK(sql_line(store, "SELECT vwap FROM tape.all_bars WHERE timeframe = '1m'") == "0.00000012");
}

TEST_CASE("footprints and profiles under their names are those of the typed answers") {
  test::LoadedTape tape{test::Loads::two_halves, {.rows = 2000, .max_pause_ms = 2000}};
  std::vector<std::string> expected;
  for_each_footprint(
      tape.store(), tape.request(), test::interval("5m"), {}, [&](const Footprint& footprint) {
        for (const Level& level : footprint.levels)
          expected.push_back(fmt::format(
              "{} {} {} {}", level.price.raw(), to_text(Decimal{level.buy_quantity, 0}),
              to_text(Decimal{level.sell_quantity, 0}), level.buy_count + level.sell_count));
        return KeepGoing::go_on;
      });
  CHECK(sql(tape.store(),
            "SELECT f.price, CAST(f.buy_quantity AS BIGINT), CAST(f.sell_quantity AS "
            "BIGINT), f.buy_count + f.sell_count FROM flowsurface.footprint('5m') f "
            "JOIN tape.all_bars b ON b.bar_id = f.kline_id ORDER BY b.\"begin\", "
            "f.price") == expected);
  const VolumeProfile profile = volume_profile(tape.store(), tape.request(), {}).profile;
  CHECK(sql_line(tape.store(),
                 "SELECT price, CAST(total_volume AS BIGINT) FROM "
                 "flowsurface.volume_profiles WHERE is_poc") ==
        fmt::format("{} {}", profile.levels[profile.poc].price.raw(),
                    to_text(Decimal{profile.levels[profile.poc].quantity(), 0})));
}

TEST_CASE("each window of volume profiles has one point of control, of equals the lowest price") {
  constexpr int64_t kDay = 86'400'000;
  Store store{":memory:"};
  Writer writer{store};
  for (const char* symbol : {"BTCUSDT", "ETHUSDT"}) {
    writer.append(
        new_instrument(store, symbol).id,
        block_of({{1, 103, 2}, {2, 101, 1}, {3, 102, 2}, {4, 101, 1}, {kDay + 1, 99, 1}}));
  }
  CHECK(sql(store,
            "SELECT ticker_id, window_start, price, total_volume FROM flowsurface.volume_profiles "
            "WHERE is_poc ORDER BY ticker_id, window_start") ==
        std::vector<std::string>{"1 1970-01-01T00:00:00Z 101 2.0", "1 1970-01-02T00:00:00Z 99 1.0",
                                 "2 1970-01-01T00:00:00Z 101 2.0",
                                 "2 1970-01-02T00:00:00Z 99 1.0"});
}

TEST_CASE("open interest in FlowSurface's columns; order runs are empty until books come") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  OpenInterest row;
  row.ts_event = test::at("2024-01-01T00:05");
  row.open_interest = {125, -1};
  Writer{store}.upsert_open_interest(btc.id, std::vector{row});
  CHECK(sql_line(store, "SELECT ticker_id, oi_time, oi_value FROM flowsurface.open_interest") ==
        "1 2024-01-01T00:05:00Z 12.5");
  CHECK(sql_line(store, "SELECT count(*) FROM order_runs") == "0");
}

TEST_CASE("each profile lists its names as tables, as programs ask for them") {
  Store store{":memory:"};
  for (const std::string& profile : sql_profiles()) {
    test::TextSink sink;
    run_sql(store,
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('trades', "
            "'klines', 'ohlcv_bars', 'candles', 'footprint_data', 'order_runs') ORDER BY "
            "name",
            SqlAccess::read, sink, profile);
    CHECK(sink.lines() == std::vector<std::string>{"candles", "footprint_data", "klines",
                                                   "ohlcv_bars", "order_runs", "trades"});
  }
}

TEST_CASE("venues are FlowSurface's exchanges, instruments its tickers") {
  Store store{":memory:"};
  const Instrument cm = new_instrument(store, "BTCUSD_PERP", "binance-cm");
  Writer{store}.append(cm.id, block_of({{1, 5, 5}}, {-1, -2}));
  CHECK(sql(store, "SELECT * FROM flowsurface.exchanges ORDER BY exchange_id LIMIT 3") ==
        std::vector<std::string>{"1 Binance Spot Spot", "2 Binance Linear LinearPerps",
                                 "3 Binance Inverse InversePerps"});
  CHECK(sql_line(store, "SELECT * EXCLUDE (created_at) FROM flowsurface.tickers") ==
        "1 3 BTCUSD_PERP BTCUSD_PERP -1 0.01 NULL InversePerps");
}

TEST_CASE("prices and quantities are exact decimals at every exponent") {
  for (int exponent = 0; exponent >= kMinExponent; --exponent) {
    CAPTURE(exponent);
    Store store{":memory:"};
    const Instrument btc = new_instrument(store);
    const auto exp = static_cast<int8_t>(exponent);
    Writer{store}.append(
        btc.id, block_of({{1, INT64_MAX, 1, buy, 1}, {2, 1, INT64_MAX, sell, 2}}, {exp, exp}));
    const std::string largest = to_text(Decimal{INT64_MAX, exponent});
    const std::string one = to_text(Decimal{1, exponent});
    const std::string expected = largest + " " + one + "; " + one + " " + largest;
    CHECK(sql_line(store, "SELECT price, quantity FROM trades ORDER BY trade_id") == expected);
    CHECK(sql_line(store, "SELECT price, quantity FROM time_and_sales ORDER BY trade_time") ==
          expected);
  }
}

TEST_CASE("time and sales show the side as FlowSurface does, and the notional") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(
      btc.id, block_of({{1, 1000, 15, buy}, {2, 2000, 5, sell}, {3, 1, 1, unknown}}, {-1, -1}));
  for (const char* view : {"main.time_and_sales", "flowsurface.time_and_sales"}) {
    CHECK(sql_line(store, fmt::format("SELECT epoch_ms(trade_time), exchange_name, symbol, price, "
                                      "quantity, is_sell, notional_value FROM {} ORDER BY 1",
                                      view)) ==
          "1 Binance Spot BTCUSDT 100 1.5 false 150; 2 Binance Spot BTCUSDT 200 0.5 true 100; 3 "
          "Binance Spot BTCUSDT 0.1 0.1 NULL 0.01");
  }
  CHECK(sql_line(store, "SELECT side, grain FROM trades ORDER BY time") ==
        "buy trade; sell trade; unknown trade");
}

TEST_CASE("what DECIMAL(18,8) cannot hold is NULL in FlowSurface's views, and exact in ours") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id,
                block_of({{1, 999'999'999'999'999'999, 1, buy, 1}}, {-8, 0}));  // the largest
  writer.append(btc.id, block_of({{2, 1, 1, buy, 2}}, {-8, 0}));
  // In minutes of their own: the largest does not fit at the finest exponent.
  writer.append(btc.id, block_of({{60'003, 1, 1, buy, 3}}, {-9, 0}));       // a digit too many
  writer.append(btc.id, block_of({{120'004, 10'000'000'000, 1, buy, 4}}));  // a digit too large
  CHECK(sql_line(store, "SELECT price FROM flowsurface.trades ORDER BY trade_id") ==
        "9999999999.99999999; 0.00000001; NULL; NULL");
  CHECK(sql_line(store, "SELECT price FROM flowsurface.time_and_sales ORDER BY trade_time") ==
        "9999999999.99999999; 0.00000001; NULL; NULL");
  CHECK(sql_line(store, "SELECT price FROM trades ORDER BY trade_id") ==
        "9999999999.99999999; 0.00000001; 0.000000001; 10000000000");
}

TEST_CASE("the heatmap counts trades by bucket and price; its macro takes the width") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, test::four_trades());
  CHECK(sql_line(store,
                 "SELECT epoch_ms(bucket_time), price, buy_qty, sell_qty, trade_count FROM "
                 "flowsurface.heatmap_view ORDER BY 1") ==
        "60000 100 1 0 1; 60500 101 0 2 1; 119900 99 1 0 1; 120000 102 0 4 1");
  CHECK(sql_line(store,
                 "SELECT epoch_ms(bucket_time), count(*) FROM flowsurface.heatmap(60000) "
                 "GROUP BY 1 ORDER BY 1") == "60000 3; 120000 1");
}

TEST_CASE("FlowSurface's klines show the pair of buy and sell volume") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Kline kline;
  kline.begin = test::at("2024-08-08T00:01");
  kline.open = kline.high = kline.low = kline.close = Decimal{15, -1};
  kline.volume = Decimal{10, 0};
  kline.buy_volume = Decimal{4, 0};
  Writer writer{store};
  writer.upsert_klines(btc.id, test::interval("1m"), std::vector{kline});
  kline.buy_volume.reset();
  writer.upsert_klines(btc.id, test::interval("1h"), std::vector{kline});
  CHECK(sql_line(store,
                 "SELECT timeframe, candle_time, open_price, base_volume, quote_volume FROM "
                 "flowsurface.klines ORDER BY timeframe DESC") ==
        "1m 2024-08-08T00:01:00Z 1.5 4.0 6.0; 1h 2024-08-08T00:01:00Z 1.5 -1.0 10.0");
  CHECK(sql_line(store, "SELECT count(DISTINCT kline_id) FROM flowsurface.klines") == "2");
  CHECK(sql_line(store, "SELECT buy_volume, sell_volume FROM klines ORDER BY interval DESC") ==
        "4 6; NULL NULL");
}

}  // namespace
}  // namespace tapedeck
