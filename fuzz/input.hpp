// How a fuzzer takes its input: a few bytes of options, then the text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tapedeck {

class FuzzInput {
 public:
  FuzzInput(const uint8_t* data, size_t size) : rest_{data, size} {}

  // The next byte; 0 when there is none.
  unsigned option() {
    if (rest_.empty()) return 0;
    const unsigned value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }
  // All that is left.
  std::string_view text() const {
    return {reinterpret_cast<const char*>(rest_.data()), rest_.size()};
  }
  std::span<const std::byte> bytes() const { return std::as_bytes(rest_); }

 private:
  std::span<const uint8_t> rest_;
};

// Gives `text` to a decoder in pieces, then ends it.
template <typename Decoder>
void decode_in_pieces(Decoder& decoder, std::string_view text, size_t piece) {
  for (size_t begin = 0; begin < text.size(); begin += piece) {
    decoder.decode(text.substr(begin, piece));
  }
  decoder.finish();
}

}  // namespace tapedeck
