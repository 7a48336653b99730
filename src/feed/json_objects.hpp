// JsonObjects: cuts text into the JSON objects that stand in it, one a line, one after another,
// over many lines, or in an array. One that is broken costs no other that begins a line of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tapedeck {

class JsonObjects {
 public:
  static constexpr size_t kMaxBytes = size_t{1} << 20;  // of an object

  struct Piece {
    int64_t line = 0;    // 1-based, where it begins
    std::string text;    // of a refused one the front
    std::string reason;  // why it is refused; else empty
  };

  void add(std::string_view text);
  void finish();
  // Whole objects, and what is none, in their order.
  std::vector<Piece> take() { return std::exchange(pieces_, {}); }

 private:
  enum class Place : uint8_t { between, object, text, escape, noise };

  void add_between(char c);
  void add_inside(char c);
  void begin(Place place, char c);
  void keep(char c);
  void end(std::string_view reason);

  Place place_ = Place::between;
  int64_t line_ = 1;
  bool line_begins_ = true;
  int64_t begin_line_ = 1;
  bool begins_line_ = false;  // the piece at work stands at the begin of its line
  int64_t depth_ = 0;
  std::string text_;
  bool overlong_ = false;
  std::vector<Piece> pieces_;
};

}  // namespace tapedeck
