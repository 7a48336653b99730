// A line that a decoder refuses: a value, counted and kept, never thrown.
#pragma once

#include <cstdint>
#include <string>

namespace tapedeck {

struct DecodeError {
  int64_t line = 0;    // 1-based, header included
  std::string reason;  // e.g. "price must be above 0, found '-1.5'"
  std::string text;    // the line, cut at 512 bytes
};

}  // namespace tapedeck
