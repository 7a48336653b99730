// Uuid: 128 bits that name one thing (RFC 9562), written as 8-4-4-4-12 hexadecimal digits.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tapedeck {

struct Uuid {
  uint64_t high = 0;
  uint64_t low = 0;
  constexpr auto operator<=>(const Uuid&) const = default;
};

// For unordered containers: the bits of a UUID are spread already.
struct UuidHash {
  size_t operator()(const Uuid& uuid) const { return uuid.high ^ (uuid.low * 0x9e3779b97f4a7c15); }
};

// A new one, version 4.
Uuid random_uuid();
// The same for the same text, version 8: the first bits of its SHA-256.
Uuid named_uuid(std::string_view text);

// Lower case.
std::string to_text(const Uuid& uuid);
// Either case; nullopt for another text.
std::optional<Uuid> parse_uuid(std::string_view text);
bool is_uuid(std::string_view text);

}  // namespace tapedeck
