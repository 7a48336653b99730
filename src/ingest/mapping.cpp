#include "tapedeck/ingest/mapping.hpp"

#include "base/check.hpp"
#include "base/file.hpp"
#include "base/suggest.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

[[noreturn]] void refuse(std::string_view where, std::string_view value, std::string_view rule) {
  throw Error{ErrorCode::invalid_argument, fmt::format("{} {}, found '{}'", where, rule, value)};
}

DataKind kind_from(const std::string& value, std::string_view where) {
  if (const auto kind = parse_data_kind(value)) return *kind;
  std::vector<std::string> known;
  for (const DataKind kind : kDataKinds)
    known.emplace_back(to_text(kind));
  const std::optional<std::string> meant = nearest(value, known);
  refuse(where, value,
         fmt::format("must be one of {}{}", fmt::join(known, ", "),
                     meant ? fmt::format(" (did you mean '{}'?)", *meant) : std::string{}));
}

InstrumentName instrument_from(const std::string& value, std::string_view where) {
  if (const auto name = parse_instrument_name(value)) return *name;
  refuse(where, value, "must be VENUE:SYMBOL, like binance:BTCUSDT");
}

BarInterval interval_from(const std::string& value, std::string_view where) {
  if (const auto interval = BarInterval::parse(value)) return *interval;
  refuse(where, value, "must be an interval, like 1m");
}

Grain grain_from(const std::string& value, std::string_view where) {
  for (const Grain grain : {Grain::trade, Grain::aggregate}) {
    if (value == to_text(grain)) return grain;
  }
  refuse(where, value, "must be trade or aggregate");
}

char delimiter_from(const std::string& value, std::string_view where) {
  if (value == "\\t" || value == "tab") return '\t';
  if (value.size() == 1 && value != "\"" && value != "\n") return value.front();
  refuse(where, value, "must be one character, or tab");
}

TimeUnit time_unit_from(const std::string& value, std::string_view where) {
  if (const auto unit = parse_time_unit(value)) return *unit;
  refuse(where, value, "must be s, ms, us or ns");
}

int exponent_from(const std::string& value, std::string_view where) {
  int exponent = 1;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), exponent);
  const bool whole = error == std::errc{} && end == value.data() + value.size();
  if (whole && exponent <= 0 && exponent >= kMinExponent) return exponent;
  refuse(where, value, "must be between -12 and 0");
}

// A venue or source is a word that we keep.
std::string word_from(const std::string& value, std::string_view where) {
  if (parse_instrument_name(value + ":X")) return value;
  refuse(where, value, "must be a word of small letters, digits and dashes");
}

using Set = std::function<void(TableFormat&, const std::string&, std::string_view)>;

// The one list of keys with one word as their value.
const std::map<std::string, Set, std::less<>>& word_keys() {
  static const std::map<std::string, Set, std::less<>> table{
      {"table", [](auto& f, const auto& v, auto w) { f.kind = kind_from(v, w); }},
      {"instrument", [](auto& f, const auto& v, auto w) { f.instrument = instrument_from(v, w); }},
      {"venue", [](auto& f, const auto& v, auto w) { f.venue = word_from(v, w); }},
      {"interval", [](auto& f, const auto& v, auto w) { f.interval = interval_from(v, w); }},
      {"source", [](auto& f, const auto& v, auto w) { f.source = word_from(v, w); }},
      {"grain", [](auto& f, const auto& v, auto w) { f.grain = grain_from(v, w); }},
      {"delimiter", [](auto& f, const auto& v, auto w) { f.delimiter = delimiter_from(v, w); }},
      {"time_unit", [](auto& f, const auto& v, auto w) { f.time_unit = time_unit_from(v, w); }},
      {"price_exp", [](auto& f, const auto& v, auto w) { f.price_exp = exponent_from(v, w); }},
      {"qty_exp", [](auto& f, const auto& v, auto w) { f.qty_exp = exponent_from(v, w); }},
  };
  return table;
}

// Of yes and no.
const std::map<std::string, bool TableFormat::*, std::less<>>& flag_keys() {
  static const std::map<std::string, bool TableFormat::*, std::less<>> table{
      {"ignore_extra", &TableFormat::ignore_extra},
      {"from_double", &TableFormat::from_double},
      {"new_venue", &TableFormat::new_venue},
  };
  return table;
}

std::vector<std::string> all_keys() {
  std::vector<std::string> keys{"columns", "fields", "sides"};
  for (const auto& entry : word_keys())
    keys.push_back(entry.first);
  for (const auto& entry : flag_keys())
    keys.push_back(entry.first);
  return keys;
}

// One mapping file on its way into a format.
class Reading {
 public:
  Reading(const std::filesystem::path& file, TableFormat& format) : file_{file}, format_{format} {}

  void take(const std::string& key, const toml::node& node) {
    const std::string where = fmt::format("{}: {}", line_of(node), key);
    if (const auto word = word_keys().find(key); word != word_keys().end()) {
      set_table_option(format_, key, text_of(node, where), where);
    } else if (const auto flag = flag_keys().find(key); flag != flag_keys().end()) {
      const auto value = node.value_exact<bool>();
      if (!value) fail(where, "must be true or false");
      format_.*(flag->second) = *value;
    } else if (key == "columns") {
      take_columns(node, where);
    } else if (key == "fields") {
      format_.fields = texts_of(node, where);
    } else if (key == "sides") {
      take_sides(node, where);
    } else {
      const std::optional<std::string> meant = nearest(key, all_keys());
      fail(line_of(node),
           fmt::format("unknown key '{}'{}", key,
                       meant ? fmt::format("; did you mean '{}'?", *meant) : std::string{}));
    }
  }

 private:
  std::string line_of(const toml::node& node) const {
    return fmt::format("{}:{}", file_.string(), node.source().begin.line);
  }

  [[noreturn]] static void fail(std::string_view where, std::string_view what) {
    throw Error{ErrorCode::config,
                fmt::format("{}{}{}", where, what.starts_with("unknown") ? ": " : " ", what)};
  }

  static std::string text_of(const toml::node& node, std::string_view where) {
    if (const auto text = node.value_exact<std::string>()) return *text;
    if (const auto number = node.value_exact<int64_t>()) return std::to_string(*number);
    fail(where, "must be a text");
  }

  std::map<std::string, std::string> texts_of(const toml::node& node, std::string_view where) {
    if (!node.is_table()) fail(where, "must be a section");
    std::map<std::string, std::string> texts;
    for (const auto& [key, value] : *node.as_table()) {
      const std::string name{key.str()};
      texts[name] = text_of(value, fmt::format("{}: {}", line_of(value), name));
    }
    return texts;
  }

  void take_columns(const toml::node& node, std::string_view where) {
    if (!node.is_array()) fail(where, "must be a list of names");
    for (const toml::node& one : *node.as_array())
      format_.columns.push_back(text_of(one, where));
  }

  void take_sides(const toml::node& node, std::string_view where) {
    format_.sides = texts_of(node, where);
    static constexpr std::array<std::string_view, 3> kSides{"buy", "sell", "unknown"};
    for (const auto& [word, side] : format_.sides) {
      if (std::ranges::find(kSides, side) == kSides.end())
        fail(where, fmt::format("must be buy, sell or unknown, found {} = '{}'", word, side));
    }
  }

  const std::filesystem::path& file_;
  TableFormat& format_;
};

}  // namespace

void set_table_option(TableFormat& format, std::string_view key, const std::string& value,
                      std::string_view where) {
  const auto known = word_keys().find(key);
  TAPEDECK_CHECK(known != word_keys().end(), "no option of a table: {}", key);
  known->second(format, value, where);
}

TableFormat read_mapping(const std::filesystem::path& file) {
  TableFormat format;
  toml::table table;
  try {
    table = toml::parse(read_text(file));
  } catch (const toml::parse_error& error) {
    throw Error{ErrorCode::config, fmt::format("{}:{}: {}", file.string(),
                                               error.source().begin.line, error.description())};
  }
  Reading reading{file, format};
  for (const auto& [key, node] : table) {
    try {
      reading.take(std::string{key.str()}, node);
    } catch (const Error& error) {
      throw Error{ErrorCode::config, error.what()};
    }
  }
  return format;
}

}  // namespace tapedeck
