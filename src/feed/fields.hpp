// Values read from the columns of a line, or the reason why the line is refused. `name` is the
// column's, for the reason.
#pragma once

#include "tapedeck/market/decimal.hpp"
#include "tapedeck/market/kline.hpp"
#include "tapedeck/market/time.hpp"

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tapedeck {

template <typename Value>
using Field = tl::expected<Value, std::string>;

// Digits only.
Field<int64_t> read_whole(std::string_view name, std::string_view text);
// Any sign; at most 26 digits before the point and 12 behind it, what DECIMAL(38,12) holds.
Field<Decimal> read_decimal(std::string_view name, std::string_view text);
// `value`, read from `text`, when its units fit 64 bits: trades are stored so.
Field<Decimal> in_64_bits(std::string_view name, std::string_view text, Field<Decimal> value);
// Above 0.
Field<Decimal> read_price(std::string_view name, std::string_view text);
// 0 or more.
Field<Decimal> read_quantity(std::string_view name, std::string_view text);
// True/true/1, False/false/0.
Field<bool> read_boolean(std::string_view name, std::string_view text);
// For columns that are not stored: a number of any length and precision.
Field<void> check_number(std::string_view name, std::string_view text);

// `1e-06`, as some programs write small numbers, is exactly 0.000001. A text that is no number with
// an exponent between -40 and 40 stays as it is; else the result lies in `plain`.
std::string_view without_exponent(std::string_view text, std::string& plain);

// low <= open, close <= high.
Field<void> check_prices(const Kline& kline);

// "must be …, found '…'", the text cut where it is long.
std::string found(std::string_view name, std::string_view rule, std::string_view text);

// Times of one file: of one unit, which its first time tells, and within one day of its period.
class FileClock {
 public:
  // 13 digits are milliseconds, 16 microseconds. Epochs from 2262 on leave 64-bit nanoseconds.
  static constexpr size_t kMillisecondDigits = 13;
  static constexpr size_t kMicrosecondDigits = 16;

  explicit FileClock(std::optional<TimeRange> period);

  // Epoch digits, as trades and klines have them.
  Field<Timestamp> read_epoch(std::string_view name, std::string_view text);
  // `2025-08-01 00:05:00`, as metrics have it.
  Field<Timestamp> read_text(std::string_view name, std::string_view text) const;

  // Digits of the file's times; 0 until the first one is read.
  size_t digits() const { return digits_; }
  int64_t ns_per_unit() const {
    return digits_ == kMillisecondDigits ? int64_t{1'000'000} : int64_t{1'000};
  }
  // The period with one day more on either side.
  const TimeRange& allowed() const { return allowed_; }

 private:
  Field<Timestamp> within_period(std::string_view name, std::string_view text, Timestamp t) const;

  TimeRange allowed_;
  size_t digits_ = 0;
};

}  // namespace tapedeck
