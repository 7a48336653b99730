#include "duck/database.hpp"

#include "temp_store.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

namespace {

duck::Database in_memory() {
  return duck::Database{{.path = "", .read_only = false, .settings = {}}};
}

}  // namespace

TEST_CASE("bound values come back as they went in") {
  duck::Database database = in_memory();
  duck::Connection connection = database.connect();
  duck::Statement& select = connection.prepare("SELECT ?, ?, ?, ?, ?, ?, ?");
  select.bind(1, int64_t{-5}).bind(2, true).bind(3, "it's; -- \"text\"");
  select.bind(4, from_epoch_ns(1'704'067'200'000'000'001)).bind(5, -(int128{1} << 100));
  select.bind(6, std::optional<int64_t>{}).bind(7, 0.1);
  duck::Result row = select.run();
  REQUIRE(row.next_row());
  CHECK(row.int64(0) == -5);
  CHECK(row.boolean(1));
  CHECK(row.text(2) == "it's; -- \"text\"");
  CHECK(to_epoch_ns(row.timestamp(3)) == 1'704'067'200'000'000'001);
  CHECK(row.hugeint(4) == -(int128{1} << 100));
  CHECK(row.is_null(5));
  CHECK(row.column<double>(6)[0] == 0.1);
  CHECK_FALSE(row.next_row());
}

TEST_CASE("a statement prepared while its table was empty finds the rows that came later") {
  duck::Database database = in_memory();
  duck::Connection writer = database.connect();
  duck::Connection reader = database.connect();
  writer.run("CREATE TABLE t(a INTEGER, b TIMESTAMP_NS)");
  const std::string plain = "SELECT count(*) FROM t WHERE b IS NULL AND a > 5";
  const std::string bound = plain + " AND a < ?";
  const auto counts = [&] {
    duck::Result first = reader.prepare(plain).run();
    REQUIRE(first.next_row());
    duck::Result second = reader.prepare(bound).bind(1, int64_t{9}).run();
    REQUIRE(second.next_row());
    return std::pair{first.int64(0), second.int64(0)};
  };
  CHECK(counts() == std::pair<int64_t, int64_t>{0, 0});
  writer.run("INSERT INTO t VALUES (7, NULL), (8, TIMESTAMP_NS '2024-01-01')");
  CHECK(counts() == std::pair<int64_t, int64_t>{1, 1});
}

TEST_CASE("a setting that DuckDB does not know is refused by name") {
  check_refused(ErrorCode::config, {"nonsense"}, [] {
    const duck::Database database{
        {.path = "", .read_only = false, .settings = {{"nonsense", "1"}}}};
  });
}

TEST_CASE("a statement that cannot be prepared or run is shown in the message") {
  duck::Database database = in_memory();
  duck::Connection connection = database.connect();
  check_refused(ErrorCode::invalid_argument, {"cannot prepare 'SELECT nothing'", "nothing"},
                [&] { connection.prepare("SELECT nothing"); });
  check_refused(ErrorCode::invalid_argument, {"cannot run", "no_such_table"},
                [&] { connection.run("SELECT * FROM no_such_table"); });
}

TEST_CASE("extensions are neither installed nor loaded by themselves") {
  duck::Database database = in_memory();
  duck::Connection connection = database.connect();
  duck::Result row = connection.run(
      "SELECT current_setting('autoinstall_known_extensions'), "
      "current_setting('autoload_known_extensions')");
  REQUIRE(row.next_row());
  CHECK_FALSE(row.boolean(0));
  CHECK_FALSE(row.boolean(1));
}

TEST_CASE("a statement knows whether it controls a transaction") {
  duck::Database database = in_memory();
  duck::Connection connection = database.connect();
  CHECK(connection.prepare("COMMIT").controls_transaction());
  CHECK_FALSE(connection.prepare("SELECT 1").controls_transaction());
}
