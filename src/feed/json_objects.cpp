#include "feed/json_objects.hpp"

#include <fmt/format.h>

namespace tapedeck {
namespace {

constexpr std::string_view kPassedOver = " \t\r,[]\xEF\xBB\xBF";  // with the mark of UTF-8
constexpr std::string_view kNoEnd = "the JSON object does not end";

}  // namespace

void JsonObjects::add(std::string_view text) {
  for (const char c : text) {
    // A line that begins with an object ends one above it that did so too.
    if (line_begins_ && c == '{' && place_ == Place::object && begins_line_) end(kNoEnd);
    if (place_ == Place::between) {
      add_between(c);
    } else {
      add_inside(c);
    }
    line_begins_ = c == '\n';
    if (c == '\n') ++line_;
  }
}

void JsonObjects::finish() {
  if (place_ == Place::noise) {
    end("no JSON object");
  } else if (place_ != Place::between) {
    end(kNoEnd);
  }
}

void JsonObjects::add_between(char c) {
  if (c == '{') {
    begin(Place::object, c);
    depth_ = 1;
  } else if (c != '\n' && kPassedOver.find(c) == std::string_view::npos) {
    begin(Place::noise, c);
  }
}

void JsonObjects::add_inside(char c) {
  if (place_ == Place::noise) {
    if (c == '\n') return end("no JSON object");
    return keep(c);
  }
  if (c == '\n' && place_ != Place::object) return end("a text in the JSON object does not end");
  keep(c);
  if (place_ == Place::escape || (place_ == Place::object && c == '"')) {
    place_ = Place::text;
  } else if (place_ == Place::text) {
    if (c == '\\') place_ = Place::escape;
    if (c == '"') place_ = Place::object;
  } else if (c == '{' || c == '[') {
    ++depth_;
  } else if ((c == '}' || c == ']') && --depth_ == 0) {
    end({});
  }
}

void JsonObjects::begin(Place place, char c) {
  place_ = place;
  begin_line_ = line_;
  begins_line_ = line_begins_;
  keep(c);
}

void JsonObjects::keep(char c) {
  if (text_.size() < kMaxBytes) {
    text_ += c;
  } else {
    overlong_ = true;
  }
}

void JsonObjects::end(std::string_view reason) {
  std::string why{reason};
  if (why.empty() && overlong_) {
    why = fmt::format("the JSON object has more than {} bytes", kMaxBytes);
  }
  pieces_.push_back(
      {.line = begin_line_, .text = std::exchange(text_, {}), .reason = std::move(why)});
  place_ = Place::between;
  overlong_ = false;
}

}  // namespace tapedeck
