// Checks that something is refused with a code, and that the message says what matters.
#pragma once

#include "tapedeck/base/error.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string_view>

namespace tapedeck::test {

template <typename Work>
void check_refused(ErrorCode code, std::initializer_list<std::string_view> words, Work work) {
  try {
    work();
  } catch (const Error& error) {
    const std::string_view what = error.what();
    CAPTURE(what);
    CHECK(to_text(error.code()) == to_text(code));
    for (const std::string_view word : words) {
      CAPTURE(word);
      CHECK(what.find(word) != std::string_view::npos);
    }
    return;
  }
  FAIL_CHECK("nothing was thrown; expected " << to_text(code));
}

}  // namespace tapedeck::test
