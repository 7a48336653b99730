// ./dev bench live: a recording, and those who read meanwhile.
#pragma once

#include "measure.hpp"

#include <filesystem>
#include <vector>

namespace tapedeck::bench {

// `seconds` of each stretch under load; makes its stores below `folder`.
void bench_live(const std::filesystem::path& folder, int seconds, std::vector<Line>& lines);

}  // namespace tapedeck::bench
