#include "duck/row_writer.hpp"

#include "duck/row_reader.hpp"

#include <doctest/doctest.h>

#include <string>

namespace tapedeck {
namespace {

constexpr const char* kTable =
    "CREATE TABLE t(a BIGINT, b INTEGER, c DOUBLE, d BOOLEAN, e TIMESTAMP_NS, f DECIMAL(38,12), g "
    "UUID, h VARCHAR)";

TEST_CASE("values of every type are read as they were written, over several chunks") {
  duck::Database database{{.path = "", .read_only = false, .settings = {}}};
  duck::Connection connection = database.connect();
  connection.run(kTable);
  const Uuid uuid = named_uuid("seven");
  const Amount amount = parse_amount("-12345678901234567890.000000000001").value();
  duck::Transaction transaction{connection};
  duck::RowWriter writer{transaction, "main", "t"};
  constexpr int64_t kRows = 5'000;
  for (int64_t row = 0; row < kRows; ++row) {
    writer.put(row).put(static_cast<int32_t>(row)).put(0.5).put(row % 2 == 0);
    writer.put(from_epoch_ns(row)).put(amount).put(uuid);
    writer.put(row % 3 == 0 ? std::optional<std::string_view>{"text"} : std::nullopt);
    writer.end_row();
  }
  writer.close();
  transaction.commit();

  duck::Result rows = connection.run("SELECT * FROM t ORDER BY a");
  duck::RowReader reader{rows};
  int64_t count = 0;
  for (; reader.next(); ++count) {
    REQUIRE(reader.take_integer() == count);
    REQUIRE(reader.take_integer() == count);
    REQUIRE(reader.take_real() == 0.5);
    REQUIRE(reader.take_boolean() == (count % 2 == 0));
    REQUIRE(reader.take_time() == from_epoch_ns(count));
    REQUIRE(reader.take_amount() == amount);
    REQUIRE(reader.take_uuid() == uuid);
    REQUIRE(reader.find_text().has_value() == (count % 3 == 0));
  }
  CHECK(count == kRows);
}

TEST_CASE("a UUID is the same for DuckDB, written or bound") {
  duck::Database database{{.path = "", .read_only = false, .settings = {}}};
  duck::Connection connection = database.connect();
  connection.run("CREATE TABLE u(id UUID)");
  for (const char* text :
       {"00000000-0000-0000-0000-000000000001", "ffffffff-ffff-ffff-ffff-fffffffffffe",
        "2602d89e-c01a-402a-92d1-3b47c1e135af"}) {
    const Uuid uuid = parse_uuid(text).value();
    duck::Transaction transaction{connection};
    duck::RowWriter writer{transaction, "main", "u"};
    writer.put(uuid);
    writer.end_row();
    writer.close();
    transaction.commit();
    duck::Result found =
        connection.prepare("SELECT CAST(id AS VARCHAR) FROM u WHERE id = ?").bind(1, uuid).run();
    REQUIRE(found.next_row());
    CHECK(found.text(0) == text);
  }
}

}  // namespace
}  // namespace tapedeck
