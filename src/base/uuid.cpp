#include "tapedeck/base/uuid.hpp"

#include "base/file.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <array>
#include <bit>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <span>

namespace tapedeck {
namespace {

constexpr uint64_t kVersionBits = 0xf000;
constexpr uint64_t kVariantBits = uint64_t{0b11} << 62;

Uuid with_version(Uuid uuid, uint64_t version) {
  uuid.high = (uuid.high & ~kVersionBits) | (version << 12);
  uuid.low = (uuid.low & ~kVariantBits) | (uint64_t{0b10} << 62);
  return uuid;
}

// 16 hexadecimal digits.
uint64_t from_hex(std::string_view digits) {
  uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

}  // namespace

Uuid random_uuid() {
  std::array<unsigned char, sizeof(Uuid)> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw Error{ErrorCode::io, "the machine gives no random bytes for a UUID"};
  }
  return with_version(std::bit_cast<Uuid>(bytes), 4);
}

Uuid named_uuid(std::string_view text) {
  const std::string digest = sha256_hex(std::as_bytes(std::span{text}));
  const std::string_view digits = digest;
  return with_version(
      {.high = from_hex(digits.substr(0, 16)), .low = from_hex(digits.substr(16, 16))}, 8);
}

std::string to_text(const Uuid& uuid) {
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", uuid.high >> 32,
                     (uuid.high >> 16) & 0xffff, uuid.high & 0xffff, uuid.low >> 48,
                     uuid.low & 0xffff'ffff'ffff);
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (!is_uuid(text)) return std::nullopt;
  std::string digits;
  for (const char c : text) {
    if (c != '-') digits += c;
  }
  const std::string_view all = digits;
  return Uuid{.high = from_hex(all.substr(0, 16)), .low = from_hex(all.substr(16))};
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) {
      return false;
    }
  }
  return true;
}

}  // namespace tapedeck
