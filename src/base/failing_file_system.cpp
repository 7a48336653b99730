#include "base/failing_file_system.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <utility>

namespace tapedeck {
namespace {

// A file that was removed but not yet for good.
std::filesystem::path beside(const std::filesystem::path& path) {
  std::filesystem::path name{"."};
  name += path.filename();
  name += ".removed";
  return path.parent_path() / name;
}

}  // namespace

class FailingFileSystem::File final : public AppendFile {
 public:
  File(FailingFileSystem& owner, std::filesystem::path path, std::unique_ptr<AppendFile> real)
      : owner_{owner}, path_{std::move(path)}, real_{std::move(real)} {}

  void append(std::span<const std::byte> bytes) override {
    const MutexLock lock{owner_.mutex_};
    const int error = owner_.begin_call();
    if (error != 0) bytes = bytes.first(owner_.cut_ ? 0 : bytes.size() / 2);
    real_->append(bytes);
    if (!owner_.cut_) owner_.written_[path_].size = real_->size();
    if (error != 0) fail_io("write", path_, error);
  }

  void sync() override {
    const MutexLock lock{owner_.mutex_};
    owner_.check_call("sync", path_);
    if (!owner_.syncs_) return;
    owner_.written_[path_].synced = real_->size();
  }

  void truncate(uint64_t size) override {
    const MutexLock lock{owner_.mutex_};
    owner_.check_call("cut", path_);
    real_->truncate(size);
    Written& written = owner_.written_[path_];
    written.size = size;
    written.synced = std::min(written.synced, size);
  }

  uint64_t size() const override { return real_->size(); }

 private:
  FailingFileSystem& owner_;
  std::filesystem::path path_;
  std::unique_ptr<AppendFile> real_;
};

FailingFileSystem::FailingFileSystem(uint64_t seed) : random_{seed} {}

FailingFileSystem::~FailingFileSystem() {
  const MutexLock lock{mutex_};
  if (cut_) return;
  for (const Unsynced& name : names_) {
    if (name.what == Unsynced::What::removed) ::unlink(name.path.c_str());
  }
}

void FailingFileSystem::fail_call(int64_t index, int error) {
  const MutexLock lock{mutex_};
  failures_[calls_ + index] = error;
}

int64_t FailingFileSystem::calls() const {
  const MutexLock lock{mutex_};
  return calls_;
}

void FailingFileSystem::set_syncs(bool wanted) {
  const MutexLock lock{mutex_};
  syncs_ = wanted;
}

void FailingFileSystem::cut_power() {
  const MutexLock lock{mutex_};
  if (!std::exchange(cut_, true)) take_back();
}

void FailingFileSystem::cut_power_at(int64_t index, std::function<void()> then) {
  const MutexLock lock{mutex_};
  then_ = std::move(then);
  cut_at_ = calls_ + index;
}

bool FailingFileSystem::power_is_cut() const {
  const MutexLock lock{mutex_};
  return cut_;
}

int FailingFileSystem::begin_call() {
  const int64_t index = calls_++;
  if (cut_) return EIO;
  if (cut_at_ && index >= *cut_at_) {
    cut_ = true;
    take_back();
    if (then_) then_();
    return EIO;
  }
  const auto found = failures_.find(index);
  return found == failures_.end() ? 0 : found->second;
}

void FailingFileSystem::check_call(std::string_view action, const std::filesystem::path& path) {
  if (const int error = begin_call(); error != 0) fail_io(action, path, error);
}

void FailingFileSystem::take_back() {
  for (const auto& [path, written] : written_)
    take_back_bytes(path, written);
  for (auto at = names_.rbegin(); at != names_.rend(); ++at) {
    const Unsynced& name = *at;
    if (random_() % 4 == 0) continue;  // the disk may have been quicker than it had to
    std::error_code ignored;           // of a file in a folder that is gone by now
    switch (name.what) {
      case Unsynced::What::made: std::filesystem::remove_all(name.path, ignored); break;
      case Unsynced::What::renamed:
      case Unsynced::What::removed: std::filesystem::rename(name.path, name.before, ignored); break;
    }
  }
}

// Of the bytes that were not synced some may be there, and blocks of them in any order.
void FailingFileSystem::take_back_bytes(const std::filesystem::path& path, const Written& written) {
  if (written.synced >= written.size) return;
  constexpr uint64_t kBlock = 512;
  uint64_t kept = written.synced;
  if (random_() % 2 == 0) kept += random_() % (written.size - written.synced + 1);
  std::error_code ignored;  // a file that is gone has no bytes
  std::filesystem::resize_file(path, kept, ignored);
  if (kept - written.synced < 2 * kBlock || random_() % 2 == 0) return;
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(
      static_cast<std::streamoff>(written.synced + random_() % (kept - written.synced - kBlock)));
  const std::vector<char> zeros(kBlock, '\0');
  file.write(zeros.data(), static_cast<std::streamsize>(zeros.size()));
}

std::unique_ptr<AppendFile> FailingFileSystem::open_append(const std::filesystem::path& path) {
  const MutexLock lock{mutex_};
  check_call("write", path);
  const bool is_new = !std::filesystem::exists(path);
  std::unique_ptr<AppendFile> real = disk().open_append(path);
  if (is_new) names_.push_back({.what = Unsynced::What::made, .path = path, .before = {}});
  if (!written_.contains(path)) {
    written_[path] = {.size = real->size(), .synced = real->size()};
  }
  return std::make_unique<File>(*this, path, std::move(real));
}

MappedFile FailingFileSystem::map(const std::filesystem::path& path) {
  const MutexLock lock{mutex_};
  check_call("read", path);
  return MappedFile{path};
}

void FailingFileSystem::make_folder(const std::filesystem::path& path) {
  const MutexLock lock{mutex_};
  check_call("make", path);
  if (std::filesystem::exists(path)) return;
  disk().make_folder(path);
  names_.push_back({.what = Unsynced::What::made, .path = path, .before = {}});
}

void FailingFileSystem::sync_folder(const std::filesystem::path& path) {
  const MutexLock lock{mutex_};
  check_call("sync", path);
  if (!syncs_) return;
  std::erase_if(names_, [&](const Unsynced& name) {
    if (name.path.parent_path() != path) return false;
    if (name.what == Unsynced::What::removed) ::unlink(name.path.c_str());
    return true;
  });
}

void FailingFileSystem::rename(const std::filesystem::path& from, const std::filesystem::path& to) {
  const MutexLock lock{mutex_};
  check_call("rename", from);
  disk().rename(from, to);
  names_.push_back({.what = Unsynced::What::renamed, .path = to, .before = from});
  if (auto node = written_.extract(from)) {
    node.key() = to;
    written_.insert(std::move(node));
  }
}

void FailingFileSystem::remove(const std::filesystem::path& path) {
  const MutexLock lock{mutex_};
  check_call("remove", path);
  disk().rename(path, beside(path));
  names_.push_back({.what = Unsynced::What::removed, .path = beside(path), .before = path});
  written_.erase(path);
}

}  // namespace tapedeck
