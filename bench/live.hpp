// ./dev bench live: a recording, and those who read meanwhile.
#pragma once

#include "measure.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace tapedeck::bench {

// One part, or all where `only` is empty; `seconds` of each stretch under load; makes its stores
// below `folder`.
void bench_live(const std::filesystem::path& folder, const std::string& only, int seconds,
                std::vector<Line>& lines);

}  // namespace tapedeck::bench
