// Rows that were refused, as they stand in the files of the store's rejects/ folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tapedeck {

struct RejectRow {
  std::string file = {};
  std::optional<int64_t> line = {};
  std::string reason = {};
  std::string text = {};  // the row
};

constexpr std::string_view kRejectsHeader = "file,line,reason,text\n";
// Without the header.
std::string to_csv(std::span<const RejectRow> rows);

// The file of rows that came live.
constexpr std::string_view kLiveRejects = "live.csv";
// Adds to rejects/NAME; nothing for a store in memory. Errors: io, disk_full.
void append_rejects(const std::filesystem::path& store_folder, std::string_view name,
                    std::span<const RejectRow> rows);

}  // namespace tapedeck
