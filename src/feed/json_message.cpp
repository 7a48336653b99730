#include "feed/json_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tapedeck {
namespace {

constexpr int64_t kNsPerMs = 1'000'000;
constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kMostSeconds = 9'223'372'036;  // that 64-bit nanoseconds hold

[[noreturn]] void refuse(std::string_view name, std::string_view rule, std::string_view text) {
  throw BadMessage{found(name, rule, text)};
}

std::string_view without_space(std::string_view token) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!token.empty() && is_space(token.back()))
    token.remove_suffix(1);
  return token;
}

}  // namespace

std::string_view scalar_text(ondemand::value& value) {
  const std::string_view token = without_space(value.raw_json_token());
  if (!token.starts_with('"')) return token;
  if (token.size() < 2 || !token.ends_with('"')) throw BadMessage{"a text without its end"};
  const std::string_view text = token.substr(1, token.size() - 2);
  if (text.find('\\') != std::string_view::npos) return value.get_string();
  return text;
}

WireNumber wire_number(std::string_view name, std::string_view text) {
  const auto number = parse_wire_number(text);
  if (number) return *number;
  switch (number.error()) {
    case DecimalError::not_a_number: refuse(name, "must be a number", text);
    case DecimalError::too_precise:
      refuse(name, "must have at most 12 digits behind the point", text);
    case DecimalError::out_of_range: break;
  }
  refuse(name, "must fit 64 bits at its own digits", text);
}

WireNumber wire_price(std::string_view name, std::string_view text) {
  const WireNumber number = wire_number(name, text);
  if (number.units <= 0) refuse(name, "must be above 0", text);
  return number;
}

WireNumber wire_quantity(std::string_view name, std::string_view text) {
  const WireNumber number = wire_number(name, text);
  if (number.units < 0) refuse(name, "must not be negative", text);
  return number;
}

WireNumber wire_rate(std::string_view name, std::string_view text) {
  constexpr size_t kDigits = -kMinExponent;
  const size_t point = text.find('.');
  const bool plain = text.find_first_not_of("+-.0123456789") == std::string_view::npos;
  if (!plain || point == std::string_view::npos || text.size() - point - 1 <= kDigits) {
    return wire_number(name, text);
  }
  WireNumber rate = wire_number(name, text.substr(0, point + 1 + kDigits));
  const std::string_view rest = text.substr(point + 1 + kDigits);
  if (rest.find_first_not_of("0123456789") != std::string_view::npos) {
    refuse(name, "must be a number", text);
  }
  int64_t units = rate.units * power_of_ten(rate.exponent - kMinExponent);
  const bool half = rest.front() == '5' && rest.find_first_not_of('0', 1) == std::string_view::npos;
  if (rest.front() > '5' || (rest.front() == '5' && (!half || units % 2 != 0))) {
    units += text.front() == '-' ? -1 : 1;
  }
  rate.exponent = kMinExponent;
  while (rate.exponent < 0 && units % 10 == 0) {
    units /= 10;
    ++rate.exponent;
  }
  rate.units = units;
  return rate;
}

int64_t whole_number(std::string_view name, std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    refuse(name, "must be a whole number", text);
  }
  return value;
}

Timestamp time_of_milliseconds(std::string_view name, std::string_view text) {
  const int64_t ms = whole_number(name, text);
  if (ms < 0 || ms >= kMostSeconds * 1'000) {
    refuse(name, "must be milliseconds since 1970", text);
  }
  return from_epoch_ns(ms * kNsPerMs);
}

Timestamp time_of_seconds(std::string_view name, std::string_view text) {
  constexpr size_t kFraction = 9;
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction =
      point < text.size() ? text.substr(point + 1, kFraction) : std::string_view{};
  const bool plain = text.find_first_not_of("0123456789.") == std::string_view::npos;
  if (!plain || text.ends_with('.')) refuse(name, "must be seconds since 1970", text);
  const int64_t seconds = whole_number(name, whole);
  if (seconds < 0 || seconds >= kMostSeconds) refuse(name, "must be seconds since 1970", text);
  int64_t ns = 0;
  if (!fraction.empty()) {
    ns = whole_number(name, fraction);
    if (ns < 0) refuse(name, "must be seconds since 1970", text);
    for (size_t digits = fraction.size(); digits < kFraction; ++digits)
      ns *= 10;
  }
  return from_epoch_ns(seconds * kNsPerSecond + ns);
}

Timestamp time_of_text(std::string_view name, std::string_view text) {
  // A date alone, or digits, would be a time to parse_timestamp() too.
  const auto time = text.find('T') == std::string_view::npos ? std::nullopt : parse_timestamp(text);
  if (!time) refuse(name, "must be a time like 2026-08-09T21:05:48.505Z", text);
  return *time;
}

ondemand::array array_of(std::string_view name, ondemand::value& value) {
  if (value.type() == ondemand::json_type::array) return value.get_array();
  throw BadMessage{found(name, "must be an array", scalar_text(value))};
}

ondemand::object object_of(std::string_view name, ondemand::value& value) {
  if (value.type() == ondemand::json_type::object) return value.get_object();
  throw BadMessage{found(name, "must be an object", scalar_text(value))};
}

void take_scalar(std::string_view key, ondemand::value& value, Members& members) {
  const ondemand::json_type type = value.type();
  if (type != ondemand::json_type::array && type != ondemand::json_type::object) {
    members.add(key, scalar_text(value));
  }
}

void read_members(ondemand::object object, Members& members) {
  members.clear();
  for (ondemand::field field : object) {
    const std::string_view key = field.unescaped_key();
    ondemand::value value = field.value();
    take_scalar(key, value, members);
  }
}

std::optional<std::string_view> Members::find(std::string_view name) const {
  // Most names of streams are one letter: no call is needed to compare them.
  for (size_t i = 0; i < used_; ++i) {
    const auto& [key, text] = members_[i];
    if (key.size() == name.size() && key.front() == name.front() &&
        (key.size() == 1 || key == name)) {
      return text;
    }
  }
  return std::nullopt;
}

std::string_view Members::text(std::string_view name) const {
  if (const auto text = find(name)) return *text;
  throw BadMessage{fmt::format("there is no '{}'", name)};
}

bool Members::boolean(std::string_view name) const {
  const std::string_view word = text(name);
  if (word != "true" && word != "false") refuse(name, "must be true or false", word);
  return word == "true";
}

namespace {

bool is_none(const std::optional<std::string_view>& text) {
  return !text || text->empty() || *text == "null";
}

}  // namespace

std::optional<WireNumber> Members::find_number(std::string_view name) const {
  const auto text = find(name);
  return is_none(text) ? std::nullopt : std::optional{wire_number(name, *text)};
}

std::optional<int64_t> Members::find_whole(std::string_view name) const {
  const auto text = find(name);
  return is_none(text) ? std::nullopt : std::optional{whole_number(name, *text)};
}

std::optional<Timestamp> Members::find_milliseconds(std::string_view name) const {
  const auto text = find(name);
  return is_none(text) ? std::nullopt : std::optional{time_of_milliseconds(name, *text)};
}

Decimal Members::decimal(std::string_view name) const {
  std::string plain;
  const Field<Decimal> value = read_decimal(name, without_exponent(text(name), plain));
  if (!value) throw BadMessage{value.error()};
  return *value;
}

std::optional<Decimal> Members::find_decimal(std::string_view name) const {
  return is_none(find(name)) ? std::nullopt : std::optional{decimal(name)};
}

namespace {

// Digits in quotes, as nearly all prices and quantities of levels are; none for anything else.
std::optional<WireNumber> find_quoted_number(ondemand::value& value) {
  const std::string_view token = value.raw_json_token();
  if (token.size() < 2 || token.front() != '"' || token.back() != '"') return std::nullopt;
  const auto number = parse_wire_number(token.substr(1, token.size() - 2));
  return number ? std::optional{*number} : std::nullopt;
}

WireNumber price_of_level(ondemand::value& value) {
  const auto quick = find_quoted_number(value);
  return quick && quick->units > 0 ? *quick : wire_price("price", scalar_text(value));
}

WireNumber quantity_of_level(ondemand::value& value) {
  const auto quick = find_quoted_number(value);
  return quick && quick->units >= 0 ? *quick : wire_quantity("quantity", scalar_text(value));
}

}  // namespace

std::span<const WireLevel> read_levels(ondemand::array levels, LevelPool& pool) {
  std::vector<WireLevel>& list = pool.next();
  for (ondemand::array level : levels) {
    WireLevel read;
    int at = 0;
    for (ondemand::value value : level) {
      if (at == 0) read.price = price_of_level(value);
      if (at == 1) read.quantity = quantity_of_level(value);
      ++at;
    }
    if (at < 2) throw BadMessage{"a level must be a price and a quantity"};
    list.push_back(read);
  }
  return list;
}

template <typename Read>
Field<void> JsonDecoder::run(PaddedText text, DecodedMessage& message, Read read) {
  message.clear();
  levels_.clear();
  texts_.clear();
  std::string reason;
  try {
    const simdjson::padded_string_view padded{text.text, text.capacity};
    ondemand::document document = parser_.iterate(padded);
    read(document);
    // A message that is data was read to its end.
    const bool more = document.current_location().error() == simdjson::SUCCESS;
    if (message.kind != MessageKind::data) {
      // A decoder that found out late that there is nothing to keep.
      message.records.clear();
      return {};
    }
    if (!more) return {};
    reason = "something stands behind the message";
  } catch (const simdjson::simdjson_error& error) {
    reason = fmt::format("no JSON message as this venue sends it: {}", error.what());
  } catch (const BadMessage& bad) {
    reason = bad.what();
  }
  message.clear();
  return tl::make_unexpected(std::move(reason));
}

Field<void> JsonDecoder::decode(PaddedText text, DecodedMessage& message) {
  return run(text, message, [&](ondemand::document& document) { read(document, message); });
}

Field<void> JsonDecoder::decode_answer(std::string_view url, PaddedText text,
                                       DecodedMessage& message) {
  return run(text, message,
             [&](ondemand::document& document) { read_answer(url, document, message); });
}

}  // namespace tapedeck
