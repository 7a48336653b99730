#include "duck/transaction.hpp"

#include "duck/database.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;

namespace {

int64_t count(duck::Connection& connection) {
  duck::Result row = connection.run("SELECT count(*) FROM t");
  row.next_row();
  return row.int64(0);
}

}  // namespace

TEST_CASE("only a commit stores; a transaction left alone rolls back") {
  duck::Database database{{.path = "", .read_only = false, .settings = {}}};
  duck::Connection connection = database.connect();
  connection.run("CREATE TABLE t(a INTEGER)");
  {
    duck::Transaction transaction{connection};
    connection.run("INSERT INTO t VALUES (1)");
  }
  CHECK(count(connection) == 0);
  {
    duck::Transaction transaction{connection};
    connection.run("INSERT INTO t VALUES (1)");
    transaction.commit();
  }
  CHECK(count(connection) == 1);
}

TEST_CASE("a transaction that DuckDB or SQL has ended already ends without a word") {
  duck::Database database{{.path = "", .read_only = false, .settings = {}}};
  duck::Connection connection = database.connect();
  connection.run("CREATE TABLE t(a INTEGER)");
  {
    duck::Transaction transaction{connection};
    connection.run("INSERT INTO t VALUES (1); COMMIT");
  }
  CHECK(count(connection) == 1);
}

TEST_CASE("a snapshot sees one moment, refuses to write, and ends with its scope") {
  duck::Database database{{.path = "", .read_only = false, .settings = {}}};
  duck::Connection connection = database.connect();
  duck::Connection writer = database.connect();
  writer.run("CREATE TABLE t(a INTEGER)");
  {
    const duck::Snapshot snapshot{connection};
    writer.run("INSERT INTO t VALUES (1)");
    CHECK(count(connection) == 0);
    test::check_refused(ErrorCode::read_only, {"read-only"},
                        [&] { connection.run("INSERT INTO t VALUES (2)"); });
  }
  CHECK(count(connection) == 1);
}
