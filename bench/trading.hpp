// ./dev bench trading: one's own orders and fills, metrics, and what counting costs.
#pragma once

#include "measure.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace tapedeck::bench {

// One part (metrics, ledger, quality, observe), or all where `only` is empty; makes its stores
// below `folder`.
void bench_trading(const std::filesystem::path& folder, const std::string& only,
                   std::vector<Line>& lines);

}  // namespace tapedeck::bench
