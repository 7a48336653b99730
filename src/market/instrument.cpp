#include "tapedeck/market/instrument.hpp"

#include <algorithm>

namespace tapedeck {
namespace {

bool is_venue(std::string_view text) {
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && is_word(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return is_word(c) || c == '-'; });
}

// Takes one character off `text`; nullopt where it is no well-formed UTF-8 (RFC 3629).
std::optional<char32_t> take_character(std::string_view& text) {
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char first = byte(0);
  size_t length = 1;
  char32_t character = first;
  if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    character = first & 0x07U;
  } else if (first >= 0xE0 && first < 0xF0) {
    length = 3;
    character = first & 0x0FU;
  } else if (first >= 0xC2 && first < 0xE0) {
    length = 2;
    character = first & 0x1FU;
  } else if (first >= 0x80) {
    return std::nullopt;
  }
  if (text.size() < length) return std::nullopt;
  for (size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xC0U) != 0x80U) return std::nullopt;
    character = (character << 6U) | (byte(at) & 0x3FU);
  }
  const bool overlong = (length == 3 && character < 0x800) || (length == 4 && character < 0x10000);
  const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
  if (overlong || surrogate || character > 0x10FFFF) return std::nullopt;
  text.remove_prefix(length);
  return character;
}

// Unicode's White_Space and Cc, and the invisible characters that would make two names look alike.
bool is_blank_or_control(char32_t c) {
  return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0x1680 || (c >= 0x2000 && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202F) || c == 0x205F || c == 0x2060 || c == 0x3000 || c == 0xFEFF;
}

bool is_symbol(std::string_view text) {
  if (text.empty()) return false;
  while (!text.empty()) {
    const auto character = take_character(text);
    if (!character || *character == U':' || is_blank_or_control(*character)) return false;
  }
  return true;
}

}  // namespace

std::string_view to_text(InstrumentKind kind) {
  switch (kind) {
    case InstrumentKind::spot: return "spot";
    case InstrumentKind::perpetual: return "perpetual";
    case InstrumentKind::future: return "future";
    case InstrumentKind::option: return "option";
    case InstrumentKind::equity: return "equity";
  }
  return "spot";
}

std::string to_text(const InstrumentName& name) {
  return name.venue + ':' + name.symbol;
}

std::optional<InstrumentName> parse_instrument_name(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view venue = text.substr(0, colon);
  const std::string_view symbol = text.substr(colon + 1);
  if (!is_venue(venue) || !is_symbol(symbol)) return std::nullopt;
  return InstrumentName{.venue = std::string{venue}, .symbol = std::string{symbol}};
}

tl::expected<Price, DecimalError> parse_price(const Instrument& instrument, std::string_view text) {
  const auto units = parse_units(text, instrument.scale.price_exp);
  if (!units) return tl::make_unexpected(units.error());
  return Price{*units};
}

tl::expected<Qty, DecimalError> parse_qty(const Instrument& instrument, std::string_view text) {
  const auto units = parse_units(text, instrument.scale.qty_exp);
  if (!units) return tl::make_unexpected(units.error());
  return Qty{*units};
}

}  // namespace tapedeck
