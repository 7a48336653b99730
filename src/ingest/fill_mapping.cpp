#include "ingest/fill_mapping.hpp"

#include "base/file.hpp"
#include "base/suggest.hpp"
#include "tapedeck/base/error.hpp"
#include "tapedeck/market/instrument.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>

namespace tapedeck {
namespace {

constexpr std::array<std::string_view, 3> kFlags{"signed_quantity", "negative_costs", "units"};
constexpr std::array kConstants{FillField::symbol, FillField::currency, FillField::fee_currency,
                                FillField::strategy};

// One mapping file on its way into a format.
class Reading {
 public:
  explicit Reading(const std::filesystem::path& file) : file_{file} {}

  void take(const std::string& key, const toml::node& node) {
    if (key == "fields") return take_fields(node);
    if (key == "sides") return take_sides(node);
    if (key == "columns") {
      format_.columns = texts_of(node, key);
    } else if (key == "venue") {
      format_.venue = text_of(node, key);
      if (!parse_instrument_name(*format_.venue + ":X")) {
        fail(node, key, "must be a word of small letters, digits and dashes");
      }
    } else if (key == "dates") {
      const auto order = parse_date_order(text_of(node, key));
      if (!order) fail(node, key, "must be year_first, month_first or day_first");
      format_.dates = *order;
    } else if (key == "delimiter") {
      const std::string text = text_of(node, key);
      if (text != "tab" && text.size() != 1) fail(node, key, "must be one character, or tab");
      format_.delimiter = text == "tab" ? '\t' : text.front();
    } else if (bool* const flag = find_flag(key)) {
      const auto value = node.value_exact<bool>();
      if (!value) fail(node, key, "must be true or false");
      *flag = *value;
    } else if (const auto field = parse_fill_field(key); field && is_constant(*field)) {
      format_.constants[*field] = text_of(node, key);
    } else {
      std::vector<std::string> known{"venue", "dates", "delimiter", "columns", "fields", "sides"};
      known.insert(known.end(), kFlags.begin(), kFlags.end());
      for (const FillField constant : kConstants)
        known.emplace_back(to_text(constant));
      fail_unknown(node, "key", key, known);
    }
  }

  FillFormat format() && { return std::move(format_); }

 private:
  std::string line_of(const toml::node& node) const {
    return fmt::format("{}:{}", file_.string(), node.source().begin.line);
  }
  [[noreturn]] void fail(const toml::node& node, std::string_view key,
                         std::string_view rule) const {
    throw Error{ErrorCode::config, fmt::format("{}: {} {}", line_of(node), key, rule)};
  }
  [[noreturn]] void fail_unknown(const toml::node& node, std::string_view what,
                                 const std::string& word,
                                 const std::vector<std::string>& known) const {
    const auto meant = nearest(word, known);
    throw Error{ErrorCode::config,
                fmt::format("{}: unknown {} '{}'{}", line_of(node), what, word,
                            meant ? fmt::format("; did you mean '{}'?", *meant) : std::string{})};
  }

  static bool is_constant(FillField field) {
    return std::ranges::find(kConstants, field) != kConstants.end();
  }
  bool* find_flag(std::string_view key) {
    if (key == "signed_quantity") return &format_.signed_quantity;
    if (key == "negative_costs") return &format_.negative_costs;
    if (key == "units") return &format_.units;
    return nullptr;
  }

  std::string text_of(const toml::node& node, std::string_view key) const {
    if (auto text = node.value_exact<std::string>()) return *text;
    fail(node, key, "must be a text");
  }
  std::vector<std::string> texts_of(const toml::node& node, std::string_view key) const {
    if (!node.is_array()) fail(node, key, "must be a list of names");
    std::vector<std::string> texts;
    for (const toml::node& one : *node.as_array())
      texts.push_back(text_of(one, key));
    return texts;
  }
  const toml::table& section_of(const toml::node& node, std::string_view key) const {
    if (!node.is_table()) fail(node, key, "must be a section");
    return *node.as_table();
  }

  void take_fields(const toml::node& node) {
    for (const auto& [key, value] : section_of(node, "fields")) {
      const std::string name{key.str()};
      const auto field = parse_fill_field(name);
      if (!field) {
        std::vector<std::string> known;
        for (size_t at = 0; at < kFillFields; ++at)
          known.emplace_back(to_text(static_cast<FillField>(at)));
        fail_unknown(value, "field", name, known);
      }
      format_.fields[*field] =
          value.is_array() ? texts_of(value, name) : std::vector{text_of(value, name)};
    }
  }

  void take_sides(const toml::node& node) {
    for (const auto& [key, value] : section_of(node, "sides")) {
      const std::string word{key.str()};
      const auto side = parse_order_side(text_of(value, word));
      if (!side) fail(value, word, "must be buy or sell");
      format_.sides[word] = *side;
    }
  }

  const std::filesystem::path& file_;
  FillFormat format_;
};

}  // namespace

FillFormat read_fill_mapping(const std::filesystem::path& file) {
  toml::table table;
  try {
    table = toml::parse(read_text(file));
  } catch (const toml::parse_error& error) {
    throw Error{ErrorCode::config, fmt::format("{}:{}: {}", file.string(),
                                               error.source().begin.line, error.description())};
  }
  Reading reading{file};
  for (const auto& [key, node] : table)
    reading.take(std::string{key.str()}, node);
  return std::move(reading).format();
}

}  // namespace tapedeck
