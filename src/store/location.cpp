#include "store/location.hpp"

#include "base/file.hpp"

#include <fmt/format.h>

#include <array>
#include <string>
#include <system_error>

namespace tapedeck {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDatabaseFile = "store.duckdb";

// A folder may be made into a store when it holds nothing but what a store may hold.
bool may_become_store(const fs::path& folder) {
  static const std::array<std::string, 6> own{"tapedeck.toml", "tape",    "archive",
                                              "backups",       "rejects", "tmp"};
  for (const fs::directory_entry& entry : fs::directory_iterator{folder}) {
    const std::string name = entry.path().filename().string();
    if (std::find(own.begin(), own.end(), name) == own.end()) return false;
  }
  return true;
}

}  // namespace

StoreLocation locate_store(const fs::path& path, OpenMode mode) {
  if (path == ":memory:") return {};
  if (path.empty()) throw Error{ErrorCode::invalid_argument, "the path of the store is empty"};
  fs::path folder = path;
  if (folder.extension() == ".duckdb") folder.replace_extension(".deck");

  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (error && status.type() == fs::file_type::none) {
    fail_io("open the store", folder, error.value());
  }
  if (!fs::exists(status)) {
    if (mode != OpenMode::create) {
      throw Error{ErrorCode::not_found,
                  fmt::format("there is no store at '{}'; make one with: tapedeck import --store "
                              "'{}' PATH...",
                              folder.string(), folder.string())};
    }
    fs::create_directories(folder, error);
    if (error) fail_io("make the store", folder, error.value());
  } else if (!fs::is_directory(status)) {
    throw Error{ErrorCode::not_a_store,
                fmt::format("'{}' is a file; a store is a folder", folder.string())};
  }
  const fs::path database = folder / kDatabaseFile;
  if (!fs::exists(database, error)) {
    if (error) fail_io("open the store", folder, error.value());
    if (mode != OpenMode::create || !may_become_store(folder)) {
      throw Error{ErrorCode::not_a_store,
                  fmt::format("'{}' is no store: it has no {}", folder.string(), kDatabaseFile)};
    }
  }
  return {.folder = folder, .database = database};
}

}  // namespace tapedeck
