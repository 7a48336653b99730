#include "tapedeck/base/error.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace tapedeck;

TEST_CASE("every code has a name of its own") {
  std::set<std::string> names;
  const auto last = static_cast<int>(ErrorCode::engine);
  for (int code = 0; code <= last; ++code) {
    names.insert(std::string{to_text(static_cast<ErrorCode>(code))});
  }
  CHECK(names.size() == static_cast<size_t>(last) + 1);
  CHECK(to_text(ErrorCode::store_busy) == "store_busy");
}

TEST_CASE("only what may pass by itself is worth a retry") {
  CHECK(is_retryable(ErrorCode::store_busy));
  CHECK(is_retryable(ErrorCode::timeout));
  CHECK_FALSE(is_retryable(ErrorCode::disk_full));
  CHECK_FALSE(is_retryable(ErrorCode::invalid_argument));
}
