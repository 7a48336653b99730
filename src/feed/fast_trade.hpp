// The hot path of the trade decoder: reads a line of usual layout and number lengths without a
// look at its single characters, and leaves every other line to the careful reader.
#pragma once

#include "feed/swar.hpp"
#include "feed/trade_blocks.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tapedeck::fast {

// Bytes that must be readable from the beginning of a line on; longer lines are not for here.
inline constexpr size_t kReadableBytes = 128;

// How a decimal is brought to units of 10^-digits.
struct Fraction {
  explicit Fraction(size_t count)  // at most 8
      : digits{count},
        digit_bits{static_cast<unsigned>(8 * count)},
        rest_bits{static_cast<unsigned>(64 - 8 * count) % 64},
        beyond{~swar::kFront[count]} {}

  size_t digits;
  unsigned digit_bits;
  unsigned rest_bits;  // of a word besides the digits; 0 also without digits, as nothing moves then
  uint64_t beyond;     // the bytes behind the digits, which must be 0
  uint64_t power = kPowers[digits];

  static constexpr std::array<uint64_t, 9> kPowers = {
      1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
};

// What numbers of a line must obey besides being such.
struct Rules {
  int64_t id_above = -1;
  uint64_t begin_ns = 0;
  uint64_t end_ns = 0;
  size_t time_digits = 0;  // 13 or 16
  uint64_t ns_per_unit = 0;
  Fraction price;
  Fraction quantity;
  Fraction unstored{8};
};

// Bit i is of byte i.
struct Marks {
  uint64_t commas = 0;
  uint64_t line_ends = 0;
};

#if defined(__SSE2__)
inline Marks marks_of(const char* text) {
  const __m128i comma = _mm_set1_epi8(',');
  const __m128i line_end = _mm_set1_epi8('\n');
  Marks marks;
  for (unsigned part = 0; part < 64; part += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + part));
    const auto commas = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, comma)));
    const auto ends = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, line_end)));
    marks.commas |= uint64_t{commas} << part;
    marks.line_ends |= uint64_t{ends} << part;
  }
  return marks;
}
#else
inline Marks marks_of(const char* text) {
  Marks marks;
  for (unsigned i = 0; i < 64; ++i) {
    marks.commas |= uint64_t{text[i] == ','} << i;
    marks.line_ends |= uint64_t{text[i] == '\n'} << i;
  }
  return marks;
}
#endif

// A line of kColumns columns: where each one ends, the last one before CR and LF.
template <size_t kColumns>
class Line {
 public:
  // False when the line has another number of columns, or more than kReadableBytes.
  bool find(const char* text) {
    text_ = text;
    Marks near = marks_of(text);
    Marks far;
    size_t end = static_cast<size_t>(std::countr_zero(near.line_ends));
    if (near.line_ends == 0) {
      far = marks_of(text + 64);
      if (far.line_ends == 0) return false;
      end += static_cast<size_t>(std::countr_zero(far.line_ends));
      far.commas &= far.line_ends ^ (far.line_ends - 1);
    } else {
      near.commas &= near.line_ends ^ (near.line_ends - 1);
    }
    size_t origin = 0;
    for (size_t column = 0; column + 1 < kColumns; ++column) {
      if (near.commas == 0) {
        if (far.commas == 0) return false;
        near.commas = std::exchange(far.commas, 0);
        origin = 64;
      }
      ends_[column] = origin + static_cast<size_t>(std::countr_zero(near.commas));
      near.commas &= near.commas - 1;
    }
    bytes_with_end_ = end + 1;
    ends_[kColumns - 1] = text[end - 1] == '\r' ? end - 1 : end;
    return (near.commas | far.commas) == 0;
  }

  const char* at(size_t column) const { return text_ + begin(column); }
  size_t bytes(size_t column) const { return ends_[column] - begin(column); }
  size_t bytes_with_end() const { return bytes_with_end_; }

 private:
  size_t begin(size_t column) const { return column == 0 ? 0 : ends_[column - 1] + 1; }

  const char* text_ = nullptr;
  std::array<size_t, kColumns> ends_{};
  size_t bytes_with_end_ = 0;
};

// Reads the columns of one line and remembers whether all of them were well-formed, so that one
// branch at the end decides. Loads stay within kReadableBytes: time and maker follow every number.
class Reader {
 public:
  // 1 to 16 digits.
  uint64_t digits(const char* at, size_t bytes) {
    if (bytes > 8) {
      if (bytes > 16) return unusable();
      const uint64_t high = raised(swar::load8(at), bytes - 8);
      const uint64_t low = swar::digits_of(swar::load8(at + (bytes - 8)));
      faults_ |= swar::faults_of(high) | swar::faults_of(low);
      return swar::number_of(high) * 100'000'000 + swar::number_of(low);
    }
    if (bytes == 0) return unusable();
    const uint64_t digits = raised(swar::load8(at), bytes);
    faults_ |= swar::faults_of(digits);
    return swar::number_of(digits);
  }

  // A decimal in units: 1 to 16 digits and, optionally, a point with 1 to 8 digits behind it, of
  // which those beyond the fraction are 0.
  uint64_t units(const char* at, size_t bytes, const Fraction& fraction) {
    const uint64_t head = swar::load8(at);
    const size_t whole = std::min(swar::index_of(head, '.'), bytes);
    const size_t point = whole < bytes ? 1 : 0;
    const size_t behind = bytes - whole - point;
    if (whole == 8 && point == 1 && at[8] != '.') return long_units(at, bytes, fraction);
    if (whole == 0 || !may_stand_behind(behind, point)) return unusable();
    const uint64_t high = raised(head, whole);
    const uint64_t low = fraction_digits(at + whole + point, behind, fraction);
    if (whole + fraction.digits <= 8) {
      const uint64_t digits = high >> fraction.digit_bits | low;
      faults_ |= swar::faults_of(digits);
      return swar::number_of(digits);
    }
    faults_ |= swar::faults_of(high) | swar::faults_of(low);
    return swar::number_of(high) * fraction.power + swar::number_of(low);
  }

  // 1 for true, 0 for false, as words or these digits. No predictor can guess it, so nothing
  // branches on it: the length tells the value, and the letters must be those of the value.
  uint64_t boolean(const char* at, size_t bytes) {
    if (bytes == 1) {
      const uint64_t value = static_cast<unsigned char>(*at) ^ uint64_t { '0' };
      require(value <= 1);
      return value;
    }
    if (bytes != 4 && bytes != 5) return unusable();
    const auto value = static_cast<uint32_t>(5 - bytes);
    const uint32_t expected = letters("fals") ^ ((letters("true") ^ letters("fals")) & (0 - value));
    const uint32_t word = swar::load4(at) | 0x20;  // the first letter in lower case
    const uint32_t last = static_cast<unsigned char>(at[bytes - 1]);
    require(((word ^ expected) | (last ^ uint32_t{'e'})) == 0);
    return value;
  }

  void require(bool condition) { faults_ |= condition ? 0 : kFault; }
  bool well_formed() const { return !swar::has_fault(faults_); }

 private:
  static constexpr uint64_t kFault = 0x80;

  static constexpr uint32_t letters(std::string_view word) {
    uint32_t bytes = 0;
    for (size_t i = 0; i < 4; ++i) {
      bytes |= uint32_t{static_cast<unsigned char>(word[i])} << 8 * i;
    }
    return bytes;
  }

  // The first `count` digits, 1 to 8, moved to the top of the word, zeros below them.
  static uint64_t raised(uint64_t characters, size_t count) {
    return swar::digits_of(characters) << (64 - 8 * count);
  }

  // 1 to 8 digits behind a point, or nothing without one: a wrap around refuses a point alone.
  static bool may_stand_behind(size_t behind, size_t point) { return behind - point <= 7; }

  // The digits of `fraction` as the lowest of a word, from the `behind` digits that are there.
  uint64_t fraction_digits(const char* at, size_t behind, const Fraction& fraction) {
    const uint64_t digits = swar::digits_of(swar::load8(at)) & swar::kFront[behind];
    require((digits & fraction.beyond) == 0);
    return digits << fraction.rest_bits;
  }

  // units() for 9 to 16 digits before the point, as cheap coins have them.
  uint64_t long_units(const char* at, size_t bytes, const Fraction& fraction) {
    const size_t whole = std::min(8 + swar::index_of(swar::load8(at + 8), '.'), bytes);
    const size_t point = whole < bytes ? 1 : 0;
    const size_t behind = bytes - whole - point;
    const bool fits = whole + fraction.digits <= 18;  // 10^18 is below 2^63
    const bool has_point = point == 0 || at[whole] == '.';
    if (!fits || !has_point || !may_stand_behind(behind, point)) return unusable();
    const uint64_t high = digits(at, whole);
    const uint64_t low = fraction_digits(at + whole + point, behind, fraction);
    faults_ |= swar::faults_of(low);
    return high * fraction.power + swar::number_of(low);
  }

  uint64_t unusable() {
    faults_ = kFault;
    return 0;
  }

  uint64_t faults_ = 0;
};

// Reads a line of kColumns columns, its time in column kTime, the maker behind it and perhaps the
// best match. False where another reader must decide.
template <size_t kTime, size_t kColumns>
bool read_trade(const Line<kColumns>& line, const Rules& rules, TradeUnits& trade) {
  if (line.bytes(kTime) != rules.time_digits) return false;
  Reader reader;
  const uint64_t id = reader.digits(line.at(0), line.bytes(0));
  const uint64_t price = reader.units(line.at(1), line.bytes(1), rules.price);
  const uint64_t quantity = reader.units(line.at(2), line.bytes(2), rules.quantity);
  if constexpr (kTime == 5) {  // ids of the first and the last single trade
    reader.digits(line.at(3), line.bytes(3));
    reader.digits(line.at(4), line.bytes(4));
  } else {  // quantity in the other currency
    reader.units(line.at(3), line.bytes(3), rules.unstored);
  }
  const uint64_t epoch = reader.digits(line.at(kTime), line.bytes(kTime));
  const uint64_t ns = epoch * rules.ns_per_unit;
  const uint64_t maker = reader.boolean(line.at(kTime + 1), line.bytes(kTime + 1));
  if constexpr (kColumns > kTime + 2) {
    reader.boolean(line.at(kTime + 2), line.bytes(kTime + 2));
  }
  reader.require(*line.at(kTime) != '0' && price != 0 && ns >= rules.begin_ns &&
                 ns<rules.end_ns&& static_cast<int64_t>(id)> rules.id_above);
  static_assert(static_cast<int>(AggressorSide::buy) + 1 == static_cast<int>(AggressorSide::sell));
  trade = {.ts_event = static_cast<int64_t>(ns),
           .trade_id = static_cast<int64_t>(id),
           .price = static_cast<int64_t>(price),
           .quantity = static_cast<int64_t>(quantity),
           .side = static_cast<AggressorSide>(1 + maker)};
  return reader.well_formed();
}

}  // namespace tapedeck::fast
