#include "ingest/parquet_rows.hpp"

#include "table_fixture.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

namespace fs = std::filesystem;

TEST_CASE("Parquet: decimals, integers, texts and every kind of timestamp are exact") {
  const TempFolder folder;
  const std::vector<std::string> expected{
      "binance BTCUSDT 2024-01-01T00:00:00.123456Z 7 61837.63 0.001 buy trade"};
  for (const std::string_view select :
       {"SELECT TIMESTAMP '2024-01-01 00:00:00.123456' AS time, 7 AS id, "
        "61837.63::DECIMAL(18,8) AS price, 0.001::DECIMAL(38,12) AS size, 'buy' AS side",
        "SELECT TIMESTAMPTZ '2024-01-01 01:00:00.123456+01' AS time, 7 AS id, '61837.63' AS price, "
        "'0.001' AS size, 'b' AS side",
        "SELECT TIMESTAMP_NS '2024-01-01 00:00:00.123456' AS time, 7::UTINYINT AS id, "
        "'61837.63' AS price, '0.001' AS size, 'BUY'::ENUM('BUY', 'SELL') AS side",
        "SELECT 1704067200123456 AS time, 7::BIGINT AS id, 6183763 AS price, -2 AS price_exp, 1 "
        "AS quantity, -3 AS qty_exp, false AS is_buyer_maker"}) {
    CAPTURE(select);
    TempStore store;
    const FileReport report = import_one(*store, write_parquet(folder, select), of_btc());
    CHECK(report.message == "");
    CHECK(content(*store, "trades") == expected);
  }
}

TEST_CASE("Parquet of binary floating-point is refused, and read as shortest decimals if asked") {
  const TempFolder folder;
  TempStore store;
  const fs::path path = write_parquet(
      folder,
      "SELECT TIMESTAMP '2024-01-01' AS time, 0.1::DOUBLE AS price, 16777216.0::FLOAT AS size "
      "UNION ALL SELECT TIMESTAMP '2024-01-02', 1e-7::DOUBLE, 0.1::FLOAT");
  const FileReport refused = import_one(*store, path, of_btc());
  CHECK(refused.message.find("the column 'price' holds binary floating-point") !=
        std::string::npos);
  CHECK(refused.message.find("--from-double") != std::string::npos);
  TableFormat format = of_btc();
  format.from_double = true;
  CHECK(import_one(*store, path, format).message == "");
  CHECK(content(*store, "trades") ==
        std::vector<std::string>{
            "binance BTCUSDT 2024-01-01T00:00:00Z NULL 0.1 16777216 unknown trade",
            "binance BTCUSDT 2024-01-02T00:00:00Z NULL 0.0000001 0.1 unknown trade"});
}

TEST_CASE("large floating-point numbers are their shortest decimals too") {
  const TempFolder folder;
  TempStore store;
  TableFormat format = of_btc();
  format.kind = DataKind::klines;
  format.interval = BarInterval::parse("1h");
  format.from_double = true;
  const FileReport report = import_one(
      *store,
      write_parquet(folder,
                    "SELECT TIMESTAMP '2024-01-01' AS time, 1.0::DOUBLE AS open, 1.0::DOUBLE AS "
                    "high, 1.0::DOUBLE AS low, 1.0::DOUBLE AS close, 1.2345678901234567e20 AS "
                    "volume, 1e23 AS quote_volume, 100000.0::DOUBLE AS trades"),
      format);
  CHECK(report.message == "");
  CHECK(sql_line(*store, "SELECT volume, quote_volume, trades FROM klines") ==
        "123456789012345670000 100000000000000000000000 100000");
}

TEST_CASE("a time beyond nanoseconds is a bad row, not a bad file") {
  const TempFolder folder;
  TempStore store;
  const FileReport report =
      import_one(*store,
                 write_parquet(folder,
                               "SELECT unnest([TIMESTAMP '2024-01-01', TIMESTAMP '2300-01-01']) AS "
                               "time, 1 AS price, 1 AS size"),
                 of_btc(), 1);
  CHECK(report.message.find("refused rows are kept") != std::string::npos);
  CHECK(report.rows == 1);
  CHECK(report.rejects == 1);
}

TEST_CASE("bad Parquet is named: rows by their number, files by what is wrong") {
  const TempFolder folder;
  TempStore store;
  const auto message = [&](const fs::path& path) {
    return import_one(*store, path, of_btc()).message;
  };
  const std::string row = message(write_parquet(
      folder, "SELECT TIMESTAMP '2024-01-01' AS time, unnest([1, NULL, 0]) AS price, 1 AS size"));
  CHECK(row.find("row 2: price must be a decimal number, found ''") != std::string::npos);
  CHECK(row.find("the first of 2 refused rows") != std::string::npos);
  CHECK(message(write_csv(folder, "PAR1 and no more", "x.parquet"))
            .find("this is no whole Parquet file") != std::string::npos);
  CHECK(message(write_csv(folder, "PAR1 0123456789 PAR1", "y.parquet"))
            .find("the Parquet file is damaged") != std::string::npos);
  CHECK(message(
            write_parquet(folder, "SELECT TIMESTAMP '2024-01-01' AS time, [1] AS price, 1 AS size"))
            .find("the column 'price' holds lists") != std::string::npos);
  CHECK(message(write_parquet(
                    folder, "SELECT TIMESTAMP '2024-01-01' AS time, 1 AS price, 1 AS size LIMIT 0"))
            .find("holds no rows") != std::string::npos);
  CHECK(message(write_parquet(folder, "SELECT TIMESTAMP '2024-01-01' AS time, 1 AS price"))
            .find("no column holds the quantity of trades; the columns are time, price") !=
        std::string::npos);
}

TEST_CASE("a path is a path: no pattern, and no columns from its folders") {
  const TempFolder folder;
  TempStore store;
  fs::create_directories(folder / "symbol=ETH");
  const fs::path path = write_parquet(
      folder, "SELECT TIMESTAMP '2024-01-01' AS time, 1 AS price, 1 AS size", "a.parquet");
  const fs::path odd = folder / "symbol=ETH/[a]*'b.parquet";
  fs::rename(path, odd);
  CHECK(import_one(*store, odd, of_btc()).message == "");
  CHECK(content(*store, "trades").size() == 1);
}
