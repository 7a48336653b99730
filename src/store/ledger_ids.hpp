// Lists of ids for SQL: bound as one text, which the statement splits.
#pragma once

#include "tapedeck/base/uuid.hpp"

#include <span>
#include <string>
#include <string_view>

namespace tapedeck {

// For `string_split($1, chr(31))`.
constexpr char kIdSeparator = '\x1f';

inline std::string joined(std::span<const std::string> ids) {
  std::string text;
  for (const std::string& id : ids) {
    if (!text.empty()) text += kIdSeparator;
    text += id;
  }
  return text;
}

inline std::string joined(std::span<const Uuid> ids) {
  std::string text;
  for (const Uuid& id : ids) {
    if (!text.empty()) text += kIdSeparator;
    text += to_text(id);
  }
  return text;
}

// `column IN ids` as SQL, with the ids as parameter 1.
inline std::string uuid_in(std::string_view column) {
  return std::string{column} + " IN (SELECT CAST(unnest(string_split($1, chr(31))) AS UUID))";
}
inline std::string text_in(std::string_view column) {
  return std::string{column} + " IN (SELECT unnest(string_split($1, chr(31))))";
}

}  // namespace tapedeck
