// What the plain names and FlowSurface's names show of the tape.
#include "sql_rows.hpp"
#include "tapedeck/store/schema.hpp"
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
       "DOUBLE, trade_count BIGINT"}};
  for (const auto& [name, columns] : views)
    CHECK(columns_of(store, name) == columns);
}

TEST_CASE("venues are FlowSurface's exchanges, instruments its tickers") {
  Store store{":memory:"};
  const Instrument cm = new_instrument(store, "BTCUSD_PERP", "binance-cm");
  Writer{store}.append(cm.id, block_of({{1, 5, 5}}, {-1, -2}));
  CHECK(sql(store, "SELECT * FROM flowsurface.exchanges ORDER BY exchange_id") ==
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
  writer.append(btc.id, block_of({{3, 1, 1, buy, 3}}, {-9, 0}));      // a digit too many
  writer.append(btc.id, block_of({{4, 10'000'000'000, 1, buy, 4}}));  // a digit too large
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
