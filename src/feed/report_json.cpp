#include "feed/report_json.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tapedeck {
namespace {

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 40 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool is_same_word(std::string_view a, std::string_view lower) {
  return std::ranges::equal(a, lower, {}, [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
}

OrderType type_of(const ExecutionReport& report) {
  if (report.stop_price) return report.price ? OrderType::stop_limit : OrderType::stop;
  return report.price ? OrderType::limit : OrderType::market;
}

}  // namespace

std::optional<std::string> find_text(const Members& members, std::string_view name) {
  const auto text = members.find(name);
  if (!text || text->empty() || *text == "null") return std::nullopt;
  return std::string{*text};
}

Amount amount_of(const Members& members, std::string_view name) {
  return Amount::of(members.decimal(name));
}

std::optional<Amount> find_amount(const Members& members, std::string_view name) {
  const auto value = members.find_decimal(name);
  return value ? std::optional{Amount::of(*value)} : std::nullopt;
}

Amount amount_above_0(const Members& members, std::string_view name) {
  const Amount amount = amount_of(members, name);
  if (amount > Amount{}) return amount;
  throw BadMessage{found(name, "must be above 0", members.text(name))};
}

std::optional<Amount> find_price(const Members& members, std::string_view name) {
  const auto price = find_amount(members, name);
  if (!price || *price == Amount{}) return std::nullopt;
  if (*price > Amount{}) return price;
  throw BadMessage{found(name, "must not be negative", members.text(name))};
}

OrderSide side_of(const Members& members, std::string_view name) {
  const std::string_view word = members.text(name);
  if (const auto side = parse_order_side(word)) return *side;
  throw BadMessage{found(name, "must be buy or sell", word)};
}

void set_type(ExecutionReport& report, std::string_view word, std::optional<Amount> price,
              std::optional<Amount> stop_price) {
  if (!is_word(word)) throw BadMessage{found("the order's type", "must be a word", word)};
  if (!is_same_word(word, "market")) {
    report.price = price;
    report.stop_price = stop_price;
  }
  report.type = type_of(report);
  if (!is_same_word(word, to_text(report.type))) report.venue_type = std::string{word};
}

void JsonReports::decode(std::span<const char> bytes) {
  objects_.add({bytes.data(), bytes.size()});
  read_pieces();
}

void JsonReports::finish() {
  objects_.finish();
  read_pieces();
}

void JsonReports::read_pieces() {
  for (const JsonObjects::Piece& piece : objects_.take()) {
    if (!piece.reason.empty()) {
      refuse(piece, piece.reason);
      continue;
    }
    try {
      const simdjson::padded_string padded{piece.text};
      ondemand::document document = parser_.iterate(padded);
      if (auto report = read(document.get_object())) {
        add(piece.line, piece.text, std::move(*report));
      } else {
        skip();
      }
    } catch (const simdjson::simdjson_error& error) {
      refuse(piece, fmt::format("no JSON object: {}", error.what()));
    } catch (const BadMessage& bad) {
      refuse(piece, bad.what());
    }
  }
}

void JsonReports::refuse(const JsonObjects::Piece& piece, std::string reason) {
  errors_.push_back({.line = piece.line,
                     .reason = std::move(reason),
                     .text = piece.text.substr(0, kMaxTextBytes)});
}

}  // namespace tapedeck
