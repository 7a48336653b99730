#include "cli/sink_fixture.hpp"
#include "cli/sinks.hpp"

#include <doctest/doctest.h>

#include <array>
#include <limits>

namespace tapedeck {
namespace {

const std::array<Column, 4> kColumns{{{"time", CellType::time},
                                      {"price", CellType::decimal, 2},
                                      {"trades", CellType::integer},
                                      {"note", CellType::text}}};
const std::array<Cell, 4> kRow{from_epoch_ns(1'500'000'000), Decimal{150, -2}, int64_t{3},
                               std::string_view{"a \"b\"\n\x01"}};

}  // namespace

TEST_CASE("NDJSON is one object a row, and nothing for no rows") {
  const SinkFixture fixture;
  TextFile file{fixture.path(), Existing::refuse};
  const auto sink = ndjson_sink(file, {});
  sink->begin(kColumns);
  sink->row(kRow);
  sink->row(std::array<Cell, 4>{});
  sink->end();
  file.finish();
  CHECK(fixture.text() ==
        "{\"time\":\"1970-01-01T00:00:01.500Z\",\"price\":\"1.5\",\"trades\":3,"
        "\"note\":\"a \\\"b\\\"\\n\\u0001\"}\n"
        "{\"time\":null,\"price\":null,\"trades\":null,\"note\":null}\n");
}

TEST_CASE("JSON wraps its rows with what the caller says of them") {
  const SinkFixture fixture;
  TextFile file{fixture.path(), Existing::refuse};
  JsonSink sink{file, {.epoch_unit_ns = 1'000'000}};
  sink.set_head("\"instrument\":\"binance:BTCUSDT\"");
  sink.begin(kColumns);
  sink.row(kRow);
  sink.set_tail("\"grains\":[]");
  sink.end();
  file.finish();
  CHECK(fixture.text() ==
        "{\"instrument\":\"binance:BTCUSDT\",\"rows\":[\n"
        "{\"time\":1500,\"price\":\"1.5\",\"trades\":3,\"note\":\"a \\\"b\\\"\\n\\u0001\"}\n"
        "],\"grains\":[]}\n");
}

TEST_CASE("JSON without rows or members is still an object") {
  const SinkFixture fixture;
  TextFile file{fixture.path(), Existing::refuse};
  JsonSink sink{file, {}};
  sink.begin(kColumns);
  sink.end();
  file.finish();
  CHECK(fixture.text() == "{\"rows\":[]}\n");
}

}  // namespace tapedeck
