#include "cli/import_report.hpp"

#include <doctest/doctest.h>

namespace tapedeck {

TEST_CASE("progress of an import is told in files and bytes") {
  const WorkProgress work = to_work({.files_done = 3,
                                     .files = 12,
                                     .bytes_done = 250,
                                     .bytes = 1000,
                                     .rows = 2'000'000,
                                     .file = "BTCUSDT-aggTrades-2024-08-08.zip"});
  CHECK(work.share == 0.25);
  CHECK(work.done == "3/12 files");
  CHECK(work.rows == 2'000'000);
  CHECK(work.at == "BTCUSDT-aggTrades-2024-08-08.zip");
  CHECK(to_work({}).share == 0);
}

TEST_CASE("the summary as JSON tells each file's outcome") {
  ImportSummary summary;
  summary.failed = 1;
  FileReport file;
  file.path = "a.zip";
  file.outcome = FileOutcome::failed;
  file.error = ErrorCode::bad_input;
  file.message = "cut short";
  summary.files.push_back(file);
  const std::string json = summary_json(summary);
  CHECK(json.find("\"failed\": 1") != std::string::npos);
  CHECK(json.find("\"outcome\": \"failed\"") != std::string::npos);
  CHECK(json.find("\"error\": \"bad_input\"") != std::string::npos);
  CHECK(json.find("\"instrument\": null") != std::string::npos);
}

}  // namespace tapedeck
