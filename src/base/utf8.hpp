// UTF-8 as of the Unicode Standard, table 3-7: no overlong forms, no surrogates, up to U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace tapedeck {

// U+FFFD, what stands for a byte that belongs to no character.
inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

// Bytes of the character that `text` begins with, 1 to 4; 0 when it begins with none.
size_t utf8_character_bytes(std::string_view text);

}  // namespace tapedeck
