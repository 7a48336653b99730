// FileSystem: the calls by which the journal reaches the disk, as an interface: a test can fail
// each of them, or cut the power. Every failure throws Error as of base/file.hpp.
#pragma once

#include "base/file.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace tapedeck {

// A file that grows at its end.
class AppendFile {
 public:
  AppendFile() = default;
  virtual ~AppendFile() = default;
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  // All of it; after a failure a part may have been written.
  virtual void append(std::span<const std::byte> bytes) = 0;
  // What was appended survives a power cut.
  virtual void sync() = 0;
  virtual void truncate(uint64_t size) = 0;
  virtual uint64_t size() const = 0;
};

class FileSystem {
 public:
  FileSystem() = default;
  virtual ~FileSystem() = default;
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;

  // Made when it is not there.
  virtual std::unique_ptr<AppendFile> open_append(const std::filesystem::path& path) = 0;
  virtual MappedFile map(const std::filesystem::path& path) = 0;
  // One level; no error when it is there.
  virtual void make_folder(const std::filesystem::path& path) = 0;
  // Names made or removed in it survive a power cut.
  virtual void sync_folder(const std::filesystem::path& path) = 0;
  virtual void rename(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  virtual void remove(const std::filesystem::path& path) = 0;
};

// The machine's own.
FileSystem& disk();

// What the process uses: disk(), unless something stands in for it.
FileSystem& file_system();

// Stands in for disk() as long as it lives; stores that are open keep what they have.
class FileSystemInUse {
 public:
  explicit FileSystemInUse(FileSystem& used);
  ~FileSystemInUse();
  FileSystemInUse(const FileSystemInUse&) = delete;
  FileSystemInUse& operator=(const FileSystemInUse&) = delete;

 private:
  FileSystem* before_;
};

}  // namespace tapedeck
