#include "feed/capture.hpp"

#include "feed/json_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace tapedeck {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// `text` without its first `count` characters; what is behind it stays readable.
PaddedText behind(PaddedText text, size_t count) {
  return {.text = text.text.substr(count), .capacity = text.capacity - count};
}

// The unit is told by the digits, from 2001 to 2286; other counts are stamps that were cut.
std::optional<Timestamp> whole_time(std::string_view digits) {
  constexpr size_t kNsDigits = 19;
  const bool known = digits.size() == 13 || digits.size() == 16 || digits.size() == kNsDigits;
  if (!known) return std::nullopt;
  int64_t ns = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), ns);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  for (size_t i = digits.size(); i < kNsDigits; i += 3)
    if (__builtin_mul_overflow(ns, 1'000, &ns)) return std::nullopt;
  return from_epoch_ns(ns);
}

// Where the digits and points at the front of a line end. A loop: it is run once a message.
size_t end_of_stamp(std::string_view line) {
  size_t end = 0;
  while (end < line.size() && (is_digit(line[end]) || line[end] == '.'))
    ++end;
  return end;
}

Field<Timestamp> seconds_time(std::string_view text) {
  try {
    return time_of_seconds("receive time", text);
  } catch (const BadMessage& bad) {
    return tl::make_unexpected(std::string{bad.what()});
  }
}

}  // namespace

struct CaptureReader::Json {
  ondemand::parser parser;
  std::string data;  // of the last line, unescaped
  std::string connection;
  std::string url;
};

CaptureReader::CaptureReader(Use use) : use_{std::move(use)}, json_{std::make_unique<Json>()} {}
CaptureReader::~CaptureReader() = default;

void CaptureReader::decode(std::span<const char> bytes) {
  std::string_view piece{bytes.data(), bytes.size()};
  if (skipping_) {
    const size_t end = piece.find('\n');
    if (end == std::string_view::npos) return;
    piece.remove_prefix(end + 1);
    skipping_ = false;
  }
  buffer_.append(piece);
  take_lines(false);
}

void CaptureReader::finish() {
  take_lines(true);
}

void CaptureReader::take_lines(bool all) {
  buffer_.reserve(buffer_.size() + kMessagePadding);
  size_t begin = 0;
  while (begin < buffer_.size()) {
    size_t end = buffer_.find('\n', begin);
    if (end == std::string::npos && !all) break;
    end = std::min(end, buffer_.size());
    ++number_;
    take_line({.text = std::string_view{buffer_}.substr(begin, end - begin),
               .capacity = buffer_.size() - begin + kMessagePadding});
    begin = std::min(end + 1, buffer_.size());
  }
  buffer_.erase(0, begin);
  if (buffer_.size() <= kMaxFrameBytes) return;
  ++number_;
  refuse_long(buffer_);
  buffer_.clear();
  skipping_ = true;
}

void CaptureReader::take_line(PaddedText line) {
  if (line.text.size() > kMaxFrameBytes) return refuse_long(line.text);
  if (line.text.ends_with('\r')) line.text.remove_suffix(1);
  if (line.text.empty()) return;
  Field<CaptureLine> read_line = read(line);
  if (!read_line) return refuse(line.text, std::move(read_line.error()));
  read_line->number = number_;
  use_(*read_line);
}

void CaptureReader::refuse_long(std::string_view line) {
  refuse(line, fmt::format("the line is longer than {} MiB", kMaxFrameBytes >> 20));
}

void CaptureReader::refuse(std::string_view line, std::string reason) {
  ++refused_;
  if (errors_.size() < kKeptErrors) {
    errors_.push_back({.line = number_,
                       .reason = std::move(reason),
                       .text = std::string{line.substr(0, kKeptErrorText)}});
  }
  use_({.kind = CaptureLineKind::refused, .number = number_});
}

std::vector<DecodeError> CaptureReader::take_errors() {
  return std::exchange(errors_, {});
}

Field<CaptureLine> CaptureReader::read(PaddedText line) {
  const std::string_view text = line.text;
  if (is_digit(text.front())) return read_stamped(line);
  if (text.starts_with("ws://") || text.starts_with("wss://") || text.starts_with("http://") ||
      text.starts_with("https://")) {
    return read_url(line);
  }
  if (text.starts_with("{\"t\":\"")) return read_object(line);
  if (text.starts_with('{') || text.starts_with('[')) {
    return CaptureLine{.kind = CaptureLineKind::message, .text = line};
  }
  if (text.starts_with("configuration:")) return CaptureLine{};
  return tl::make_unexpected(std::string{
      "no line of a capture: a receive time, a URL or a JSON message must stand at its begin"});
}

Field<CaptureLine> CaptureReader::read_stamped(PaddedText line) {
  const size_t end = end_of_stamp(line.text);
  if (end == line.text.size()) {
    return tl::make_unexpected(std::string{"there is no message behind the receive time"});
  }
  const std::string_view stamp = line.text.substr(0, end);
  CaptureLine read_line{.kind = CaptureLineKind::message};
  if (line.text[end] == ' ') {
    read_line.ts_recv = whole_time(stamp);
    if (!read_line.ts_recv) {
      return tl::make_unexpected(
          found("receive time", "must have 13, 16 or 19 digits, the time in ms, µs or ns", stamp));
    }
    read_line.text = behind(line, end + 1);
    return read_line;
  }
  if (!line.text.substr(end).starts_with(": ")) {
    return tl::make_unexpected(
        found("receive time", "must end with a space or a colon", line.text.substr(0, end + 1)));
  }
  const Field<Timestamp> seconds = seconds_time(stamp);
  if (!seconds) return tl::make_unexpected(seconds.error());
  read_line.ts_recv = *seconds;
  read_line.text = behind(line, end + 2);
  return read_line;
}

Field<CaptureLine> CaptureReader::read_url(PaddedText line) {
  struct Arrow {
    std::string_view text;
    CaptureLineKind kind;
  };
  constexpr std::array kArrows{Arrow{" <-> ", CaptureLineKind::connect},
                               Arrow{" <- ", CaptureLineKind::passed_over},
                               Arrow{" -> ", CaptureLineKind::answer}};
  const size_t space = std::min(line.text.find(' '), line.text.size());
  for (const Arrow& arrow : kArrows) {
    if (!line.text.substr(space).starts_with(arrow.text)) continue;
    CaptureLine read_line{.kind = arrow.kind, .url = line.text.substr(0, space)};
    const PaddedText rest = behind(line, space + arrow.text.size());
    if (arrow.kind == CaptureLineKind::passed_over) return read_line;
    const size_t colon = std::min(rest.text.find(": "), rest.text.size());
    const Field<Timestamp> time = seconds_time(rest.text.substr(0, colon));
    if (!time) return tl::make_unexpected(time.error());
    read_line.ts_recv = *time;
    if (arrow.kind == CaptureLineKind::answer) {
      read_line.text = behind(rest, std::min(colon + 2, rest.text.size()));
    }
    return read_line;
  }
  return tl::make_unexpected(
      std::string{"a URL must be followed by <->, <- or -> and the time in seconds"});
}

Field<CaptureLine> CaptureReader::read_object(PaddedText line) {
  Json& json = *json_;
  CaptureLine read_line;
  std::string_view word;
  std::string_view time;
  json.data.clear();
  json.connection.clear();
  json.url.clear();
  try {
    const simdjson::padded_string_view padded{line.text, line.capacity};
    ondemand::document document = json.parser.iterate(padded);
    for (ondemand::field field : document.get_object()) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "t") word = scalar_text(value);
      if (key == "ts") time = scalar_text(value);
      if (key == "conn") json.connection = scalar_text(value);
      if (key == "addr" || key == "url") json.url = scalar_text(value);
      if (key == "data") json.data = std::string_view{value.get_string()};
    }
  } catch (const simdjson::simdjson_error& error) {
    return tl::make_unexpected(fmt::format("no line of a capture: {}", error.what()));
  } catch (const BadMessage& bad) {
    return tl::make_unexpected(fmt::format("no line of a capture: {}", bad.what()));
  }
  if (word == "recv") read_line.kind = CaptureLineKind::message;
  if (word == "connect") read_line.kind = CaptureLineKind::connect;
  if (word == "http") read_line.kind = CaptureLineKind::answer;
  if (read_line.kind == CaptureLineKind::passed_over) return read_line;
  if (read_line.kind == CaptureLineKind::answer && json.url.empty()) {
    return tl::make_unexpected(std::string{"the answer does not say its URL"});
  }
  const Field<Timestamp> seconds = seconds_time(time);
  if (!seconds) return tl::make_unexpected(seconds.error());
  read_line.ts_recv = *seconds;
  read_line.connection = json.connection;
  read_line.url = json.url;
  json.data.reserve(json.data.size() + kMessagePadding);
  read_line.text = {.text = json.data, .capacity = json.data.size() + kMessagePadding};
  return read_line;
}

bool looks_like_capture(std::string_view front) {
  const size_t end = std::min(front.find('\n'), front.size());
  const std::string_view line = front.substr(0, end);
  if (line.empty()) return false;
  if (line.starts_with('{') || line.starts_with("[{") || line.starts_with("configuration:")) {
    return true;
  }
  if (line.find(" <-> ") != std::string_view::npos || line.find(" -> ") != std::string_view::npos) {
    return line.find("://") != std::string_view::npos;
  }
  const size_t stamp = end_of_stamp(line);
  if (stamp == 0 || stamp == line.size()) return false;
  const std::string_view rest = line.substr(stamp);
  return rest.starts_with(" {") || rest.starts_with(": {") || rest.starts_with(" [") ||
         rest.starts_with(": [");
}

}  // namespace tapedeck
