#include "tapedeck/market/time.hpp"

#include "tapedeck/market/decimal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace tapedeck {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kDay = 86'400 * kSecond;

// The nearest instant that 64-bit nanoseconds hold.
Timestamp clamped(int128 ns) {
  constexpr int128 kMin = std::numeric_limits<int64_t>::min();
  constexpr int128 kMax = std::numeric_limits<int64_t>::max();
  return from_epoch_ns(static_cast<int64_t>(std::clamp(ns, kMin, kMax)));
}

// Takes exactly `count` digits off `text`; −1 when there are fewer.
int take_number(std::string_view& text, size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Date> take_date(std::string_view& text) {
  const int year = take_number(text, 4);
  if (year < 0 || !take(text, '-')) return std::nullopt;
  const int month = take_number(text, 2);
  if (month < 0 || !take(text, '-')) return std::nullopt;
  const int day = take_number(text, 2);
  if (day < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  return Date{date};
}

// `.342` and the like, in nanoseconds; 0 where there is no point.
std::optional<int64_t> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  int64_t ns = 0;
  int digits = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; ++digits) {
    if (digits == 9) return std::nullopt;
    ns = ns * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  return ns * power_of_ten(9 - digits);
}

// Nanoseconds since midnight of `23:54[:15[.342]][Z]`, which must be all of `text`.
std::optional<int64_t> parse_clock(std::string_view text) {
  const int hour = take_number(text, 2);
  if (hour < 0 || hour > 23 || !take(text, ':')) return std::nullopt;
  const int minute = take_number(text, 2);
  if (minute < 0 || minute > 59) return std::nullopt;
  int64_t ns = (hour * 60 + minute) * 60 * kSecond;
  if (take(text, ':')) {
    const int second = take_number(text, 2);
    if (second < 0 || second > 59) return std::nullopt;
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    ns += second * kSecond + *fraction;
  }
  take(text, 'Z');
  if (!text.empty()) return std::nullopt;
  return ns;
}

std::optional<Timestamp> parse_epoch(std::string_view text) {
  const size_t digits = text.size();
  if (digits == 0 || digits > 19) return std::nullopt;
  uint64_t value = 0;  // 19 digits fit
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  const int exponent = digits <= 11 ? 9 : digits <= 14 ? 6 : digits <= 17 ? 3 : 0;
  int64_t ns = 0;
  if (__builtin_mul_overflow(value, power_of_ten(exponent), &ns)) return std::nullopt;
  return from_epoch_ns(ns);
}

constexpr auto kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (size_t n = 0; n < 100; ++n) {
    pairs[2 * n] = static_cast<char>('0' + n / 10);
    pairs[2 * n + 1] = static_cast<char>('0' + n % 10);
  }
  return pairs;
}();

// Writes two digits and what follows them.
char* write_pair(char* at, uint64_t n, char mark) {
  at[0] = kDigitPairs[2 * n];
  at[1] = kDigitPairs[2 * n + 1];
  at[2] = mark;
  return at + 3;
}

char* write_thousandth(char* at, uint64_t n) {
  *at = static_cast<char>('0' + n / 100);
  write_pair(at + 1, n % 100, 'Z');
  return at + 3;
}

}  // namespace

TimeRange intersect(const TimeRange& a, const TimeRange& b) {
  return {.begin = std::max(a.begin, b.begin), .end = std::min(a.end, b.end)};
}

Date day_of(Timestamp t) {
  return std::chrono::floor<std::chrono::days>(t);
}

TimeRange day_range(Date day) {
  const int128 begin = int128{day.time_since_epoch().count()} * kDay;
  return {.begin = clamped(begin), .end = clamped(begin + kDay)};
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  if (text.size() < 10 || text[4] != '-') return parse_epoch(text);
  const auto date = take_date(text);
  if (!date) return std::nullopt;
  int64_t ns_of_day = 0;
  if (!text.empty()) {
    if (!take(text, 'T') && !take(text, ' ')) return std::nullopt;
    const auto clock = parse_clock(text);
    if (!clock) return std::nullopt;
    ns_of_day = *clock;
  }
  const int128 ns = int128{date->time_since_epoch().count()} * kDay + ns_of_day;
  const Timestamp t = clamped(ns);
  if (to_epoch_ns(t) != ns) return std::nullopt;
  return t;
}

std::optional<Date> parse_date(std::string_view text) {
  const auto date = take_date(text);
  if (!text.empty()) return std::nullopt;
  return date;
}

std::string to_iso(Timestamp t) {
  std::string out;
  append_iso(out, t);
  return out;
}

void append_iso(std::string& out, Timestamp t) {
  const Date day = day_of(t);
  const std::chrono::year_month_day date{day};
  int64_t of_day = to_epoch_ns(t) % kDay;
  if (of_day < 0) of_day += kDay;
  const auto seconds = static_cast<uint64_t>(of_day) / kSecond;
  const auto ns = static_cast<uint64_t>(of_day) % kSecond;
  const auto year = static_cast<uint64_t>(int{date.year()});  // 1677…2262: always four digits

  std::array<char, 32> buffer{};
  char* at = buffer.data();
  write_pair(at, year / 100, '0');
  at = write_pair(at + 2, year % 100, '-');
  at = write_pair(at, unsigned{date.month()}, '-');
  at = write_pair(at, unsigned{date.day()}, 'T');
  at = write_pair(at, seconds / 3600, ':');
  at = write_pair(at, seconds / 60 % 60, ':');
  at = write_pair(at, seconds % 60, 'Z');
  if (ns != 0) {
    at[-1] = '.';
    at = write_thousandth(at, ns / 1'000'000);
    if (ns % 1'000'000 != 0) at = write_thousandth(at, ns / 1000 % 1000);
    if (ns % 1000 != 0) at = write_thousandth(at, ns % 1000);
    *at++ = 'Z';
  }
  out.append(buffer.data(), static_cast<size_t>(at - buffer.data()));
}

std::string to_iso_date(Date day) {
  const std::chrono::year_month_day date{day};
  return fmt::format("{:04}-{:02}-{:02}", int{date.year()}, unsigned{date.month()},
                     unsigned{date.day()});
}

}  // namespace tapedeck
