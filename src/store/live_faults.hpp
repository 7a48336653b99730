// What can go wrong while a store is written to, and whose fault it is.
#pragma once

#include "tapedeck/base/error.hpp"

#include <filesystem>

namespace tapedeck {

// Trying again later may help; otherwise it is the rows.
bool is_of_the_machine(const Error& error);

// Error{disk_full} when DuckDB could run into the end of the disk: its handle dies when that
// happens during a checkpoint.
void check_free_space(const std::filesystem::path& folder);

}  // namespace tapedeck
