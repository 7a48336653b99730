#include "feed/csv.hpp"

#include "feed/binance_archive.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tapedeck {
namespace {

constexpr size_t kMaxTextBytes = 512;   // of a refused line: DecodeError::text
constexpr size_t kMaxErrors = 600'000;  // kept until taken: more than a piece of 1 MB can have

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool looks_like_header(std::string_view line) {
  if (line.starts_with('"')) line.remove_prefix(1);
  return !line.empty() && is_letter(line.front());
}

std::string_view without_quotes(std::string_view field) {
  if (field.size() >= 2 && field.front() == '"' && field.back() == '"') {
    return field.substr(1, field.size() - 2);
  }
  return field;
}

}  // namespace

std::optional<std::string_view> LineLog::next_row(std::string_view line) {
  if (line.size() > kMaxLineBytes) {
    next_overlong(line);
    return std::nullopt;
  }
  if (line.ends_with('\r')) line.remove_suffix(1);
  ++lines_;
  if (line.empty()) {
    ++blanks_;
    return std::nullopt;
  }
  refuse_blanks();
  if (kind_ && lines_ == 1 && looks_like_header(line)) {
    check_header(line);
    return std::nullopt;
  }
  return line;
}

void LineLog::next_overlong(std::string_view front) {
  ++lines_;
  refuse_blanks();
  refuse(fmt::format("line has more than {} bytes", kMaxLineBytes), front);
}

void LineLog::refuse_line(int64_t line, std::string reason, std::string_view text) {
  ++refused_;
  if (errors_.size() == kMaxErrors) return;
  errors_.push_back({.line = line,
                     .reason = std::move(reason),
                     .text = std::string{text.substr(0, kMaxTextBytes)}});
}

void LineLog::refuse_blanks() {
  for (; blanks_ > 0; --blanks_) {
    refuse_line(lines_ - blanks_, "line is blank", {});
  }
}

void LineLog::check_header(std::string_view line) {
  const auto kind = kind_of_header(line);
  if (!kind) {
    refuse(fmt::format("header is not that of {}", to_text(*kind_)), line);
  } else if (*kind != *kind_) {
    refuse(fmt::format("header is that of {}, not of {}", to_text(*kind), to_text(*kind_)), line);
  }
}

void split_fields(std::string_view line, char delimiter, std::vector<std::string_view>& fields) {
  fields.clear();
  size_t begin = 0;
  bool quoted = false;
  for (size_t at = 0; at <= line.size(); ++at) {
    if (at < line.size() && line[at] == '"') quoted = !quoted;
    if (at < line.size() && (quoted || line[at] != delimiter)) continue;
    fields.push_back(without_quotes(line.substr(begin, at - begin)));
    begin = at + 1;
  }
}

size_t split_fields(std::string_view line, std::span<std::string_view> fields) {
  size_t columns = 0;
  while (true) {
    const size_t end = line.find(',');
    if (columns < fields.size()) fields[columns] = without_quotes(line.substr(0, end));
    ++columns;
    if (end == std::string_view::npos) return columns;
    line.remove_prefix(end + 1);
  }
}

}  // namespace tapedeck
