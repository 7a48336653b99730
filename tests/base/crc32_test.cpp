#include "base/crc32.hpp"

#include <doctest/doctest.h>

#include <string>

namespace tapedeck {
namespace {

TEST_CASE("CRC-32 of the digits is that of the standard, in one piece or two") {
  const std::string text{"123456789"};
  CHECK(crc32_of(0, text) == 0xcbf43926);
  CHECK(crc32_of(crc32_of(0, std::string{"1234"}), std::string{"56789"}) == 0xcbf43926);
  CHECK(crc32_of(0, std::string{}) == 0);
}

}  // namespace
}  // namespace tapedeck
