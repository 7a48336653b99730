// Preloaded into a program: makes calls of its C library fail, so that a test sees what becomes of
// DuckDB's own writes. It counts the calls that change files whose path has FAIL_PATH in it. The
// FAIL_AT-th of them and FAIL_TIMES - 1 more fail with FAIL_ERRNO (28 ENOSPC, 5 EIO); without
// FAIL_AT none does. At the program's end the number of calls goes into the file FAIL_COUNT.
#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<long> calls{0};

long number(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::atol(text) : otherwise;
}

bool fails_path(const char* path) {
  const char* part = std::getenv("FAIL_PATH");
  if (part == nullptr || std::strstr(path, part) == nullptr) return false;
  const long at = number("FAIL_AT", 0);
  const long call = ++calls;
  if (at == 0 || call < at || call >= at + number("FAIL_TIMES", 1)) return false;
  errno = static_cast<int>(number("FAIL_ERRNO", ENOSPC));
  return true;
}

bool fails(int file) {
  char link[64];
  char path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = ::readlink(link, path, sizeof path - 1);
  if (length < 0) return false;
  path[length] = '\0';
  return fails_path(path);
}

template <typename Function>
Function* real(Function*, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

struct AtEnd {
  ~AtEnd() {
    const char* path = std::getenv("FAIL_COUNT");
    std::FILE* const file = path != nullptr ? std::fopen(path, "w") : nullptr;
    if (file == nullptr) return;
    std::fprintf(file, "%ld\n", calls.load());
    std::fclose(file);
  }
} at_end;

}  // namespace

#define REAL(name) real(&::name, #name)

extern "C" {
ssize_t pwrite(int file, const void* bytes, size_t count, off_t offset) {
  return fails(file) ? -1 : REAL(pwrite)(file, bytes, count, offset);
}
ssize_t write(int file, const void* bytes, size_t count) {
  return fails(file) ? -1 : REAL(write)(file, bytes, count);
}
int fsync(int file) {
  return fails(file) ? -1 : REAL(fsync)(file);
}
int ftruncate(int file, off_t length) noexcept {
  return fails(file) ? -1 : REAL(ftruncate)(file, length);
}
int rename(const char* from, const char* to) noexcept {
  return fails_path(from) ? -1 : REAL(rename)(from, to);
}
int unlink(const char* path) noexcept {
  return fails_path(path) ? -1 : REAL(unlink)(path);
}
}
