#include "cli/sink_fixture.hpp"
#include "cli/sinks.hpp"

#include <doctest/doctest.h>

#include <array>
#include <vector>

namespace tapedeck {
namespace {

const std::array<Column, 3> kColumns{
    {{"name"}, {"price", CellType::decimal, 2}, {"note", CellType::text}}};

std::string table_of(const std::vector<std::array<Cell, 3>>& rows, size_t width) {
  const SinkFixture fixture;
  TextFile file{fixture.path(), Existing::refuse};
  const auto sink = table_sink(file, {}, width);
  sink->begin(kColumns);
  for (const auto& row : rows)
    sink->row(row);
  sink->end();
  file.finish();
  return fixture.text();
}

}  // namespace

TEST_CASE("an empty table is its header") {
  CHECK(table_of({}, 80) == "name  price  note\n");
}

TEST_CASE("numbers stand to the right, texts to the left") {
  CHECK(table_of({{std::string_view{"bitcoin"}, Decimal{5, -1}, std::string_view{"x"}},
                  {std::string_view{"é"}, Decimal{61837, 0}, Cell{}}},
                 80) ==
        "name     price  note\n"
        "bitcoin    0.5  x\n"
        "é        61837  \n");
}

TEST_CASE("texts are shortened until the line fits, numbers never") {
  const std::string text = table_of({{std::string_view{"abcdefghijklmnopqrst"},
                                      Decimal{1234567890, 0}, std::string_view{"a\nb"}}},
                                    30);
  CHECK(text ==
        "name               price  note\n"
        "abcdefghijk…  1234567890  a b\n");
}

TEST_CASE("rows behind the measured ones are written as they come") {
  const SinkFixture fixture;
  TextFile file{fixture.path(), Existing::refuse};
  const auto sink = table_sink(file, {}, 0);
  sink->begin(std::array<Column, 1>{{{"n", CellType::integer}}});
  for (int64_t i = 1; i <= 10'001; ++i)
    sink->row(std::array<Cell, 1>{i});
  sink->end();
  file.finish();
  CHECK(fixture.text().ends_with("\n9999\n10000\n10001\n"));
}

}  // namespace tapedeck
