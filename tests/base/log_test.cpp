#include "base/log.hpp"

#include "logged.hpp"

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
