#include "cli/child.hpp"

#include "base/file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace tapedeck {
namespace {

constexpr const char* kThisProgram = "/proc/self/exe";

void make_pipe(std::array<int, 2>& ends) {
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail_io("make a pipe to", kThisProgram, errno);
}

}  // namespace

Child::Child(const std::vector<std::string>& arguments) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  make_pipe(in);
  make_pipe(out);
  input_ = in[1];
  output_ = out[0];
  std::string name = "tapedeck";
  std::vector<std::string> words = arguments;
  std::vector<char*> argv{name.data()};
  for (std::string& word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  const int error = ::posix_spawn(&pid_, kThisProgram, &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  if (error != 0) fail_io("run", kThisProgram, error);
}

Child::~Child() {
  kill();
  ::close(input_);
  ::close(output_);
}

bool Child::read_some(int milliseconds) {
  if (ended_) return false;
  pollfd wanted{.fd = output_, .events = POLLIN, .revents = 0};
  if (::poll(&wanted, 1, milliseconds) <= 0) return false;
  std::array<char, 65'536> piece{};
  const ssize_t got = ::read(output_, piece.data(), piece.size());
  if (got < 0 && errno == EINTR) return true;
  ended_ = got <= 0;
  if (got > 0) text_.append(piece.data(), static_cast<size_t>(got));
  return !ended_;
}

void Child::read_until(std::string_view text) {
  while (text_.find(text) == std::string::npos && read_some(-1)) {
  }
}

void Child::read_for(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (!ended_) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    read_some(static_cast<int>(left.count()));
  }
}

void Child::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

std::string Child::read_to_end() {
  while (read_some(-1)) {
  }
  if (pid_ > 0) {
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
  }
  return text_;
}

}  // namespace tapedeck
