// A process beside the test's own: for locks between processes, and for what a kill leaves behind.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <stdexcept>

namespace tapedeck::test {

class ChildProcess {
 public:
  using Tell = std::function<void()>;

  // Runs `work` in a fork of this process, which then ends without running anything else. `tell`
  // wakes the parent.
  explicit ChildProcess(const std::function<void(const Tell& tell)>& work) {
    if (::pipe(pipe_.data()) != 0) throw std::runtime_error{"no pipe"};
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error{"no fork"};
    if (pid_ == 0) {
      int code = 0;
      try {
        work([this] {
          const char word = '!';
          if (::write(pipe_[1], &word, 1) != 1) ::_exit(3);
        });
      } catch (...) {  // the process's root
        code = 2;
      }
      ::_exit(code);
    }
    ::close(pipe_[1]);
  }
  ~ChildProcess() {
    kill();
    ::close(pipe_[0]);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }

  // True when the child told; false when it ended without.
  bool wait_for_word() {
    char word = 0;
    return ::read(pipe_[0], &word, 1) == 1;
  }

  // Kill -9, and wait until it is gone.
  void kill() {
    if (reaped_) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    reaped_ = true;
  }

  // Waits for its end; the exit code, or minus the signal that ended it.
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    reaped_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  std::array<int, 2> pipe_{};
  pid_t pid_ = 0;
  bool reaped_ = false;
};

}  // namespace tapedeck::test
