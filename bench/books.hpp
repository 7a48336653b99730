// ./dev bench books: decoding, books in memory, and a day of one book in a store.
#pragma once

#include "measure.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace tapedeck::bench {

// One part (memory, decode, day), or all where `only` is empty; makes its files below `folder`.
void bench_books(const std::filesystem::path& folder, const std::string& only,
                 std::vector<Line>& lines);

}  // namespace tapedeck::bench
