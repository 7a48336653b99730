// Preloaded into a program: makes calls of its C library fail, so that a test sees what becomes of
// DuckDB's own writes. It counts the calls that change files whose path has FAIL_PATH in it. The
// FAIL_AT-th of them and FAIL_TIMES - 1 more fail with FAIL_ERRNO (28 ENOSPC, 5 EIO); without
// FAIL_AT none does. A full disk still cuts files shorter and removes them. With FAIL_TORN=1 the
// FAIL_AT-th is carried out by half instead, if it writes, and the program is killed. At the
// program's end the number of calls goes into the file FAIL_COUNT.
#include <dlfcn.h>
#include <signal.h>
#include <sys/stat.h>
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

bool is_full_disk() {
  return number("FAIL_ERRNO", ENOSPC) == ENOSPC;
}

bool is_torn() {
  return number("FAIL_TORN", 0) != 0;
}

int fail() {
  return is_torn() ? ::kill(::getpid(), SIGKILL) : -1;
}

bool cuts(int file, off_t length) {
  struct stat now {};
  return is_full_disk() && !is_torn() && ::fstat(file, &now) == 0 && length <= now.st_size;
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
  if (!fails(file)) return REAL(pwrite)(file, bytes, count, offset);
  if (!is_torn()) return -1;
  REAL(pwrite)(file, bytes, count / 2, offset);
  return ::kill(::getpid(), SIGKILL);
}
ssize_t write(int file, const void* bytes, size_t count) {
  if (!fails(file)) return REAL(write)(file, bytes, count);
  if (!is_torn()) return -1;
  REAL(write)(file, bytes, count / 2);
  return ::kill(::getpid(), SIGKILL);
}
int fsync(int file) {
  return fails(file) ? fail() : REAL(fsync)(file);
}
int ftruncate(int file, off_t length) noexcept {
  return fails(file) && !cuts(file, length) ? fail() : REAL(ftruncate)(file, length);
}
int rename(const char* from, const char* to) noexcept {
  return fails_path(from) ? fail() : REAL(rename)(from, to);
}
int unlink(const char* path) noexcept {
  return fails_path(path) && (is_torn() || !is_full_disk()) ? fail() : REAL(unlink)(path);
}
}
