#include "ingest/table_reader.hpp"

#include "table_fixture.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

namespace {

size_t rows_of(const std::filesystem::path& path, const TableReadOptions& options = {}) {
  size_t rows = 0;
  const ReadResult result = read_table(path, open_source(path), of_btc(), options,
                                       [&](TableSeries&& series) { rows += series.rows(); });
  CHECK(result.rows == static_cast<int64_t>(rows));
  return rows;
}

}  // namespace

TEST_CASE("csv, csv.gz, zip and Parquet read alike; each member has its own header") {
  const TempFolder folder;
  const std::string text = "time,price,size\n2024-01-01,1,1\n2024-01-02,2,1\n";
  CHECK(rows_of(write_csv(folder, text)) == 2);
  CHECK(rows_of(write_csv(folder, zip_text("a.csv", text), "t.zip")) == 2);
  CHECK(rows_of(write_parquet(folder,
                              "SELECT TIMESTAMP '2024-01-01' AS time, 1 AS price, 1 AS "
                              "size")) == 1);
}

TEST_CASE("a time comes once in a file, also where the file is a zip of several") {
  const TempFolder folder;
  const std::string text = "time,open_interest\n2024-01-01,1\n";
  ZipBuilder builder;
  builder.add({.name = "a.csv", .content = text});
  builder.add({.name = "__MACOSX/._a.csv", .content = "noise"});
  const ByteVector bytes = builder.add({.name = "b.csv", .content = text}).build();
  const auto path =
      write_csv(folder, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "t.zip");
  TableFormat format = of_btc();
  format.kind = DataKind::open_interest;
  check_refused(ErrorCode::bad_input,
                {"line 2 of b.csv: time 2024-01-01T00:00:00Z is that of row 2"},
                [&] { read_table(path, open_source(path), format, {}, [](TableSeries&&) {}); });
}

TEST_CASE("reading stops when it is asked to") {
  const TempFolder folder;
  std::stop_source stop;
  stop.request_stop();
  const auto csv = write_csv(folder, "time,price,size\n2024-01-01,1,1\n");
  const auto parquet =
      write_parquet(folder, "SELECT TIMESTAMP '2024-01-01' AS time, 1 AS price, 1 AS size");
  for (const auto& path : {csv, parquet}) {
    check_refused(ErrorCode::cancelled, {"the import was stopped"},
                  [&] { rows_of(path, {.stop = stop.get_token()}); });
  }
}
