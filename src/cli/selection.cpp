#include "cli/selection.hpp"

#include "base/suggest.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace tapedeck {
namespace {

using std::chrono::nanoseconds;

Timestamp time_from(std::string_view option, std::string_view text) {
  if (const std::optional<Timestamp> t = parse_timestamp(text)) return *t;
  throw Error{ErrorCode::invalid_argument,
              fmt::format("{} '{}' is no time; write 2024-08-08, 2024-08-08T23:54:15.342Z or an "
                          "epoch in s, ms, us or ns",
                          option, text)};
}

void refuse_together(std::string_view a, std::string_view a_text, std::string_view b,
                     std::string_view b_text) {
  if (a_text.empty() || b_text.empty()) return;
  throw Error{ErrorCode::invalid_argument, fmt::format("{} and {} do not go together", a, b)};
}

TimeRange range_from(const SelectionOptions& options) {
  if (!options.day.empty()) {
    const std::optional<Date> day = parse_date(options.day);
    if (!day) {
      throw Error{ErrorCode::invalid_argument,
                  fmt::format("--day '{}' is no date; write 2024-08-08", options.day)};
    }
    return day_range(*day);
  }
  TimeRange range;
  if (!options.from.empty()) range.begin = time_from("--from", options.from);
  if (!options.to.empty()) range.end = time_from("--to", options.to);
  if (range.empty()) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("--from {} is not before --to {}, which the range ends before",
                            options.from, options.to)};
  }
  return range;
}

}  // namespace

size_t index_of_word(std::string_view option, std::string_view word,
                     std::span<const std::string_view> known) {
  const auto found = std::find(known.begin(), known.end(), word);
  if (found != known.end()) return static_cast<size_t>(found - known.begin());
  const std::vector<std::string> words(known.begin(), known.end());
  const std::optional<std::string> meant = nearest(word, words);
  throw Error{
      ErrorCode::invalid_argument,
      fmt::format("{} knows no '{}'; {}one of: {}", option, word,
                  meant ? fmt::format("did you mean '{}'? ", *meant) : "", fmt::join(words, ", "))};
}

BarInterval interval_from(std::string_view option, std::string_view word) {
  if (const std::optional<BarInterval> interval = BarInterval::parse(word)) return *interval;
  std::vector<std::string_view> known;
  for (const BarInterval interval : BarInterval::all())
    known.push_back(interval.text());
  return BarInterval::all()[index_of_word(option, word, known)];
}

int64_t count_from(std::string_view option, std::string_view text) {
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc{} && end == text.data() + text.size() && count > 0) return count;
  throw Error{ErrorCode::invalid_argument,
              fmt::format("{} '{}' is no whole number above 0", option, text)};
}

std::optional<nanoseconds> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    nanoseconds width;
  };
  static constexpr std::array<Unit, 8> kUnits{{{"ns", std::chrono::nanoseconds{1}},
                                               {"us", std::chrono::microseconds{1}},
                                               {"ms", std::chrono::milliseconds{1}},
                                               {"s", std::chrono::seconds{1}},
                                               {"m", std::chrono::minutes{1}},
                                               {"h", std::chrono::hours{1}},
                                               {"d", std::chrono::hours{24}},
                                               {"w", std::chrono::hours{24 * 7}}}};
  int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [unit_begin, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc{} || count <= 0) return std::nullopt;
  const std::string_view name{unit_begin, static_cast<size_t>(end - unit_begin)};
  const auto* const unit =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& one) { return one.name == name; });
  int64_t ns = 0;
  if (unit == kUnits.end() || __builtin_mul_overflow(count, unit->width.count(), &ns)) {
    return std::nullopt;
  }
  return nanoseconds{ns};
}

nanoseconds duration_from(std::string_view option, std::string_view text) {
  if (const auto duration = parse_duration(text)) return *duration;
  throw Error{ErrorCode::invalid_argument,
              fmt::format("{} '{}' is no length of time; e.g. 500ms, 2s, 1m", option, text)};
}

Last parse_last(std::string_view text) {
  if (const auto span = parse_duration(text)) return {.rows = {}, .span = span};
  int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [behind, error] = std::from_chars(text.data(), end, count);
  if (error == std::errc{} && count > 0 && behind == end) return {.rows = count, .span = {}};
  throw Error{
      ErrorCode::invalid_argument,
      fmt::format("--last '{}' is neither a count of rows (1000) nor a length of time (45s, "
                  "30m, 2h, 3d, 1w)",
                  text)};
}

Selection parse_selection(const SelectionOptions& options) {
  refuse_together("--day", options.day, "--from", options.from);
  refuse_together("--day", options.day, "--to", options.to);
  refuse_together("--last", options.last, "--day", options.day);
  refuse_together("--last", options.last, "--from", options.from);
  refuse_together("--last", options.last, "--to", options.to);
  Selection selection;
  selection.range = range_from(options);
  if (!options.last.empty()) selection.last = parse_last(options.last);
  if (!options.grain.empty()) {
    static constexpr std::array<std::string_view, 2> kGrains{"trade", "aggregate"};
    selection.grain = static_cast<Grain>(index_of_word("--grain", options.grain, kGrains));
  }
  return selection;
}

}  // namespace tapedeck
