#include "base/file.hpp"

#include "tapedeck/base/error.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

namespace tapedeck {
namespace {

ErrorCode code_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR: return ErrorCode::not_found;
    case ENOSPC:
    case EDQUOT: return ErrorCode::disk_full;
    case EROFS: return ErrorCode::read_only;
    default: return ErrorCode::io;
  }
}

// Of files of this process that are being written.
uint64_t next_number() {
  static std::atomic<uint64_t> number{0};
  return number++;
}

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags, std::string_view action)
      : fd_{::open(path.c_str(), flags | O_CLOEXEC, 0644)} {
    if (fd_ < 0) fail_io(action, path, errno);
  }
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

void fail_io(std::string_view action, const std::filesystem::path& path, int error) {
  throw Error{code_of(error), fmt::format("cannot {} '{}': {}", action, path.string(),
                                          std::generic_category().message(error))};
}

MappedFile::MappedFile(const std::filesystem::path& path) {
  const Descriptor file{path, O_RDONLY, "read"};
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail_io("read", path, errno);
  if (S_ISDIR(status.st_mode)) fail_io("read", path, EISDIR);
  const auto size = static_cast<size_t>(status.st_size);
  if (size == 0) return;  // an empty mapping is refused by mmap; an empty span says the same
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (address == MAP_FAILED) fail_io("map", path, errno);
  ::madvise(address, size, MADV_SEQUENTIAL);
  bytes_ = {static_cast<const std::byte*>(address), size};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : bytes_{std::exchange(other.bytes_, {})}, released_{other.released_} {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(released_, other.released_);
  return *this;
}

void MappedFile::release_before(size_t offset) {
  constexpr size_t kPage = 4096;
  const size_t end = std::min(offset, bytes_.size()) / kPage * kPage;
  if (end <= released_) return;
  ::madvise(const_cast<std::byte*>(bytes_.data()) + released_, end - released_, MADV_DONTNEED);
  released_ = end;
}

std::string read_text(const std::filesystem::path& path) {
  const MappedFile file{path};
  const std::span<const std::byte> bytes = file.bytes();
  return bytes.empty() ? std::string{}
                       : std::string{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

UnfinishedFile::UnfinishedFile(const std::filesystem::path& target)
    : target_{target},
      path_{fmt::format("{}.{}.{}.new", target.string(), ::getpid(), next_number())} {
  std::error_code error;
  std::filesystem::remove(path_, error);
}

UnfinishedFile::~UnfinishedFile() {
  std::error_code error;
  std::filesystem::remove(path_, error);
}

void UnfinishedFile::finish() {
  {
    const Descriptor file{path_, O_RDONLY, "open"};
    if (::fsync(file.get()) != 0) fail_io("sync", path_, errno);
  }
  if (::rename(path_.c_str(), target_.c_str()) != 0) fail_io("write", target_, errno);
  sync_folder(target_.has_parent_path() ? target_.parent_path() : ".");
}

void write_atomically(const std::filesystem::path& path, std::string_view content) {
  const std::filesystem::path beside = path.string() + ".new";
  {
    const Descriptor file{beside, O_WRONLY | O_CREAT | O_TRUNC, "write"};
    while (!content.empty()) {
      const ssize_t written = ::write(file.get(), content.data(), content.size());
      if (written < 0 && errno != EINTR) fail_io("write", beside, errno);
      if (written > 0) content.remove_prefix(static_cast<size_t>(written));
    }
    if (::fsync(file.get()) != 0) fail_io("sync", beside, errno);
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) fail_io("rename", beside, errno);
  sync_folder(path.has_parent_path() ? path.parent_path() : ".");
}

void sync_folder(const std::filesystem::path& folder) {
  const Descriptor directory{folder, O_RDONLY | O_DIRECTORY, "sync"};
  if (::fsync(directory.get()) != 0) fail_io("sync", folder, errno);
}

uint64_t free_bytes(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(path, error);
  if (error) fail_io("ask for the free space of", path, error.value());
  return space.available;
}

std::string sha256_hex(std::span<const std::byte> bytes) {
  std::array<unsigned char, 32> digest{};
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw Error{ErrorCode::engine, "cannot compute a sha256: libcrypto refused"};
  }
  std::string hex;
  for (const unsigned char byte : digest)
    hex += fmt::format("{:02x}", byte);
  return hex;
}

}  // namespace tapedeck
