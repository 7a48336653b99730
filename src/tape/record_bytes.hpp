// Records of optional fields as bytes: one list of the fields serves writing and reading.
#pragma once

#include "tape/bytes.hpp"
#include "tapedeck/base/uuid.hpp"
#include "tapedeck/market/amount.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace tapedeck {

class RecordWriter {
 public:
  explicit RecordWriter(ByteWriter& out) : out_{out} {}

  template <typename... Fields>
  void operator()(const Fields&... fields) {
    (put(fields), ...);
  }

 private:
  template <typename T>
  void put(const T& value) requires std::is_arithmetic_v<T> || std::is_enum_v<T> {
    out_.put(value);
  }
  void put(const std::string& text) { out_.put_long_text(text); }
  void put(const Uuid& uuid) { (*this)(uuid.high, uuid.low); }
  void put(Timestamp t) { out_.put(to_epoch_ns(t)); }
  void put(Amount amount) {
    out_.put(static_cast<uint64_t>(amount.units()));
    out_.put(static_cast<int64_t>(amount.units() >> 64));
  }
  template <typename T>
  void put(const std::optional<T>& value) {
    out_.put(static_cast<uint8_t>(value ? 1 : 0));
    if (value) put(*value);
  }

  ByteWriter& out_;
};

// Reads into the same fields. What no writer writes makes failed() true.
class RecordReader {
 public:
  explicit RecordReader(ByteReader& in) : in_{in} {}

  template <typename... Fields>
  void operator()(Fields&... fields) {
    (take(fields), ...);
  }
  bool failed() const { return failed_ || in_.failed(); }

 private:
  template <typename T>
  void take(T& value) requires std::is_arithmetic_v<T> {
    value = in_.take<T>();
  }
  template <typename T>
  void take(T& value) requires std::is_enum_v<T> {
    value = in_.take<T>();
    failed_ = failed_ || to_text(value) == std::string_view{"unknown"};
  }
  void take(bool& value) { value = in_.take<uint8_t>() != 0; }
  void take(std::string& text) { text = in_.take_long_text(); }
  void take(Uuid& uuid) { (*this)(uuid.high, uuid.low); }
  void take(Timestamp& t) { t = from_epoch_ns(in_.take<int64_t>()); }
  void take(Amount& amount) {
    const auto low = in_.take<uint64_t>();
    const auto high = in_.take<int64_t>();
    const auto units =
        static_cast<int128>(static_cast<uint128>(static_cast<uint64_t>(high)) << 64 | uint128{low});
    if (Amount::fits(units)) {
      amount = Amount::of_units(units);
    } else {
      failed_ = true;
    }
  }
  template <typename T>
  void take(std::optional<T>& value) {
    value.reset();
    if (in_.take<uint8_t>() == 0) return;
    take(value.emplace());
  }

  ByteReader& in_;
  bool failed_ = false;
};

}  // namespace tapedeck
