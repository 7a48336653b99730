// A folder that removes itself, and a store in one: each test makes its own.
#pragma once

#include "tapedeck/store/store.hpp"

#include <fmt/format.h>

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tapedeck::test {

class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "tapedeck-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"cannot make " + name};
    path_ = name;
  }
  ~TempFolder() {
    std::error_code error;
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all, error);
    std::filesystem::remove_all(path_, error);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline void write_file(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file{path, std::ios::binary};
  file << content;
  if (!file.flush()) throw std::runtime_error{"cannot write " + path.string()};
}

// A store in a folder of its own; reopen() closes it and opens it again.
class TempStore {
 public:
  TempStore() : store_{folder_ / "btc.deck", {.mode = OpenMode::create}} {}

  Store& operator*() { return store_; }
  Store* operator->() { return &store_; }
  std::filesystem::path path() const { return folder_ / "btc.deck"; }
  const TempFolder& folder() const { return folder_; }

  void reopen(OpenMode mode) {
    store_ = Store{":memory:"};
    store_ = Store{path(), {.mode = mode}};
  }
  void close() { store_ = Store{":memory:"}; }

 private:
  TempFolder folder_;
  Store store_;
};

}  // namespace tapedeck::test
