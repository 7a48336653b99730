// A file that is imported: its bytes, their hash, and the files inside of it.
#pragma once

#include "base/file.hpp"
#include "feed/zip.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tapedeck {

struct SourceFile {
  MappedFile bytes;
  std::string sha256;
  std::optional<bool> checksum_matched;  // absent: there is no .CHECKSUM beside the file
};

// Maps and hashes the file and compares it with the `.CHECKSUM` beside it. Throws
// Error{checksum_mismatch, bad_input} and what MappedFile throws.
SourceFile open_source(const std::filesystem::path& path);

bool is_parquet(const std::filesystem::path& path);

struct FileMember {
  std::string name;
  std::function<std::unique_ptr<ByteStream>()> open;
};

// The CSV files in `bytes`: of a zip each member, else the file itself, unpacked when its name ends
// in .gz. `bytes` must outlive them. Throws Error{bad_input}.
std::vector<FileMember> members_of(const std::filesystem::path& path,
                                   std::span<const std::byte> bytes);

}  // namespace tapedeck
