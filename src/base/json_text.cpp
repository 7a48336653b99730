#include "base/json_text.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>

#include <iterator>

namespace tapedeck {
namespace {

// Returns how many bytes of `text` it took.
size_t append_beyond_ascii(std::string& out, std::string_view text) {
  const size_t bytes = utf8_character_bytes(text);
  out += bytes == 0 ? kReplacementCharacter : text.substr(0, bytes);
  return bytes == 0 ? 1 : bytes;
}

void append_ascii(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      if (c < 0x20) {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
      } else {
        out += c;
      }
  }
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  for (size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at]) >= 0x80) {
      at += append_beyond_ascii(out, text.substr(at));
    } else {
      append_ascii(out, text[at]);
      ++at;
    }
  }
  out += '"';
}

}  // namespace tapedeck
