// Recorded files that are not part of the project: found by TAPEDECK_SHARED, else beside the
// project in ../shared/data. Tests that need them pass without them and say so.
#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

// Empty when the file is not there.
inline std::vector<std::byte> shared_file(std::string_view relative) {
  const char* const variable = std::getenv("TAPEDECK_SHARED");
  const auto project =
      std::filesystem::absolute(__FILE__).parent_path().parent_path().parent_path();
  const auto root = variable != nullptr ? std::filesystem::path{variable}
                                        : project.parent_path() / "shared" / "data";
  std::ifstream file{root / relative, std::ios::binary};
  if (!file) {
    MESSAGE("skipped: no " << (root / relative).string());
    return {};
  }
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const auto* const bytes = reinterpret_cast<const std::byte*>(text.data());
  return {bytes, bytes + text.size()};
}

}  // namespace tapedeck
