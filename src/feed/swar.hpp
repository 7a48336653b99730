// Numbers read eight characters at a time within one 64-bit word ("SIMD within a register"; the
// multiplications as in fast_float, D. Lemire, 2021). The first character is the lowest byte, so
// the machine must be little-endian.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tapedeck::swar {

static_assert(std::endian::native == std::endian::little);

constexpr uint64_t repeated(uint8_t byte) {
  return 0x0101010101010101 * uint64_t{byte};
}

inline uint64_t load8(const char* at) {
  uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

inline uint32_t load4(const char* at) {
  uint32_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

// Masks of the first 0 to 8 bytes. A table, as one shift cannot make both ends.
inline constexpr std::array<uint64_t, 9> kFront = {
    0,
    0xff,
    0xffff,
    0xffff'ff,
    0xffff'ffff,
    0xffff'ffff'ff,
    0xffff'ffff'ffff,
    0xffff'ffff'ffff'ff,
    0xffff'ffff'ffff'ffff,
};

// Byte of the first `c`; 8 when there is none.
constexpr size_t index_of(uint64_t characters, char c) {
  const uint64_t zeros = characters ^ repeated(static_cast<uint8_t>(c));
  const uint64_t hits = (zeros - repeated(1)) & ~zeros & repeated(0x80);
  return static_cast<size_t>(std::countr_zero(hits)) / 8;
}

// Characters to the values of their digits; what is none becomes more than 9.
constexpr uint64_t digits_of(uint64_t characters) {
  return characters ^ repeated('0');
}

// Has the top bit of a byte set when one of the bytes is no digit; such words may be or-ed.
constexpr uint64_t faults_of(uint64_t digits) {
  return digits | (digits + repeated(0x7f - 9));
}
constexpr bool has_fault(uint64_t faults) {
  return (faults & repeated(0x80)) != 0;
}

// The number that eight digits are, the lowest byte leading.
constexpr uint64_t number_of(uint64_t digits) {
  constexpr uint64_t kMask = 0x000000ff000000ff;
  constexpr uint64_t kThousands = 100 + (uint64_t{1'000'000} << 32);
  constexpr uint64_t kOnes = 1 + (uint64_t{10'000} << 32);
  digits = digits * 10 + (digits >> 8);
  return ((digits & kMask) * kThousands + ((digits >> 16) & kMask) * kOnes) >> 32;
}

}  // namespace tapedeck::swar
