// Uuid: 128 bits that name one thing (RFC 9562), written as 8-4-4-4-12 hexadecimal digits.
#pragma once

#include <compare>
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
