#include "cli/progress_bar.hpp"

#include <doctest/doctest.h>

namespace tapedeck {

TEST_CASE("durations") {
  CHECK(duration_text(0) == "0:00");
  CHECK(duration_text(67.4) == "1:07");
  CHECK(duration_text(3723) == "1:02:03");
}

TEST_CASE("the progress bar tells what is done, rows, rate and time left") {
  const WorkProgress progress{.share = 0.25,
                              .done = "3/12 files",
                              .rows = 2'000'000,
                              .at = "BTCUSDT-aggTrades-2024-08-08.zip"};
  CHECK(progress_line(progress, 2.0, 200) ==
        "[######..................] 3/12 files  2,000,000 rows  1,000,000 rows/s  ETA 0:06  "
        "BTCUSDT-aggTrades-2024-08-08.zip");
  CHECK(progress_line(progress, 2.0, 40).size() == 40);
}

TEST_CASE("progress without anything done yet has no time left") {
  CHECK(progress_line({}, 0.0, 200).find("ETA ?") != std::string::npos);
}

}  // namespace tapedeck
