#include "feed/fill_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

namespace tapedeck {
namespace {

constexpr std::string_view kNumberLetters = "0123456789.,-+";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// True when it was there.
bool take_front(std::string_view& text, std::string_view front) {
  if (!text.starts_with(front)) return false;
  text.remove_prefix(front.size());
  return true;
}

// False when a comma stands elsewhere than between thousands.
bool take_commas(std::string& digits) {
  const size_t point = std::min(digits.find('.'), digits.size());
  if (digits.find(',', point) != std::string::npos) return false;
  const size_t first = digits.find(',');
  if (first == std::string::npos) return true;
  if (first == 0 || first > 3) return false;
  for (size_t at = first; at < point; at += 4) {
    if (digits[at] != ',' || point - at < 4) return false;
    if (!all_digits(std::string_view{digits}.substr(at + 1, 3))) return false;
  }
  std::erase(digits, ',');
  return true;
}

// Takes `+01:00`, `-0530`, `Z` or `UTC` off the end; what is to be taken off the time, in minutes.
std::optional<int> take_offset(std::string_view& text) {
  if (text.ends_with("UTC")) text.remove_suffix(3);
  text = trimmed(text);
  if (text.ends_with('Z')) text.remove_suffix(1);
  constexpr size_t kDay = 10;
  const size_t at = text.find_first_of("+-", std::min(kDay, text.size()));
  if (at == std::string_view::npos) return 0;
  std::string digits{text.substr(at + 1)};
  if (digits.size() == 5 && digits[2] == ':') digits.erase(2, 1);
  if (digits.size() != 4 || !all_digits(digits)) return std::nullopt;
  const int hours = (digits[0] - '0') * 10 + (digits[1] - '0');
  const int minutes = (digits[2] - '0') * 10 + (digits[3] - '0');
  if (hours > 23 || minutes > 59) return std::nullopt;
  const int offset = hours * 60 + minutes;
  const bool east = text[at] == '+';
  text = text.substr(0, at);
  return east ? offset : -offset;
}

// 3/6/2021 9:30 → 2021-03-06 9:30; empty where the text is no such day.
std::string year_first(std::string_view text, DateOrder order) {
  const size_t end = std::min(text.find_first_of(" T"), text.size());
  const std::string_view day = text.substr(0, end);
  const size_t first = day.find_first_of("/.-");
  const size_t second = day.find_first_of("/.-", first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return {};
  std::array<std::string_view, 2> parts{day.substr(0, first),
                                        day.substr(first + 1, second - first - 1)};
  const std::string_view year = day.substr(second + 1);
  if (order == DateOrder::day_first) std::swap(parts[0], parts[1]);
  const bool fits = all_digits(parts[0]) && all_digits(parts[1]) && all_digits(year) &&
                    parts[0].size() <= 2 && parts[1].size() <= 2 && year.size() == 4;
  if (!fits) return {};
  return fmt::format("{}-{:0>2}-{:0>2}{}", year, parts[0], parts[1], text.substr(end));
}

}  // namespace

Field<Amount> read_plain_amount(std::string_view name, std::string_view text) {
  std::string_view rest = trimmed(text);
  bool minus = take_front(rest, "-");
  const bool sign = minus || take_front(rest, "+");
  for (const std::string_view currency : {"$", "€", "£"}) {
    if (!take_front(rest, currency)) continue;
    if (!sign) minus = take_front(rest, "-");
    break;
  }
  std::string digits{rest};
  if (digits.starts_with('.')) digits.insert(0, 1, '0');
  const bool starts = !rest.empty() && (is_digit(rest.front()) || rest.front() == '.');
  if (!starts || !take_commas(digits)) {
    return tl::make_unexpected(found(name, "must be a decimal number", text));
  }
  std::string plain;
  auto value = read_decimal(name, without_exponent(digits, plain));
  if (!value) return tl::make_unexpected(std::move(value.error()));
  const Amount amount = Amount::of(*value);
  return minus ? -amount : amount;
}

Field<Timestamp> read_day_time(std::string_view name, std::string_view text, DateOrder order) {
  std::string_view rest = trimmed(text);
  const auto offset = take_offset(rest);
  const std::string plain =
      order == DateOrder::year_first ? std::string{rest} : year_first(rest, order);
  const auto time = offset ? parse_timestamp(plain) : std::nullopt;
  if (!time) {
    static constexpr std::array<std::string_view, 3> kExamples{"2024-01-31 16:10:05.175",
                                                               "01/31/2024", "31/01/2024"};
    return tl::make_unexpected(found(
        name, fmt::format("must be a time like {}", kExamples[static_cast<size_t>(order)]), text));
  }
  // So that taking the offset off cannot leave 64 bits.
  constexpr std::chrono::hours kDay{24};
  if (*time > Timestamp::max() - kDay || *time < Timestamp::min() + kDay) {
    return tl::make_unexpected(found(name, "is out of range", text));
  }
  return *time - std::chrono::minutes{*offset};
}

NumberWithUnit split_unit(std::string_view text, std::string_view pair) {
  text = trimmed(text);
  // The longest that leaves a number counts.
  const auto number_before = [&](std::string_view unit) {
    return text.size() > unit.size() && text.ends_with(unit) &&
           text.substr(0, text.size() - unit.size()).find_first_not_of(kNumberLetters) ==
               std::string_view::npos;
  };
  std::string_view best;
  for (size_t length = 1; length < pair.size(); ++length) {
    for (const std::string_view unit :
         {pair.substr(0, length), pair.substr(pair.size() - length)}) {
      const bool has_letter = unit.find_first_not_of(kNumberLetters) != std::string_view::npos;
      if (has_letter && unit.size() > best.size() && number_before(unit)) best = unit;
    }
  }
  const size_t end = best.empty() ? std::min(text.find_first_not_of(kNumberLetters), text.size())
                                  : text.size() - best.size();
  return {.number = text.substr(0, end), .unit = text.substr(end)};
}

}  // namespace tapedeck
