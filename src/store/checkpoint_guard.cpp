#include "store/checkpoint_guard.hpp"

#include "base/crc32c.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "tape/bytes.hpp"
#include "tapedeck/base/error.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <span>
#include <system_error>
#include <utility>

namespace tapedeck {
namespace {

constexpr uint64_t kMagic = 0x3144524147504154;  // "TAPGARD1"
constexpr size_t kHead = 12;                     // it, and a checksum of what follows
// DuckDB's: one of the file, and two that take turns.
constexpr size_t kOneHeader = 4096;
constexpr uint64_t kHeaderBytes = 3 * kOneHeader;

bool is_alive(duck::Connection& connection) {
  try {
    connection.run("SELECT 1");
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

class CheckpointGuard::File {
 public:
  explicit File(const std::filesystem::path& path)
      : path_{path}, file_{::open(path.c_str(), O_RDWR | O_CLOEXEC)} {
    if (file_ < 0) fail_io("open", path_, errno);
  }
  ~File() { ::close(file_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  // Shorter at the end of the file.
  std::string read(uint64_t offset, size_t bytes) const {
    std::string content(bytes, '\0');
    size_t done = 0;
    while (done < bytes) {
      const ssize_t got =
          ::pread(file_, content.data() + done, bytes - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail_io("read", path_, errno);
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    content.resize(done);
    return content;
  }
  void write(uint64_t offset, std::string_view content) const {
    while (!content.empty()) {
      const ssize_t put =
          ::pwrite(file_, content.data(), content.size(), static_cast<off_t>(offset));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) fail_io("write", path_, errno);
      offset += static_cast<uint64_t>(put);
      content.remove_prefix(static_cast<size_t>(put));
    }
  }
  void sync() const {
    if (::fdatasync(file_) != 0) fail_io("sync", path_, errno);
  }
  // As DuckDB does: nobody else has the file open.
  bool is_ours() const {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return ::fcntl(file_, F_SETLK, &lock) == 0;
  }

 private:
  std::filesystem::path path_;
  int file_;
};

CheckpointGuard::CheckpointGuard(const StoreLocation& location) : database_{location.database} {
  if (!location.in_memory()) path_ = database_.string() + ".guard";
}

CheckpointGuard::~CheckpointGuard() = default;

CheckpointGuard::File& CheckpointGuard::file() {
  if (!file_) file_ = std::make_unique<File>(database_);
  return *file_;
}

// Without a new header the checkpoint did not end; with one, all its blocks are on the disk.
void CheckpointGuard::before_opening() {
  std::error_code error;
  if (path_.empty() || !std::filesystem::exists(path_, error)) return;
  if (!std::filesystem::exists(database_, error)) return remove();
  if (!file().is_ours()) return;  // from here on nobody else ends that checkpoint
  const std::optional<Stretches> guarded = read_guard();
  if (guarded && file().read(0, kHeaderBytes) == guarded->front().bytes) put_back(*guarded);
}

bool CheckpointGuard::put_back() {
  std::error_code error;
  if (path_.empty() || !std::filesystem::exists(path_, error) || !file().is_ours()) return false;
  const std::optional<Stretches> guarded = read_guard();
  if (!guarded || headers_written(guarded->front().bytes) > 1) return false;
  put_back(*guarded);
  return true;
}

void CheckpointGuard::put_back(const Stretches& guarded) {
  log::warn("'{}': a checkpoint did not end; what it had overwritten is put back",
            database_.string());
  for (const Stretch& stretch : guarded)
    file().write(stretch.offset, stretch.bytes);
  file().sync();
}

// A checkpoint writes one; two mean that one has ended since, and its blocks must stay.
int CheckpointGuard::headers_written(const std::string& before) {
  const std::string now = file().read(0, kHeaderBytes);
  int written = 0;
  for (const size_t at : {kOneHeader, 2 * kOneHeader}) {
    if (now.size() < kHeaderBytes || now.compare(at, kOneHeader, before, at, kOneHeader) != 0)
      ++written;
  }
  return written;
}

void CheckpointGuard::copy_database(const std::filesystem::path& to) {
  constexpr size_t kPart = size_t{1} << 20;
  std::ofstream copy{to, std::ios::binary};
  for (uint64_t offset = 0;; offset += kPart) {
    const std::string part = file().read(offset, kPart);
    if (part.empty()) break;
    copy << part;
  }
  if (!copy.flush()) fail_io("copy the store to", to, errno);
}

void CheckpointGuard::after_opening() {
  std::error_code error;
  if (!path_.empty() && std::filesystem::exists(path_, error)) remove();
}

void CheckpointGuard::run(duck::Connection& connection, const std::function<void()>& work) {
  if (path_.empty()) return work();
  write_guard(overwritten_by_checkpoint(connection));
  try {
    work();
  } catch (...) {
    if (is_alive(connection)) remove();  // otherwise the next opening needs it
    throw;
  }
  remove();
}

// Those with room for more.
CheckpointGuard::Stretches CheckpointGuard::overwritten_by_checkpoint(
    duck::Connection& connection) {
  Stretches stretches{{0, file().read(0, kHeaderBytes)}};
  duck::Result size = connection.run("SELECT block_size FROM pragma_database_size()");
  size.next_row();
  const auto block_bytes = static_cast<uint64_t>(size.int64(0));
  duck::Result blocks =
      connection.run("SELECT block_id FROM pragma_metadata_info() WHERE free_blocks > 0");
  while (blocks.next_row()) {
    const uint64_t offset = kHeaderBytes + static_cast<uint64_t>(blocks.int64(0)) * block_bytes;
    std::string bytes = file().read(offset, block_bytes);
    if (bytes.size() == block_bytes) stretches.push_back({offset, std::move(bytes)});
  }
  return stretches;
}

void CheckpointGuard::write_guard(const Stretches& stretches) const {
  std::vector<std::byte> content;
  ByteWriter writer{content};
  writer.put(static_cast<uint32_t>(stretches.size()));
  for (const Stretch& stretch : stretches) {
    writer.put(stretch.offset);
    writer.put_long_text(stretch.bytes);
  }
  std::vector<std::byte> whole;
  ByteWriter head{whole};
  head.put(kMagic);
  head.put(crc32c(content));
  head.put_bytes(content);
  write_atomically(path_, {reinterpret_cast<const char*>(whole.data()), whole.size()});
}

// nullopt: there is none, or only the beginning of one, whose checkpoint had not begun.
std::optional<CheckpointGuard::Stretches> CheckpointGuard::read_guard() const {
  std::error_code error;
  if (path_.empty() || !std::filesystem::exists(path_, error)) return std::nullopt;
  const std::string content = read_text(path_);
  const std::span bytes = std::as_bytes(std::span{content});
  ByteReader reader{bytes};
  const bool is_guard = reader.take<uint64_t>() == kMagic;
  const auto checksum = reader.take<uint32_t>();
  if (!is_guard || crc32c(bytes.subspan(std::min(bytes.size(), kHead))) != checksum) {
    return std::nullopt;
  }
  Stretches stretches;
  for (auto left = reader.take<uint32_t>(); left > 0 && !reader.failed(); --left) {
    const auto offset = reader.take<uint64_t>();
    stretches.push_back({offset, reader.take_long_text()});
  }
  if (reader.failed() || stretches.empty()) return std::nullopt;
  return stretches;
}

void CheckpointGuard::remove() const {
  std::error_code error;
  std::filesystem::remove(path_, error);
  if (error) log::warn("cannot remove '{}': {}", path_.string(), error.message());
}

}  // namespace tapedeck
