// Enumerators and their words, looked up either way.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace tapedeck {

template <typename Value>
struct Word {
  std::string_view text;
  Value value;
};

template <typename Value, size_t Count>
constexpr std::string_view word_of(const std::array<Word<Value>, Count>& words, Value value) {
  for (const Word<Value>& word : words) {
    if (word.value == value) return word.text;
  }
  return "unknown";
}

constexpr char to_lower_ascii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// `words` are lower case; `text` may be in either.
template <typename Value, size_t Count>
constexpr std::optional<Value> find_by_word(const std::array<Word<Value>, Count>& words,
                                            std::string_view text) {
  for (const Word<Value>& word : words) {
    if (std::ranges::equal(word.text, text, {}, {}, to_lower_ascii)) return word.value;
  }
  return std::nullopt;
}

}  // namespace tapedeck
