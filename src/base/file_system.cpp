#include "base/file_system.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace tapedeck {
namespace {

class DiskFile final : public AppendFile {
 public:
  explicit DiskFile(const std::filesystem::path& path)
      : path_{path}, fd_{::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)} {
    if (fd_ < 0) fail_io("write", path_, errno);
    struct stat status {};
    if (::fstat(fd_, &status) != 0) {
      const int error = errno;
      ::close(fd_);
      fail_io("read", path_, error);
    }
    size_ = static_cast<uint64_t>(status.st_size);
  }
  ~DiskFile() override { ::close(fd_); }
  DiskFile(const DiskFile&) = delete;
  DiskFile& operator=(const DiskFile&) = delete;

  void append(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail_io("write", path_, errno);
      bytes = bytes.subspan(static_cast<size_t>(written));
      size_ += static_cast<uint64_t>(written);
    }
  }

  void sync() override {
    if (::fdatasync(fd_) != 0) fail_io("sync", path_, errno);
  }

  void truncate(uint64_t size) override {
    if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) fail_io("cut", path_, errno);
    size_ = size;
  }

  uint64_t size() const override { return size_; }

 private:
  std::filesystem::path path_;
  int fd_;
  uint64_t size_ = 0;
};

class Disk final : public FileSystem {
 public:
  std::unique_ptr<AppendFile> open_append(const std::filesystem::path& path) override {
    return std::make_unique<DiskFile>(path);
  }
  MappedFile map(const std::filesystem::path& path) override { return MappedFile{path}; }
  void make_folder(const std::filesystem::path& path) override {
    if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) fail_io("make", path, errno);
  }
  void sync_folder(const std::filesystem::path& path) override { tapedeck::sync_folder(path); }
  void rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) fail_io("rename", from, errno);
  }
  void remove(const std::filesystem::path& path) override {
    if (::unlink(path.c_str()) != 0) fail_io("remove", path, errno);
  }
};

std::atomic<FileSystem*> in_use{nullptr};

}  // namespace

FileSystem& disk() {
  static Disk instance;
  return instance;
}

FileSystem& file_system() {
  FileSystem* const used = in_use.load();
  return used == nullptr ? disk() : *used;
}

FileSystemInUse::FileSystemInUse(FileSystem& used) : before_{in_use.exchange(&used)} {}
FileSystemInUse::~FileSystemInUse() {
  in_use.store(before_);
}

}  // namespace tapedeck
