// What the options that all queries share mean: which range of time, which grain, which interval.
#pragma once

#include "tapedeck/market/bar.hpp"
#include "tapedeck/market/side.hpp"
#include "tapedeck/market/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tapedeck {

// Every Error in this file is invalid_argument and names the option.

// Position of `word` in `known`; throws with "did you mean" when it is not there.
size_t index_of_word(std::string_view option, std::string_view word,
                     std::span<const std::string_view> known);

BarInterval interval_from(std::string_view option, std::string_view word);

// A whole number above 0.
int64_t count_from(std::string_view option, std::string_view text);

// "500ms", "45s", "2h", "1w"; above 0. nullopt for anything else.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);
std::chrono::nanoseconds duration_from(std::string_view option, std::string_view text);

// As typed; empty where not given.
struct SelectionOptions {
  std::string from = {};
  std::string to = {};
  std::string day = {};
  std::string last = {};
  std::string grain = {};
};

// `--last 1000` counts rows, `--last 2h` goes back in time; both from the newest stored row.
struct Last {
  std::optional<int64_t> rows;
  std::optional<std::chrono::nanoseconds> span;
};
Last parse_last(std::string_view text);

struct Selection {
  TimeRange range;
  std::optional<Last> last;  // then the range is open
  std::optional<Grain> grain;
};
Selection parse_selection(const SelectionOptions& options);

}  // namespace tapedeck
