// Names and texts as SQL writes them, where no placeholder is allowed.
#pragma once

#include <string>
#include <string_view>

namespace tapedeck::duck {

inline std::string in_quotes(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const char c : text)
    result.append(c == quote ? 2 : 1, c);
  result.push_back(quote);
  return result;
}

// "name"
inline std::string quoted_name(std::string_view name) {
  return in_quotes(name, '"');
}
// 'text'
inline std::string quoted_text(std::string_view text) {
  return in_quotes(text, '\'');
}

}  // namespace tapedeck::duck
