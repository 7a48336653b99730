// Recorded files that are not part of the project. Tests that need them pass without them and say
// so.
#pragma once

#include "project_folder.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

// Empty when the file is not there.
inline std::vector<std::byte> shared_file(std::string_view relative) {
  const std::filesystem::path path = test::shared_folder() / relative;
  std::ifstream file{path, std::ios::binary};
  if (!file) {
    MESSAGE("skipped: no " << path.string());
    return {};
  }
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const auto* const bytes = reinterpret_cast<const std::byte*>(text.data());
  return {bytes, bytes + text.size()};
}

}  // namespace tapedeck
