#include "base/log.hpp"

#include "base/file.hpp"
#include "logged.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

TEST_CASE("a warning is one line on standard error, a debug line is not shown by default") {
  const std::string text = logged([] {
    log::warn("disk has {} MB left", 7);
    log::debug("not shown");
  });
  CHECK(text.find("disk has 7 MB left") != std::string::npos);
  CHECK(text.find("not shown") == std::string::npos);
}

TEST_CASE("a log file has the lines too, and keeps the file before it when it is full") {
  const TempFolder folder;
  const std::string path = (folder / "logs" / "api.log").string();
  const std::string text = logged([&] {
    const log::File file{path, 200};
    for (int i = 0; i < 9; ++i)
      log::warn("line {}: as many words as it takes to fill a file", i);
  });
  CHECK(text.find("line 8") != std::string::npos);
  CHECK(read_text(path).find(" warning line 8:") != std::string::npos);
  CHECK(read_text(path).find("line 0") == std::string::npos);
  const std::string before = read_text(folder / "logs" / "api.1.log");
  CHECK(before.find("line 7") != std::string::npos);
  CHECK(std::filesystem::file_size(path) <= 200);
  CHECK_FALSE(std::filesystem::exists(folder / "logs" / "api.2.log"));
  logged([] { log::warn("after it"); });
  CHECK(read_text(path).find("after it") == std::string::npos);
}

TEST_CASE("a log file that cannot be written is named") {
  const TempFolder folder;
  write_file(folder / "file", "");
  check_refused(ErrorCode::io, {"cannot write the log to", "file/api.log"},
                [&] { log::File{(folder / "file" / "api.log").string()}; });
}
