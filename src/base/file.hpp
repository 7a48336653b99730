// Files as the rest of Tapedeck needs them: mapped for reading, replaced atomically for writing.
// Every failure throws Error{io, not_found, read_only or disk_full} naming the path and errno's
// text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace tapedeck {

// Throws Error for the errno `error`: "cannot ACTION 'PATH': REASON".
[[noreturn]] void fail_io(std::string_view action, const std::filesystem::path& path, int error);

// A file's bytes, read-only. A file cut short while mapped raises SIGBUS, as with any mapping.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  // Valid as long as the MappedFile.
  std::span<const std::byte> bytes() const { return bytes_; }
  // Gives the pages before `offset` back to the system: a large file passes through, it does not
  // settle in memory.
  void release_before(size_t offset);

 private:
  std::span<const std::byte> bytes_;
  size_t released_ = 0;
};

// The whole content of a small file.
std::string read_text(const std::filesystem::path& path);

// Writes beside `path`, syncs, renames over it, syncs the folder.
void write_atomically(const std::filesystem::path& path, std::string_view content);

// A file that somebody else writes at path(), beside `target`; gone again unless it is finished.
class UnfinishedFile {
 public:
  explicit UnfinishedFile(const std::filesystem::path& target);
  ~UnfinishedFile();
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Syncs it, renames it to `target`, syncs the folder.
  void finish();

 private:
  std::filesystem::path target_;
  std::filesystem::path path_;
};

// Makes a name just written in `folder` survive a power cut.
void sync_folder(const std::filesystem::path& folder);

uint64_t free_bytes(const std::filesystem::path& path);

// Lower-case hex.
std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace tapedeck
