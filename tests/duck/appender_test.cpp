#include "duck/appender.hpp"

#include "duck/database.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace tapedeck;
using namespace tapedeck::test;

namespace {

int64_t count(duck::Connection& connection) {
  duck::Result row = connection.run("SELECT count(*) FROM t");
  row.next_row();
  return row.int64(0);
}

void append_rows(duck::Appender& appender, int64_t rows) {
  duck::RowChunk chunk{DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_VARCHAR};
  for (int64_t first = 0; first < rows; first += 2000) {
    chunk.reset();
    for (size_t row = 0; row < 2000; ++row) {
      chunk.column<int64_t>(0)[row] = first + static_cast<int64_t>(row);
      chunk.set_text(1, row, "text");
    }
    chunk.set_null(1, 7);
    chunk.set_rows(2000);
    appender.append(chunk);
  }
}

}  // namespace

TEST_CASE("rows are stored by close and commit together") {
  duck::Database database{{.path = "", .read_only = false, .settings = {}}};
  duck::Connection connection = database.connect();
  connection.run("CREATE TABLE t(a BIGINT, b VARCHAR)");
  duck::Transaction transaction{connection};
  duck::Appender appender{transaction, "main", "t"};
  append_rows(appender, 4000);
  appender.close();
  transaction.commit();
  CHECK(count(connection) == 4000);
  duck::Result nulls = connection.run("SELECT count(*) FROM t WHERE b IS NULL");
  nulls.next_row();
  CHECK(nulls.int64(0) == 2);
}

TEST_CASE("an exception after 300,000 rows leaves none") {
  duck::Database database{{.path = "", .read_only = false, .settings = {}}};
  duck::Connection connection = database.connect();
  connection.run("CREATE TABLE t(a BIGINT, b VARCHAR)");
  const auto fail_in_the_middle = [&] {
    duck::Transaction transaction{connection};
    duck::Appender appender{transaction, "main", "t"};
    append_rows(appender, 300'000);
    throw std::runtime_error{"in the middle"};
  };
  CHECK_THROWS_AS(fail_in_the_middle(), std::runtime_error);
  CHECK(count(connection) == 0);
}

TEST_CASE("a duplicate key is refused in DuckDB's own words and stores nothing") {
  duck::Database database{{.path = "", .read_only = false, .settings = {}}};
  duck::Connection connection = database.connect();
  connection.run("CREATE TABLE t(a BIGINT PRIMARY KEY, b VARCHAR); INSERT INTO t VALUES (5, 'x')");
  check_refused(ErrorCode::conflict, {"uplicate key"}, [&] {
    duck::Transaction transaction{connection};
    duck::Appender appender{transaction, "main", "t"};
    append_rows(appender, 2000);
    appender.close();
    transaction.commit();
  });
  CHECK(count(connection) == 1);
}

TEST_CASE("a table that is not there is named") {
  duck::Database database{{.path = "", .read_only = false, .settings = {}}};
  duck::Connection connection = database.connect();
  duck::Transaction transaction{connection};
  check_refused(ErrorCode::engine, {"main.nothing"}, [&] {
    const duck::Appender appender{transaction, "main", "nothing"};
  });
}
