#include "cli/export_options.hpp"

#include "thrown.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

TEST_CASE("the format is the one that is named, else the one of the file's name") {
  CHECK(parse_export_flags({.output = "x.csv", .format = {}}).format == ExportFormat::csv);
  CHECK(parse_export_flags({.output = "x.duckdb", .format = {}}).format == ExportFormat::duckdb);
  CHECK(parse_export_flags({.output = "x", .format = "parquet"}).format == ExportFormat::parquet);
  const ExportRequest request =
      parse_export_flags({.output = "x.ndjson", .format = {}, .decimals = true, .force = true});
  CHECK(request.decimals);
  CHECK(request.existing == Existing::replace);
}

TEST_CASE("an export without a file or format is refused") {
  const auto refused = [](std::initializer_list<std::string_view> words, const ExportFlags& flags) {
    check_refused(ErrorCode::invalid_argument, words, [&] { parse_export_flags(flags); });
  };
  refused({"an export needs a file"}, {});
  refused({"an export needs a file"}, {.output = "-", .format = {}});
  refused({"the name 'x.txt' does not say which format"}, {.output = "x.txt", .format = {}});
  refused({"--format", "'parket'", "did you mean 'parquet'?"}, {.output = "x", .format = "parket"});
}
