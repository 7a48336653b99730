#include "sql_rows.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

namespace fs = std::filesystem;
using test::check_refused;
using test::sql;
using test::sql_line;
using test::TempFolder;

constexpr const char* kRows =
    "SELECT * FROM (VALUES (TIMESTAMP_NS '2024-08-08 01:02:03.123456789', 1.25::DECIMAL(20,8), "
    "7::BIGINT, 0.5::DOUBLE, true, 'it''s \"x\"'), (NULL, NULL, NULL, NULL, NULL, NULL)) "
    "t(\"time\", price, n, r, b, \"a \"\"name\")";

TEST_CASE("a Parquet file gives back the rows, types and names that it was given") {
  const TempFolder folder;
  Store store{":memory:"};
  const auto sink = parquet_sink(folder / "it's.parquet", Existing::refuse);
  CHECK(run_sql(store, kRows, SqlAccess::read, *sink) == 2);
  const std::string file = "'" + (folder / "it''s.parquet").string() + "'";
  CHECK(sql(store, "SELECT * FROM " + file) == sql(store, kRows));
  CHECK(sql_line(store,
                 "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM " + file + ")") ==
        "time TIMESTAMP_NS; price DECIMAL(38,8); n BIGINT; r DOUBLE; b BOOLEAN; a \"name VARCHAR");
  CHECK(sql_line(store, "SELECT DISTINCT compression FROM parquet_metadata(" + file + ")") ==
        "ZSTD");
  CHECK(std::distance(fs::directory_iterator{folder.path()}, fs::directory_iterator{}) == 1);
}

TEST_CASE("more rows than a chunk holds, and none at all") {
  const TempFolder folder;
  Store store{":memory:"};
  for (const int64_t rows : {0, 1, 2048, 2049, 10'000}) {
    const fs::path file = folder / fmt::format("{}.parquet", rows);
    const auto sink = parquet_sink(file, Existing::refuse);
    CHECK(run_sql(store, fmt::format("SELECT range AS i FROM range({})", rows), SqlAccess::read,
                  *sink) == rows);
    CHECK(sql_line(store, "SELECT count(*), coalesce(max(i), -1) FROM '" + file.string() + "'") ==
          fmt::format("{} {}", rows, rows - 1));
  }
}

TEST_CASE("a file that exists is kept unless it may be replaced") {
  const TempFolder folder;
  Store store{":memory:"};
  const fs::path file = folder / "a.parquet";
  test::write_file(file, "mine");
  check_refused(ErrorCode::already_exists, {"a.parquet", "--force"},
                [&] { parquet_sink(file, Existing::refuse); });
  const auto sink = parquet_sink(file, Existing::replace);
  run_sql(store, "SELECT 1 AS one", SqlAccess::read, *sink);
  CHECK(sql_line(store, "SELECT one FROM '" + file.string() + "'") == "1");
}

TEST_CASE("nothing is written before the end") {
  const TempFolder folder;
  Store store{":memory:"};
  test::write_file(folder / "a.parquet", "mine");
  {
    const auto sink = parquet_sink(folder / "a.parquet", Existing::replace);
    check_refused(ErrorCode::invalid_argument, {"late"}, [&] {
      run_sql(store, "SELECT CASE WHEN range > 5000 THEN error('late') ELSE 1 END FROM range(9000)",
              SqlAccess::read, *sink);
    });
  }
  CHECK(fs::file_size(folder / "a.parquet") == 4);
  CHECK(std::distance(fs::directory_iterator{folder.path()}, fs::directory_iterator{}) == 1);
}

TEST_CASE("a folder that is not there is an error that names the file") {
  const TempFolder folder;
  Store store{":memory:"};
  const auto sink = parquet_sink(folder / "none/a.parquet", Existing::refuse);
  check_refused(ErrorCode::io, {"a.parquet"},
                [&] { run_sql(store, "SELECT 1 AS one", SqlAccess::read, *sink); });
}

}  // namespace
}  // namespace tapedeck
