#include "feed/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace tapedeck {
namespace {

constexpr size_t kMaxFoundBytes = 64;
constexpr std::string_view kTooLarge =
    "is out of range: it has more than 26 digits before the point";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

tl::unexpected<std::string> refused(std::string_view name, std::string_view rule,
                                    std::string_view text) {
  return tl::make_unexpected(found(name, rule, text));
}

std::string_view rule_of(DecimalError error) {
  switch (error) {
    case DecimalError::not_a_number: return "must be a decimal number";
    case DecimalError::too_precise: return "has more than 12 digits behind the point: too precise";
    case DecimalError::out_of_range: return kTooLarge;
  }
  return "must be a decimal number";
}

// Saturating: a range that ends with time itself has no day more.
TimeRange one_day_wider(const TimeRange& period) {
  constexpr std::chrono::hours kDay{24};
  return {.begin = std::max(period.begin, Timestamp::min() + kDay) - kDay,
          .end = std::min(period.end, Timestamp::max() - kDay) + kDay};
}

}  // namespace

std::string found(std::string_view name, std::string_view rule, std::string_view text) {
  const bool cut = text.size() > kMaxFoundBytes;
  return fmt::format("{} {}, found '{}{}'", name, rule, text.substr(0, kMaxFoundBytes),
                     cut ? "…" : "");
}

Field<int64_t> read_whole(std::string_view name, std::string_view text) {
  if (!all_digits(text)) return refused(name, "must be a whole number", text);
  int64_t value = 0;
  for (const char c : text) {
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, c - '0', &value)) {
      return refused(name, "is out of range: it does not fit 64 bits", text);
    }
  }
  return value;
}

Field<Decimal> read_decimal(std::string_view name, std::string_view text) {
  const auto value = parse_decimal(text);
  if (!value) return refused(name, rule_of(value.error()), text);
  int128 whole = value->units < 0 ? -value->units : value->units;
  if (value->exponent < 0) whole /= power_of_ten(-value->exponent);
  if (whole / power_of_ten(18) >= power_of_ten(8)) return refused(name, kTooLarge, text);
  return *value;
}

Field<Decimal> in_64_bits(std::string_view name, std::string_view text, Field<Decimal> value) {
  if (value && !rescale(value->units, 0, 0)) {
    return refused(name, "is out of range: its digits do not fit 64 bits", text);
  }
  return value;
}

Field<Decimal> read_price(std::string_view name, std::string_view text) {
  auto value = read_decimal(name, text);
  if (value && value->units <= 0) return refused(name, "must be above 0", text);
  return value;
}

Field<Decimal> read_quantity(std::string_view name, std::string_view text) {
  auto value = read_decimal(name, text);
  if (value && value->units < 0) return refused(name, "must not be negative", text);
  return value;
}

Field<bool> read_boolean(std::string_view name, std::string_view text) {
  if (text == "true" || text == "True" || text == "1") return true;
  if (text == "false" || text == "False" || text == "0") return false;
  return refused(name, "must be true or false", text);
}

Field<void> check_number(std::string_view name, std::string_view text) {
  const auto value = parse_decimal(text);
  if (!value && value.error() == DecimalError::not_a_number) {
    return refused(name, rule_of(DecimalError::not_a_number), text);
  }
  return {};
}

Field<void> check_prices(const Kline& kline) {
  const auto above = [](const Decimal& a, const Decimal& b) { return compare(a, b) > 0; };
  if (above(kline.low, kline.open)) return tl::make_unexpected("low is above open");
  if (above(kline.low, kline.close)) return tl::make_unexpected("low is above close");
  if (above(kline.open, kline.high)) return tl::make_unexpected("high is below open");
  if (above(kline.close, kline.high)) return tl::make_unexpected("high is below close");
  return {};
}

std::string_view without_exponent(std::string_view text, std::string& plain) {
  constexpr int kMost = 40;
  const size_t mark = text.find_first_of("eE");
  if (mark == std::string_view::npos || mark == 0) return text;
  std::string_view power = text.substr(mark + 1);
  const bool plus = power.starts_with('+');
  if (plus) power.remove_prefix(1);
  if (power.empty() || (plus && power.front() == '-')) return text;
  int exponent = 0;
  const auto [end, error] = std::from_chars(power.data(), power.data() + power.size(), exponent);
  if (error != std::errc{} || end != power.data() + power.size()) return text;
  if (exponent > kMost || exponent < -kMost) return text;
  std::string_view mantissa = text.substr(0, mark);
  const auto number = parse_decimal(mantissa);
  if (!number && number.error() == DecimalError::not_a_number) return text;
  const bool minus = mantissa.starts_with('-');
  if (minus || mantissa.starts_with('+')) mantissa.remove_prefix(1);
  const size_t point = std::min(mantissa.find('.'), mantissa.size());
  std::string digits{mantissa.substr(0, point)};
  if (point < mantissa.size()) digits += mantissa.substr(point + 1);
  int before = static_cast<int>(point) + exponent;  // digits before the point
  if (before <= 0) {
    digits.insert(0, static_cast<size_t>(1 - before), '0');
    before = 1;
  }
  if (digits.size() < static_cast<size_t>(before)) digits.resize(static_cast<size_t>(before), '0');
  plain.assign(minus ? 1 : 0, '-');
  plain += digits.substr(0, static_cast<size_t>(before));
  if (digits.size() > static_cast<size_t>(before)) {
    plain += '.' + digits.substr(static_cast<size_t>(before));
  }
  return plain;
}

FileClock::FileClock(std::optional<TimeRange> period)
    : allowed_{one_day_wider(period.value_or(TimeRange{}))} {}

Field<Timestamp> FileClock::read_epoch(std::string_view name, std::string_view text) {
  const bool known_unit = text.size() == kMillisecondDigits || text.size() == kMicrosecondDigits;
  if (!known_unit || !all_digits(text) || text.front() == '0') {
    return refused(name, "must have 13 digits (ms) or 16 (µs)", text);
  }
  if (digits_ != 0 && text.size() != digits_) {
    return refused(name, fmt::format("must have {} digits as the first row's", digits_), text);
  }
  const auto t = parse_timestamp(text);
  if (!t) return refused(name, "is out of range: beyond the year 2262", text);
  auto allowed = within_period(name, text, *t);
  if (allowed) digits_ = text.size();
  return allowed;
}

Field<Timestamp> FileClock::read_text(std::string_view name, std::string_view text) const {
  // parse_timestamp() takes epochs too; a text has a day and a time.
  const bool day_and_time = text.size() >= 19 && text[4] == '-';
  const auto t = day_and_time ? parse_timestamp(text) : std::nullopt;
  if (!t) return refused(name, "must be like '2025-08-01 00:05:00'", text);
  return within_period(name, text, *t);
}

Field<Timestamp> FileClock::within_period(std::string_view name, std::string_view text,
                                          Timestamp t) const {
  if (!allowed_.contains(t)) {
    return refused(name,
                   fmt::format("lies outside of the file's period, {} to {} with a day more",
                               to_iso(allowed_.begin), to_iso(allowed_.end)),
                   text);
  }
  return t;
}

}  // namespace tapedeck
