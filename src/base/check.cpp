#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace tapedeck::detail {

void check_failed(const char* condition, const char* file, int line, const std::string& message) {
  fmt::print(stderr, "{}:{}: broken invariant: {} ({})\n", file, line, message, condition);
  std::abort();
}

}  // namespace tapedeck::detail
