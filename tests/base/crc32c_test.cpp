#include "base/crc32c.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string_view>

namespace tapedeck {
namespace {

uint32_t of(std::string_view text, uint32_t before = 0) {
  return crc32c(std::as_bytes(std::span{text}), before);
}

TEST_CASE("the check values of CRC-32C") {
  CHECK(of("") == 0);
  CHECK(of("123456789") == 0xE3069283);
  // RFC 3720, B.4: 32 bytes of zeros, and of ones.
  const std::array<std::byte, 32> zeros{};
  CHECK(crc32c(zeros) == 0x8A9136AA);
  std::array<std::byte, 32> ones{};
  ones.fill(std::byte{0xFF});
  CHECK(crc32c(ones) == 0x62A8AB43);
}

TEST_CASE("two pieces behind one another are one") {
  CHECK(of("456789", of("123")) == of("123456789"));
}

}  // namespace
}  // namespace tapedeck
