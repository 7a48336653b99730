// FailingFileSystem: the disk, with calls that fail on demand and a power that can be cut. Files
// lie on the real disk, so that whoever reads them afterwards needs to know nothing of it.
#pragma once

#include "base/file_system.hpp"
#include "base/mutex.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <vector>

namespace tapedeck {

class FailingFileSystem final : public FileSystem {
 public:
  explicit FailingFileSystem(uint64_t seed);
  ~FailingFileSystem() override;

  // Counts every call, also those of its files; `index` is of the next one on, from 0. A write that
  // fails has written a part.
  void fail_call(int64_t index, int error);
  int64_t calls() const;

  // False: syncs are counted and do nothing, as a build without them would.
  void set_syncs(bool wanted);

  // Every byte, name and removal that was not synced is gone, or a part of it, as the seed has it;
  // every call from now on fails.
  void cut_power();
  // At the call with this index; `then` runs when it is done.
  void cut_power_at(int64_t index, std::function<void()> then = {});
  bool power_is_cut() const;

  std::unique_ptr<AppendFile> open_append(const std::filesystem::path& path) override;
  MappedFile map(const std::filesystem::path& path) override;
  void make_folder(const std::filesystem::path& path) override;
  void sync_folder(const std::filesystem::path& path) override;
  void rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  void remove(const std::filesystem::path& path) override;

 private:
  class File;
  struct Written {
    uint64_t size = 0;
    uint64_t synced = 0;
  };
  // A name that a power cut takes back.
  struct Unsynced {
    enum class What { made, renamed, removed } what = What::made;
    std::filesystem::path path;    // as it is now
    std::filesystem::path before;  // of renamed and removed: where it is to go back to
  };

  // The errno with which this call fails; 0 when it goes on.
  int begin_call() REQUIRES(mutex_);
  void check_call(std::string_view action, const std::filesystem::path& path) REQUIRES(mutex_);
  void take_back() REQUIRES(mutex_);
  void take_back_bytes(const std::filesystem::path& path, const Written& written) REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::mt19937_64 random_ GUARDED_BY(mutex_);
  int64_t calls_ GUARDED_BY(mutex_) = 0;
  std::map<int64_t, int> failures_ GUARDED_BY(mutex_);
  std::optional<int64_t> cut_at_ GUARDED_BY(mutex_);
  std::function<void()> then_ GUARDED_BY(mutex_);
  bool cut_ GUARDED_BY(mutex_) = false;
  bool syncs_ GUARDED_BY(mutex_) = true;
  std::map<std::filesystem::path, Written> written_ GUARDED_BY(mutex_);
  std::vector<Unsynced> names_ GUARDED_BY(mutex_);
};

}  // namespace tapedeck
