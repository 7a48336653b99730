#include "duck/transaction.hpp"

#include "duck/database.hpp"

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
  duck::end_quietly(connection);
  CHECK(count(connection) == 1);
}
