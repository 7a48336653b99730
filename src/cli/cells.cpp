#include "cli/cells.hpp"

#include "base/json_text.hpp"
#include "cli/selection.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <iterator>

namespace tapedeck {
namespace {

void append_integer(std::string& out, int64_t value) {
  const fmt::format_int digits{value};
  out.append(digits.data(), digits.size());
}

int64_t floor_divide(int64_t value, int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

}  // namespace

TimeStyle parse_time_style(std::string_view epoch) {
  static constexpr std::array<std::string_view, 4> kUnits{"ns", "us", "ms", "s"};
  static constexpr std::array<int64_t, 4> kNanoseconds{1, 1000, 1'000'000, 1'000'000'000};
  if (epoch.empty()) return {};
  return {.epoch_unit_ns = kNanoseconds[index_of_word("--epoch", epoch, kUnits)]};
}

void append_time(std::string& out, Timestamp t, TimeStyle style) {
  if (style.epoch_unit_ns == 0) {
    append_iso(out, t);
  } else {
    append_integer(out, floor_divide(to_epoch_ns(t), style.epoch_unit_ns));
  }
}

void append_plain(std::string& out, const Cell& cell, TimeStyle style) {
  if (const auto* time = std::get_if<Timestamp>(&cell)) {
    append_time(out, *time, style);
  } else if (const auto* decimal = std::get_if<Decimal>(&cell)) {
    append_decimal(out, decimal->units, decimal->exponent);
  } else if (const auto* integer = std::get_if<int64_t>(&cell)) {
    append_integer(out, *integer);
  } else if (const auto* text = std::get_if<std::string_view>(&cell)) {
    out += *text;
  } else if (const auto* boolean = std::get_if<bool>(&cell)) {
    out += *boolean ? "true" : "false";
  } else if (const auto* real = std::get_if<double>(&cell)) {
    fmt::format_to(std::back_inserter(out), "{}", *real);
  }
}

void append_json(std::string& out, const Cell& cell, TimeStyle style) {
  if (std::holds_alternative<std::monostate>(cell)) {
    out += "null";
  } else if (const auto* text = std::get_if<std::string_view>(&cell)) {
    append_json_text(out, *text);
  } else if (const auto* real = std::get_if<double>(&cell)) {
    if (std::isfinite(*real)) {
      append_plain(out, cell, style);
    } else {
      out += "null";
    }
  } else if (std::holds_alternative<Decimal>(cell) ||
             (std::holds_alternative<Timestamp>(cell) && style.epoch_unit_ns == 0)) {
    out += '"';
    append_plain(out, cell, style);
    out += '"';
  } else {
    append_plain(out, cell, style);
  }
}

std::string grouped(int64_t value) {
  std::string digits = fmt::format("{}", value);
  const size_t first = value < 0 ? 1 : 0;
  for (size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string plural(int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", grouped(count), noun, count == 1 ? "" : "s");
}

}  // namespace tapedeck
