// Where a store lies: which paths are one, and what is made for a new one.
#pragma once

#include "tapedeck/store/store.hpp"

#include <filesystem>

namespace tapedeck {

struct StoreLocation {
  std::filesystem::path folder;    // empty: in memory
  std::filesystem::path database;  // folder/store.duckdb; empty: in memory
  bool in_memory() const { return folder.empty(); }
};

// Applies the rules of Store's constructor; makes the folder for OpenMode::create. Throws
// Error{not_found, not_a_store, io, read_only}.
StoreLocation locate_store(const std::filesystem::path& path, OpenMode mode);

}  // namespace tapedeck
