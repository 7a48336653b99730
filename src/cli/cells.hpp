// Cells as text: what CSV, JSON and tables share.
#pragma once

#include "tapedeck/query/rows.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tapedeck {

// How times are written: ISO 8601, or a count of units since the epoch.
struct TimeStyle {
  int64_t epoch_unit_ns = 0;  // 0: ISO 8601
};

// "ns", "us", "ms", "s"; empty for ISO. Error{invalid_argument} for another word.
TimeStyle parse_time_style(std::string_view epoch);

// Epoch counts are rounded down.
void append_time(std::string& out, Timestamp t, TimeStyle style);

// Plain text without quotes; nothing for an absent value.
void append_plain(std::string& out, const Cell& cell, TimeStyle style);

// Decimals are strings, so that no reader rounds them; absent is null.
void append_json(std::string& out, const Cell& cell, TimeStyle style);

// 1234567 → "1,234,567".
std::string grouped(int64_t value);

// "1 row", "1,234 rows".
std::string plural(int64_t count, std::string_view noun);

}  // namespace tapedeck
