// What a piece of work writes to standard error, where the log goes.
#pragma once

#include "base/file.hpp"
#include "temp_store.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdio>
#include <functional>
#include <string>

namespace tapedeck::test {

inline std::string logged(const std::function<void()>& work) {
  const TempFolder folder;
  const std::string file = (folder / "log.txt").string();
  const int kept = ::dup(2);
  REQUIRE(std::freopen(file.c_str(), "w", stderr) != nullptr);
  work();
  std::fflush(stderr);
  ::dup2(kept, 2);
  ::close(kept);
  return read_text(file);
}

}  // namespace tapedeck::test
