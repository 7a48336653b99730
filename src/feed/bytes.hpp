// Little-endian numbers out of bytes, whatever the machine's own order. The caller has checked that
// they lie within.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tapedeck {

template <typename Number>
constexpr Number load_little_endian(std::span<const std::byte> bytes, size_t offset) {
  Number value = 0;
  for (size_t i = sizeof(Number); i > 0; --i) {
    value = static_cast<Number>((uint64_t{value} << 8) |
                                std::to_integer<uint64_t>(bytes[offset + i - 1]));
  }
  return value;
}

constexpr uint16_t load_u16(std::span<const std::byte> bytes, size_t offset) {
  return load_little_endian<uint16_t>(bytes, offset);
}
constexpr uint32_t load_u32(std::span<const std::byte> bytes, size_t offset) {
  return load_little_endian<uint32_t>(bytes, offset);
}
constexpr uint64_t load_u64(std::span<const std::byte> bytes, size_t offset) {
  return load_little_endian<uint64_t>(bytes, offset);
}

}  // namespace tapedeck
