// Instants and ranges: UTC nanoseconds, ranges half-open. No local time, no time zones.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tapedeck {

using Timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;  // 1677-09-21 … 2262-04-11
using Date = std::chrono::sys_days;

constexpr Timestamp from_epoch_ns(int64_t ns) {
  return Timestamp{std::chrono::nanoseconds{ns}};
}
constexpr int64_t to_epoch_ns(Timestamp t) {
  return t.time_since_epoch().count();
}

// [begin, end): begin belongs to the range, end does not. Empty when begin >= end.
struct TimeRange {
  Timestamp begin = Timestamp::min();
  Timestamp end = Timestamp::max();

  constexpr bool empty() const { return begin >= end; }
  constexpr bool contains(Timestamp t) const { return begin <= t && t < end; }
  constexpr bool operator==(const TimeRange&) const = default;
};

// The common part of two ranges; empty when they do not meet.
TimeRange intersect(const TimeRange& a, const TimeRange& b);

// Midnight UTC that begins the day of `t`.
Date day_of(Timestamp t);
// The whole UTC day [00:00, 24:00).
TimeRange day_range(Date day);

// Accepts `2024-08-08`, `2024-08-08T23:54`, `…:15`, `…:15.342` (up to 9 digits, `T` or a space,
// optional `Z`), and integers since the epoch whose unit is told by their digits: up to 11 are
// seconds, 12–14 milliseconds, 15–17 microseconds, 18–19 nanoseconds. nullopt for anything else,
// for an impossible date, and for an instant that 64-bit nanoseconds cannot hold.
std::optional<Timestamp> parse_timestamp(std::string_view text);
// `2024-08-08` only.
std::optional<Date> parse_date(std::string_view text);

// `2024-08-08T23:54:15.342Z` with 0, 3, 6 or 9 fractional digits: the fewest that lose nothing.
std::string to_iso(Timestamp t);
// Appends the same text to `out`; for writers of many rows.
void append_iso(std::string& out, Timestamp t);
// `2024-08-08`.
std::string to_iso_date(Date day);

}  // namespace tapedeck
