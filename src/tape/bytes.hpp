// Little-endian values behind one another in memory: how frames and their payloads are written.
#pragma once

#include <bit>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tapedeck {

static_assert(std::endian::native == std::endian::little,
              "values are copied as they lie in memory");

class ByteWriter {
 public:
  explicit ByteWriter(std::vector<std::byte>& out) : out_{out} {}

  template <typename T>
  void put(T value) requires std::is_arithmetic_v<T> || std::is_enum_v<T> {
    put_bytes(std::as_bytes(std::span{&value, 1}));
  }
  template <typename T>
  void put_column(std::span<const T> values) {
    put_bytes(std::as_bytes(values));
  }
  // Its length as one byte, then the text, cut at 255 bytes.
  void put_text(std::string_view text) {
    text = text.substr(0, 255);
    put(static_cast<uint8_t>(text.size()));
    put_bytes(std::as_bytes(std::span{text}));
  }
  // Its length as four bytes, then the text.
  void put_long_text(std::string_view text) {
    put(static_cast<uint32_t>(text.size()));
    put_bytes(std::as_bytes(std::span{text}));
  }
  void put_bytes(std::span<const std::byte> bytes) {
    if (bytes.empty()) return;
    const size_t at = out_.size();
    out_.resize(at + bytes.size());
    std::memcpy(out_.data() + at, bytes.data(), bytes.size());
  }

 private:
  std::vector<std::byte>& out_;
};

// Reads what ByteWriter wrote. Behind the end everything is zero and failed() true, so that a
// payload is checked once, at its end.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : left_{bytes} {}

  template <typename T>
  T take() requires std::is_arithmetic_v<T> || std::is_enum_v<T> {
    T value{};
    const std::span<const std::byte> bytes = take_bytes(sizeof(T));
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }
  template <typename T>
  void take_column(std::vector<T>& into, size_t rows) {
    if (rows > left_.size() / sizeof(T)) {
      failed_ = true;
      return;
    }
    into.resize(rows);
    if (rows > 0) std::memcpy(into.data(), take_bytes(rows * sizeof(T)).data(), rows * sizeof(T));
  }
  std::string take_text() { return as_text(take_bytes(take<uint8_t>())); }
  std::string take_long_text() { return as_text(take_bytes(take<uint32_t>())); }

  size_t left() const { return left_.size(); }
  // More was asked for than there is.
  bool failed() const { return failed_; }

 private:
  static std::string as_text(std::span<const std::byte> bytes) {
    return bytes.empty() ? std::string{}
                         : std::string{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  std::span<const std::byte> take_bytes(size_t count) {
    if (count > left_.size()) {
      failed_ = true;
      return {};
    }
    const std::span<const std::byte> taken = left_.first(count);
    left_ = left_.subspan(count);
    return taken;
  }

  std::span<const std::byte> left_;
  bool failed_ = false;
};

}  // namespace tapedeck
