#include "tapedeck/store/query_condition.hpp"

#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace tapedeck {
namespace {

[[noreturn]] void refuse_values(const QueryCondition& condition, std::string_view rule) {
  throw Error{ErrorCode::invalid_argument,
              fmt::format("the condition on column '{}' {}", condition.column, rule)};
}

bool is_null_value(const QueryValue& value) {
  return std::holds_alternative<std::monostate>(value);
}

// 38 digits, of them 12 behind the point.
void check_decimal(const QueryValue& value) {
  const auto* decimal = std::get_if<Decimal>(&value);
  if (decimal == nullptr) return;
  constexpr size_t kWhole = 26;
  constexpr size_t kBehindPoint = 12;
  const std::string text = to_text(*decimal);
  std::string_view digits = text;
  if (digits.starts_with('-')) digits.remove_prefix(1);
  const size_t point = std::min(digits.find('.'), digits.size());
  if (point <= kWhole && digits.size() - point <= kBehindPoint + 1) return;
  throw Error{ErrorCode::out_of_range,
              fmt::format("{} does not fit DECIMAL(38,12): at most {} digits before the point and "
                          "{} behind it",
                          text, kWhole, kBehindPoint)};
}

void check_one_value(const QueryCondition& condition) {
  if (condition.values.size() != 1) refuse_values(condition, "takes one value");
  if (is_null_value(condition.values[0])) {
    refuse_values(condition, "compares with NULL, which has no order; use is_null() or filter()");
  }
}

void check_values(const QueryCondition& condition) {
  const std::vector<QueryValue>& values = condition.values;
  std::ranges::for_each(values, check_decimal);
  switch (condition.comparison) {
    case Comparison::equal:
    case Comparison::not_equal:
    case Comparison::less:
    case Comparison::at_most:
    case Comparison::greater:
    case Comparison::at_least: check_one_value(condition); return;
    case Comparison::between:
      if (values.size() != 2) refuse_values(condition, "takes two values: low and high");
      if (std::ranges::any_of(values, is_null_value)) {
        refuse_values(condition, "has NULL for a bound; leave it out and use at_least or at_most");
      }
      return;
    case Comparison::like:
      check_one_value(condition);
      if (!std::holds_alternative<std::string>(values[0])) {
        refuse_values(condition, "takes a text as its pattern, like 'BTC%'");
      }
      return;
    case Comparison::in: return;
    case Comparison::is_null:
    case Comparison::is_not_null:
      if (!values.empty()) refuse_values(condition, "takes no value");
      return;
  }
  refuse_values(condition, "has an unknown comparison");
}

// Equal to NULL is what SQL calls IS NULL.
void turn_null(QueryCondition& condition) {
  const bool equal = condition.comparison == Comparison::equal;
  if (!equal && condition.comparison != Comparison::not_equal) return;
  if (condition.values.size() != 1 || !is_null_value(condition.values[0])) return;
  condition.comparison = equal ? Comparison::is_null : Comparison::is_not_null;
  condition.values.clear();
}

std::string_view type_of(const QueryValue& value) {
  constexpr std::array<std::string_view, 7> kTypes{"NULL", "boolean", "whole number", "double",
                                                   "text", "time",    "decimal"};
  return kTypes.at(value.index());
}

bool is_number(const QueryValue& value) {
  return std::holds_alternative<int64_t>(value) || std::holds_alternative<double>(value) ||
         std::holds_alternative<Decimal>(value);
}

// As DuckDB casts a DECIMAL(38,12): whole and fraction by themselves where all the digits together
// are more than a double has.
double real_of(const Decimal& value) {
  int128 units = value.units;
  for (int exponent = value.exponent; exponent > kMinExponent; --exponent)
    units *= 10;
  for (int exponent = value.exponent; exponent < kMinExponent; ++exponent)
    units /= 10;  // zeros: it fits DECIMAL(38,12)
  constexpr double kUnits = 1e12;
  constexpr int128 kWhole = 1'000'000'000'000;
  constexpr int128 kExact = int128{1} << 53;
  if (units >= -kExact && units <= kExact) return static_cast<double>(units) / kUnits;
  const int128 whole = units / kWhole;
  return static_cast<double>(whole) + static_cast<double>(units % kWhole) / kUnits;
}

double as_real(const QueryValue& value) {
  if (const auto* const real = std::get_if<double>(&value)) return *real;
  if (const auto* const whole = std::get_if<int64_t>(&value)) return static_cast<double>(*whole);
  return real_of(std::get<Decimal>(value));
}

Decimal as_decimal(const QueryValue& value) {
  if (const auto* const whole = std::get_if<int64_t>(&value)) return {.units = *whole};
  return std::get<Decimal>(value);
}

std::weak_ordering compare_reals(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) <=> std::isnan(b);
  if (a < b) return std::weak_ordering::less;
  return a > b ? std::weak_ordering::greater : std::weak_ordering::equivalent;
}

std::weak_ordering compare_numbers(const QueryValue& a, const QueryValue& b) {
  if (std::holds_alternative<double>(a) || std::holds_alternative<double>(b)) {
    return compare_reals(as_real(a), as_real(b));
  }
  return compare(as_decimal(a), as_decimal(b));
}

bool is_one_of(const QueryValue& value, const std::vector<QueryValue>& values) {
  return std::ranges::any_of(values, [&](const QueryValue& one) {
    if (is_null_value(value) || is_null_value(one)) {
      return is_null_value(value) && is_null_value(one);
    }
    return compare_values(value, one) == 0;
  });
}

bool is_like_value(const QueryCondition& condition, const QueryValue& value) {
  const auto* const text = std::get_if<std::string>(&value);
  if (text == nullptr) refuse_values(condition, "matches a pattern, and the column has no text");
  return is_like(*text, std::get<std::string>(condition.values[0]));
}

bool continues_letter(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

}  // namespace

QueryCondition checked(QueryCondition condition) {
  turn_null(condition);
  check_values(condition);
  return condition;
}

std::weak_ordering compare_values(const QueryValue& a, const QueryValue& b) {
  if (is_null_value(a) || is_null_value(b)) return is_null_value(a) <=> is_null_value(b);
  if (is_number(a) && is_number(b)) return compare_numbers(a, b);
  if (a.index() != b.index()) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("a {} cannot be compared with a {}", type_of(a), type_of(b))};
  }
  if (const auto* const text = std::get_if<std::string>(&a)) {
    return *text <=> std::get<std::string>(b);
  }
  if (const auto* const time = std::get_if<Timestamp>(&a)) return *time <=> std::get<Timestamp>(b);
  return std::get<bool>(a) <=> std::get<bool>(b);
}

bool holds(const QueryCondition& condition, const QueryValue& value) {
  const std::vector<QueryValue>& values = condition.values;
  switch (condition.comparison) {
    case Comparison::is_null: return is_null_value(value);
    case Comparison::is_not_null: return !is_null_value(value);
    case Comparison::in: return is_one_of(value, values);
    default: break;
  }
  if (is_null_value(value)) return false;
  switch (condition.comparison) {
    case Comparison::equal: return compare_values(value, values[0]) == 0;
    case Comparison::not_equal: return compare_values(value, values[0]) != 0;
    case Comparison::less: return compare_values(value, values[0]) < 0;
    case Comparison::at_most: return compare_values(value, values[0]) <= 0;
    case Comparison::greater: return compare_values(value, values[0]) > 0;
    case Comparison::at_least: return compare_values(value, values[0]) >= 0;
    case Comparison::between:
      return compare_values(value, values[0]) >= 0 && compare_values(value, values[1]) <= 0;
    case Comparison::like: return is_like_value(condition, value);
    default: return false;
  }
}

// Goes back to the last % only: what it stands for may always be taken longer later.
bool is_like(std::string_view text, std::string_view pattern) {
  size_t in_text = 0;
  size_t in_pattern = 0;
  size_t after_any = std::string_view::npos;  // of the pattern, behind its last %
  size_t any_end = 0;                         // of the text, where that % ends
  while (in_text < text.size()) {
    const char wanted = in_pattern < pattern.size() ? pattern[in_pattern] : '\0';
    const bool has_wanted = in_pattern < pattern.size();
    if (has_wanted && wanted == '%') {
      after_any = ++in_pattern;
      any_end = in_text;
    } else if (has_wanted && wanted == '_') {
      ++in_pattern;
      ++in_text;
      while (in_text < text.size() && continues_letter(text[in_text]))
        ++in_text;
    } else if (has_wanted && wanted == text[in_text]) {
      ++in_pattern;
      ++in_text;
    } else if (after_any != std::string_view::npos) {
      in_pattern = after_any;
      in_text = ++any_end;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('%', in_pattern) == std::string_view::npos;
}

}  // namespace tapedeck
