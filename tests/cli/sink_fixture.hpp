// A file of its own for a sink to write to, and its text afterwards.
#pragma once

#include "base/file.hpp"
#include "cli/text_file.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace tapedeck {

class SinkFixture {
 public:
  SinkFixture() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tapedeck-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    path_ = folder_ / "out";
  }
  ~SinkFixture() { std::filesystem::remove_all(folder_); }
  SinkFixture(const SinkFixture&) = delete;
  SinkFixture& operator=(const SinkFixture&) = delete;

  const std::filesystem::path& path() const { return path_; }
  const std::filesystem::path& folder() const { return folder_; }
  std::string text() const { return read_text(path_); }

 private:
  std::filesystem::path folder_;
  std::filesystem::path path_;
};

}  // namespace tapedeck
