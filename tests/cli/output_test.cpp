#include "cli/output.hpp"

#include "cli/sink_fixture.hpp"

#include <doctest/doctest.h>

#include <array>

namespace tapedeck {

TEST_CASE("the format is a table on a terminal, CSV in a pipe, the extension's in a file") {
  CHECK(choose_format({}, true) == Format::table);
  CHECK(choose_format({}, false) == Format::csv);
  CHECK(choose_format({.output = "a.ndjson"}, false) == Format::ndjson);
  CHECK(choose_format({.output = "a.parquet"}, false) == Format::parquet);
  CHECK(choose_format({.output = "a.txt"}, false) == Format::csv);
  CHECK(choose_format({.format = "json", .output = "a.csv"}, false) == Format::json);
}

TEST_CASE("parquet needs a file, and formats have names") {
  CHECK_THROWS_WITH_AS(choose_format({.format = "parquet"}, false), doctest::Contains("--output"),
                       Error);
  CHECK_THROWS_WITH_AS(choose_format({.format = "jsn"}, false),
                       doctest::Contains("did you mean 'json'?"), Error);
}

TEST_CASE("a limit stops the rows when it is reached") {
  const SinkFixture fixture;
  OutputOptions options;
  options.output = fixture.path().string();
  options.limit = 2;
  Output output{options};
  const std::array<Column, 1> columns{{{"n", CellType::integer}}};
  output.begin(columns);
  CHECK(output.row(std::array<Cell, 1>{int64_t{1}}) == KeepGoing::go_on);
  CHECK(output.row(std::array<Cell, 1>{int64_t{2}}) == KeepGoing::stop);
  CHECK(output.row(std::array<Cell, 1>{int64_t{3}}) == KeepGoing::stop);
  output.end();
  CHECK(fixture.text() == "n\n1\n2\n");
  CHECK(output.hidden_rows() == 0);
}

TEST_CASE("a negative limit is refused") {
  OutputOptions options;
  options.limit = -1;
  CHECK_THROWS_AS(Output{options}, Error);
}

}  // namespace tapedeck
