// TAPEDECK_CHECK(condition, format, ...): a broken invariant prints itself and aborts, in release
// builds too: a store that goes on with wrong numbers is worse than one that stops.
#pragma once

#include <fmt/format.h>

#include <string>

namespace tapedeck::detail {

[[noreturn]] void check_failed(const char* condition, const char* file, int line,
                               const std::string& message);

}  // namespace tapedeck::detail

#define TAPEDECK_CHECK(condition, ...)                                 \
  do {                                                                 \
    if (!(condition)) [[unlikely]] {                                   \
      ::tapedeck::detail::check_failed(#condition, __FILE__, __LINE__, \
                                       ::fmt::format(__VA_ARGS__));    \
    }                                                                  \
  } while (false)
