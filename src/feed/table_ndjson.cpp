#include "feed/table_ndjson.hpp"

#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <simdjson.h>

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

namespace ondemand = simdjson::ondemand;

std::string_view trimmed(std::string_view text) {
  const size_t end = text.find_last_not_of(" \t\r\n");
  return end == std::string_view::npos ? std::string_view{} : text.substr(0, end + 1);
}

// The text of a member: of a number the digits as they stand.
Field<std::string> text_of(std::string_view name, ondemand::value value) {
  switch (value.type().value()) {
    case ondemand::json_type::string: return std::string{value.get_string().value()};
    case ondemand::json_type::number: return std::string{trimmed(value.raw_json_token())};
    case ondemand::json_type::boolean:
      return std::string{value.get_bool().value() ? "true" : "false"};
    case ondemand::json_type::null: return std::string{};
    default: return tl::make_unexpected(fmt::format("'{}' must be a text or a number", name));
  }
}

}  // namespace

struct TableNdjsonDecoder::Json {
  ondemand::parser parser;
  simdjson::padded_string padded;
};

TableNdjsonDecoder::TableNdjsonDecoder(const TableFormat& format, TableDecoder::ScaleOf scale_of,
                                       SeenTimes* seen)
    : format_{format},
      scale_of_{std::move(scale_of)},
      seen_{seen},
      json_{std::make_unique<Json>()} {}
TableNdjsonDecoder::~TableNdjsonDecoder() = default;

void TableNdjsonDecoder::decode(std::span<const char> bytes) {
  pieces_.add(
      {bytes.data(), bytes.size()}, [this](std::string_view lines) { take_lines(lines); },
      [this](std::string_view front) { log_.next_overlong(front); });
}

void TableNdjsonDecoder::finish() {
  pieces_.finish([this](std::string_view lines) { take_lines(lines); },
                 [this](std::string_view front) { log_.next_overlong(front); });
}

std::vector<TableSeries> TableNdjsonDecoder::take_all() {
  std::vector<TableSeries> all = std::exchange(done_, {});
  if (decoder_) {
    for (TableSeries& series : decoder_->finish())
      all.push_back(std::move(series));
  }
  return all;
}

void TableNdjsonDecoder::take_lines(std::string_view lines) {
  log_.each_row(lines, [this](std::string_view line) { return take_line(line); });
}

Field<void> TableNdjsonDecoder::take_line(std::string_view line) {
  if (auto read = read_members(line); !read) return read;
  values_.assign(texts_.begin(), texts_.end());
  return decoder_->take_row(values_, log_.lines());
}

Field<void> TableNdjsonDecoder::read_members(std::string_view line) {
  std::vector<std::pair<std::string, std::string>> members;
  try {
    json_->padded = simdjson::padded_string{line};
    ondemand::document document = json_->parser.iterate(json_->padded);
    for (auto field : document.get_object()) {
      std::string name{field.unescaped_key().value()};
      auto text = text_of(name, field.value());
      if (!text) return tl::make_unexpected(std::move(text.error()));
      members.emplace_back(std::move(name), std::move(*text));
    }
    if (document.current_location().error() == simdjson::SUCCESS) {
      return tl::make_unexpected(std::string{"something stands behind the JSON object"});
    }
  } catch (const simdjson::simdjson_error& error) {
    return tl::make_unexpected(fmt::format("no JSON object: {}", error.what()));
  }
  std::vector<std::string> fresh;
  for (const auto& member : members) {
    const std::string& name = member.first;
    if (std::ranges::find(columns_, name) == columns_.end()) fresh.push_back(name);
  }
  if (!decoder_ || !fresh.empty()) {
    if (auto added = add_columns(fresh); !added) return added;
  }
  texts_.assign(columns_.size(), {});
  for (auto& [name, text] : members) {
    const auto column = std::ranges::find(columns_, name) - columns_.begin();
    texts_[static_cast<size_t>(column)] = std::move(text);
  }
  return {};
}

// A member that no line had before, as a trade's id: rows go on with a column more.
Field<void> TableNdjsonDecoder::add_columns(const std::vector<std::string>& names) {
  std::vector<std::string> wider = columns_;
  wider.insert(wider.end(), names.begin(), names.end());
  try {
    const TableColumns check{format_, wider};
  } catch (const Error& error) {
    return tl::make_unexpected(std::string{error.what()});
  }
  if (decoder_) {
    for (TableSeries& series : decoder_->finish())
      done_.push_back(std::move(series));
  }
  columns_ = std::move(wider);
  decoder_.emplace(format_, columns_, scale_of_, seen_);
  return {};
}

}  // namespace tapedeck
