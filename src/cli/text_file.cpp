#include "cli/text_file.hpp"

#include "base/file.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace tapedeck {

namespace fs = std::filesystem;

TextFile::TextFile() : path_{"standard output"}, descriptor_{STDOUT_FILENO} {
  buffer_.reserve(kBufferBytes + kBufferBytes / 4);
}

TextFile::TextFile(const fs::path& path, Existing existing) : path_{path}, owned_{true} {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  const bool in_place = fs::exists(status) && !fs::is_regular_file(status);
  if (fs::is_regular_file(status) && existing == Existing::refuse) {
    throw Error{ErrorCode::already_exists,
                fmt::format("'{}' is there already; --force replaces it", path.string())};
  }
  if (!in_place) {
    partial_ = path;
    partial_ += fmt::format(".{}.part", getpid());
  }
  const fs::path& opened = in_place ? path_ : partial_;
  descriptor_ = open(opened.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail_io("write", path_, errno);
  buffer_.reserve(kBufferBytes + kBufferBytes / 4);
}

TextFile::~TextFile() {
  if (owned_ && descriptor_ >= 0) {
    close(descriptor_);
    if (!partial_.empty()) unlink(partial_.c_str());
  }
}

void TextFile::flush() {
  const char* at = buffer_.data();
  size_t left = closed_ ? 0 : buffer_.size();
  while (left > 0) {
    const ssize_t written = write(descriptor_, at, left);
    if (written >= 0) {
      at += written;
      left -= static_cast<size_t>(written);
    } else if (errno == EPIPE) {
      closed_ = true;
      left = 0;
    } else if (errno != EINTR) {
      const int error = errno;
      buffer_.clear();
      fail_io("write to", path_, error);
    }
  }
  buffer_.clear();
}

void TextFile::finish() {
  flush();
  if (!owned_) return;
  const int descriptor = descriptor_;
  descriptor_ = -1;
  int failure = partial_.empty() || fsync(descriptor) == 0 ? 0 : errno;
  if (close(descriptor) != 0 && failure == 0) failure = errno;
  if (failure == 0 && !partial_.empty() && rename(partial_.c_str(), path_.c_str()) != 0) {
    failure = errno;
  }
  if (failure != 0) {
    if (!partial_.empty()) unlink(partial_.c_str());
    fail_io("write", path_, failure);
  }
}

}  // namespace tapedeck
