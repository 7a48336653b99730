#include "cli/import_report.hpp"

#include <doctest/doctest.h>

namespace tapedeck {

TEST_CASE("durations") {
  CHECK(duration_text(0) == "0:00");
  CHECK(duration_text(67.4) == "1:07");
  CHECK(duration_text(3723) == "1:02:03");
}

TEST_CASE("the progress bar tells files, rows, rate and time left") {
  const ImportProgress progress{.files_done = 3,
                                .files = 12,
                                .bytes_done = 250,
                                .bytes = 1000,
                                .rows = 2'000'000,
                                .file = "BTCUSDT-aggTrades-2024-08-08.zip"};
  CHECK(progress_line(progress, 2.0, 200) ==
        "[######..................] 3/12 files  2,000,000 rows  1,000,000 rows/s  ETA 0:06  "
        "BTCUSDT-aggTrades-2024-08-08.zip");
  CHECK(progress_line(progress, 2.0, 40).size() == 40);
}

TEST_CASE("progress without anything done yet has no time left") {
  CHECK(progress_line({}, 0.0, 200).find("ETA ?") != std::string::npos);
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
