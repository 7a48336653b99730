// Lines refused, kept with file, line and reason in the store's rejects/ folder.
#pragma once

#include "feed/decode_error.hpp"
#include "store/trade_load.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace tapedeck {

// Writes rejects/<file name>-<first 8 of sha256>.csv with the columns file,line,reason,text.
// Conflicts have no line; their text is both rows. Returns the path; empty for a store in memory.
std::filesystem::path write_rejects(const std::filesystem::path& store_folder,
                                    const std::filesystem::path& file, const std::string& sha256,
                                    const std::vector<DecodeError>& errors,
                                    const std::vector<TradeConflict>& conflicts);

}  // namespace tapedeck
