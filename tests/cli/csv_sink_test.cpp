#include "cli/sink_fixture.hpp"
#include "cli/sinks.hpp"

#include <doctest/doctest.h>

#include <array>
#include <vector>

namespace tapedeck {
namespace {

std::string csv_of(std::span<const Column> columns, const std::vector<std::vector<Cell>>& rows,
                   TimeStyle style = {}) {
  const SinkFixture fixture;
  TextFile file{fixture.path(), Existing::refuse};
  const auto sink = csv_sink(file, style);
  sink->begin(columns);
  for (const auto& row : rows)
    sink->row(row);
  sink->end();
  file.finish();
  return fixture.text();
}

const std::array<Column, 5> kColumns{{{"time", CellType::time},
                                      {"price", CellType::decimal, 2},
                                      {"trades", CellType::integer},
                                      {"complete", CellType::boolean},
                                      {"side", CellType::text}}};

}  // namespace

TEST_CASE("an empty answer in CSV is its header") {
  CHECK(csv_of(kColumns, {}) == "time,price,trades,complete,side\n");
}

TEST_CASE("CSV has exact decimals, ISO times, and nothing for what is absent") {
  const Timestamp t = *parse_timestamp("2024-08-08T23:54:15.342Z");
  CHECK(csv_of(kColumns, {{t, Decimal{6183760, -2}, int64_t{7}, true, std::string_view{"buy"}},
                          {t, Cell{}, Cell{}, Cell{}, Cell{}}}) ==
        "time,price,trades,complete,side\n"
        "2024-08-08T23:54:15.342Z,61837.6,7,true,buy\n"
        "2024-08-08T23:54:15.342Z,,,,\n");
}

TEST_CASE("CSV quotes texts that need it") {
  const std::array<Column, 1> columns{{{"a,b"}}};
  CHECK(csv_of(columns, {{std::string_view{"plain"}},
                         {std::string_view{"say \"no\""}},
                         {std::string_view{"two\nlines"}}}) ==
        "\"a,b\"\nplain\n\"say \"\"no\"\"\"\n\"two\nlines\"\n");
}

TEST_CASE("CSV counts epochs when asked") {
  const std::array<Column, 1> columns{{{"time", CellType::time}}};
  CHECK(csv_of(columns, {{from_epoch_ns(-1)}, {from_epoch_ns(1'999'999)}},
               {.epoch_unit_ns = 1'000'000}) == "time\n-1\n1\n");
}

TEST_CASE("a hundred thousand rows pass the buffer whole") {
  const std::array<Column, 1> columns{{{"text"}}};
  const SinkFixture fixture;
  TextFile file{fixture.path(), Existing::refuse};
  const auto sink = csv_sink(file, {});
  sink->begin(columns);
  const std::array<Cell, 1> cells{std::string_view{"0123456789abcdefghi"}};
  for (int i = 0; i < 100'000; ++i)
    sink->row(cells);
  sink->end();
  file.finish();
  CHECK(fixture.text().size() == 5 + 100'000 * 20);
}

}  // namespace tapedeck
