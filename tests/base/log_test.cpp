#include "base/log.hpp"

#include "base/file.hpp"
#include "temp_store.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdio>

using namespace tapedeck;
using namespace tapedeck::test;

TEST_CASE("a warning is one line on standard error, a debug line is not shown by default") {
  const TempFolder folder;
  const std::string file = (folder / "log.txt").string();
  const int kept = ::dup(2);
  REQUIRE(std::freopen(file.c_str(), "w", stderr) != nullptr);
  log::warn("disk has {} MB left", 7);
  log::debug("not shown");
  std::fflush(stderr);
  ::dup2(kept, 2);
  ::close(kept);
  const std::string text = read_text(file);
  CHECK(text.find("disk has 7 MB left") != std::string::npos);
  CHECK(text.find("not shown") == std::string::npos);
}
