#include "tapedeck/telemetry/metric_import.hpp"

#include "base/file.hpp"
#include "sql_rows.hpp"
#include "tapedeck/telemetry/metrics.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace tapedeck {
namespace {

using test::at;
using test::check_refused;
using test::sql_line;
using test::TempStore;
using test::write_file;

constexpr const char* kThree =
    "timestamp,metric_name,value,symbol,labels\n"
    "2024-01-01 10:00:00,order_latency_ms,42.5,BTC/USD,\"{\"\"venue\"\": \"\"alpaca\"\"}\"\n"
    "2024-01-01T10:00:01.25Z,order_latency_ms,43,,\n"
    "2024-01-01 10:00:02,websocket_lag_ms,1e-3,,{}\n";

TEST_CASE("metrics of another program are imported from CSV, once") {
  TempStore store;
  const auto path = store.folder() / "it's.csv";
  write_file(path, kThree);
  for (int round = 0; round < 2; ++round) {
    const MetricImportResult result = import_metrics_file(*store, path);
    CHECK(result.rows == 3);
    CHECK(result.rejects == 0);
    CHECK(sql_line(*store, "SELECT count(*) FROM trading_metrics") == "3");
  }
  const auto latencies = metrics(*store, {.name = "order_latency_ms"});
  REQUIRE(latencies.size() == 2);
  CHECK(latencies[0].timestamp == at("2024-01-01T10:00:01.250"));
  CHECK_FALSE(latencies[0].series.symbol);
  CHECK(latencies[1] == MetricRecord("order_latency_ms", 42.5)
                            .with_timestamp(at("2024-01-01T10:00"))
                            .with_symbol("BTC/USD")
                            .add_label("venue", "alpaca"));
}

TEST_CASE("what trading_metrics shows comes back from CSV and Parquet") {
  TempStore first;
  write_file(first.folder() / "a.csv", kThree);
  import_metrics_file(*first, first.folder() / "a.csv");
  const char* const all =
      "SELECT string_agg(trading_metrics::VARCHAR, ';' ORDER BY ALL) FROM "
      "trading_metrics";
  for (const char* name : {"out.csv", "out.csv.gz", "out.parquet"}) {
    CAPTURE(name);
    const auto path = first.folder() / name;
    test::sql(*first, fmt::format("COPY (SELECT * FROM trading_metrics) TO '{}'", path.string()),
              SqlAccess::write);
    TempStore second;
    CHECK(import_metrics_file(*second, path).rows == 3);
    CHECK(sql_line(*second, all) == sql_line(*first, all));
  }
}

TEST_CASE("times with an offset are brought to UTC") {
  TempStore store;
  const auto path = store.folder() / "a.csv";
  write_file(path,
             "timestamp,metric_name,value\n"
             "2024-01-01T10:00:00+00:00,a,1\n"
             "2024-01-01 10:00:00.5+01,a,2\n"
             "2024-01-01T10:00:00-0530,a,3\n"
             "2024-01-01T10:00:00+1,a,4\n");
  CHECK(import_metrics_file(*store, path).rejects == 1);
  CHECK(sql_line(*store,
                 "SELECT string_agg(strftime(\"timestamp\", '%H:%M:%S.%g'), ' ' ORDER BY "
                 "value) FROM metrics") == "10:00:00.000 09:00:00.500 15:30:00.000");
  const auto parquet = store.folder() / "a.parquet";
  test::sql(*store,
            fmt::format("COPY (SELECT TIMESTAMPTZ '2024-01-01 10:00:00+02' AS timestamp, "
                        "'b' AS metric_name, 5 AS value) TO '{}'",
                        parquet.string()),
            SqlAccess::write);
  CHECK(import_metrics_file(*store, parquet).rows == 1);
  CHECK(metrics(*store, {.name = "b"}).at(0).timestamp == at("2024-01-01T08:00"));
}

TEST_CASE("of a file with corrected values the stored ones stay, also as the newest") {
  TempStore store;
  const auto path = store.folder() / "a.csv";
  for (const char* value : {"1", "2"}) {
    write_file(path, fmt::format("timestamp,metric_name,value\n2024-01-01,a,{}\n", value));
    import_metrics_file(*store, path);
    CHECK(current_metrics(*store, "a").at(0).value == 1);
  }
  store.reopen(OpenMode::write);
  import_metrics_file(*store, path);  // before anything of the series is known
  CHECK(current_metrics(*store, "a").at(0).value == 1);
  CHECK(metrics(*store, {.name = "a"}).size() == 1);
}

TEST_CASE("a line that is no metric is kept with its reason, the others are stored") {
  TempStore store;
  const auto path = store.folder() / "a.csv";
  write_file(path,
             "value,metric_name,timestamp,metric_type,labels,note\n"
             "1,good,2024-01-01 10:00:00,counter,,x\n"
             "many,a,2024-01-01 10:00:00,gauge,,x\n"
             "1,a,noon,gauge,,x\n"
             "1,,2024-01-01 10:00:00,gauge,,x\n"
             "1,a,2024-01-01 10:00:00,rate,,x\n"
             "1,a,2024-01-01 10:00:00,gauge,[1],x\n"
             "inf,a,2024-01-01 10:00:00,gauge,,x\n"
             "1,good,2024-01-01 10:00:01,counter,,x\n");
  const MetricImportResult result = import_metrics_file(*store, path);
  CHECK(result.rows == 2);
  CHECK(result.rejects == 6);
  const std::string rejects = read_text(store->path() / "rejects" / "metrics.csv");
  for (const char* part :
       {",3,\"value 'many' is no number\",", ",4,\"timestamp 'noon' is no time\",", ",5,",
        ",6,\"metric_type 'rate' is no counter, gauge or histogram\",", ",7,", ",8,"}) {
    CAPTURE(rejects);
    CAPTURE(part);
    CHECK(rejects.find(part) != std::string::npos);
  }
  CHECK(sql_line(*store, "SELECT count(*), any_value(metric_type) FROM metrics") == "2 counter");
}

TEST_CASE("a file that cannot be metrics is refused by what it lacks") {
  TempStore store;
  const auto path = store.folder() / "a.csv";
  write_file(path, "time,name,value\n1,2,3\n");
  check_refused(ErrorCode::invalid_argument,
                {"has no column 'timestamp'; the columns are time, name, value"},
                [&] { import_metrics_file(*store, path); });
  check_refused(ErrorCode::invalid_argument, {"would mean several files"}, [&] {
    write_file(store.folder() / "a[1].csv", kThree);
    import_metrics_file(*store, store.folder() / "a[1].csv");
  });
  check_refused(ErrorCode::not_found, {"there is no file", "none.csv"},
                [&] { import_metrics_file(*store, store.folder() / "none.csv"); });
  write_file(path, "");
  check_refused(ErrorCode::invalid_argument, {"a.csv"}, [&] { import_metrics_file(*store, path); });
}

}  // namespace
}  // namespace tapedeck
