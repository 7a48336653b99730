// Text on its way to standard output or a file, through one large buffer.
#pragma once

#include "tapedeck/query/rows.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace tapedeck {

class TextFile {
 public:
  // Standard output.
  TextFile();
  // Written beside `path` and renamed by finish(); devices and pipes are written as they are.
  // Error{already_exists} unless `existing` is replace.
  TextFile(const std::filesystem::path& path, Existing existing);
  // A file that was not finished is removed.
  ~TextFile();
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;

  // Append here and call spill() after each row.
  std::string& text() { return buffer_; }
  void spill() {
    if (buffer_.size() >= kBufferBytes) flush();
  }
  // Errors: disk_full, io. A reader that went away (`| head`) is none: see closed().
  void flush();
  void finish();

  // The reader went away; what is appended from now on is dropped.
  bool closed() const { return closed_; }

 private:
  static constexpr size_t kBufferBytes = size_t{1} << 20;

  // Constant after construction
  std::filesystem::path path_;
  std::filesystem::path partial_;  // empty: written in place
  int descriptor_ = -1;
  bool owned_ = false;

  std::string buffer_;
  bool closed_ = false;
};

}  // namespace tapedeck
