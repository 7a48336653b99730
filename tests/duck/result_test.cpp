#include "duck/result.hpp"

#include "duck/database.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;

TEST_CASE("columns come as spans, chunk by chunk, over more than one vector") {
  duck::Database database{{.path = "", .read_only = false, .settings = {}}};
  duck::Connection connection = database.connect();
  duck::Result rows = connection.run("SELECT range::BIGINT FROM range(5000)");
  int64_t sum = 0;
  size_t chunks = 0;
  while (rows.next_chunk()) {
    ++chunks;
    for (const int64_t value : rows.column<int64_t>(0))
      sum += value;
  }
  CHECK(sum == 4999 * 5000 / 2);
  CHECK(chunks > 1);
}

TEST_CASE("every integer type reads as int64, NULL as absent") {
  duck::Database database{{.path = "", .read_only = false, .settings = {}}};
  duck::Connection connection = database.connect();
  duck::Result row = connection.run(
      "SELECT 1::TINYINT, 2::SMALLINT, 3::INTEGER, 4::BIGINT, 5::UTINYINT, 6::USMALLINT, "
      "7::UINTEGER, 8::HUGEINT, NULL::BIGINT, NULL::VARCHAR, 'a longer text than fits inline'");
  REQUIRE(row.next_row());
  for (size_t column = 0; column < 8; ++column) {
    CHECK(row.int64(column) == static_cast<int64_t>(column) + 1);
  }
  CHECK_FALSE(row.find_int64(8).has_value());
  CHECK_FALSE(row.find_text(9).has_value());
  CHECK(row.find_text(10) == "a longer text than fits inline");
  CHECK(row.columns() == 11);
}

TEST_CASE("a microsecond TIMESTAMP reads in nanoseconds") {
  duck::Database database{{.path = "", .read_only = false, .settings = {}}};
  duck::Connection connection = database.connect();
  duck::Result row = connection.run("SELECT TIMESTAMP '1970-01-01 00:00:01.5'");
  REQUIRE(row.next_row());
  CHECK(to_epoch_ns(row.timestamp(0)) == 1'500'000'000);
}
