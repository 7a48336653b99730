#include "cli/interrupt.hpp"

#include <signal.h>
#include <unistd.h>

#include <atomic>

namespace tapedeck {
namespace {

std::atomic<bool> was_interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set inside a signal handler");

void note(int /*signal*/) {
  was_interrupted.store(true, std::memory_order_relaxed);
}

void note_and_set_alarm(int /*signal*/) {
  was_interrupted.store(true, std::memory_order_relaxed);
  alarm(1);
}

void give_up(int /*signal*/) {
  _exit(kExitInterrupted);
}

void install(int signal, void (*action)(int), int flags) {
  struct sigaction wanted = {};
  wanted.sa_handler = action;
  wanted.sa_flags = flags;
  sigemptyset(&wanted.sa_mask);
  sigaction(signal, &wanted, nullptr);
}

}  // namespace

void watch_interrupts(OnInterrupt policy) {
  // The handler goes after its first use, so that the second Ctrl-C meets the system's own.
  const int flags = static_cast<int>(static_cast<unsigned>(SA_RESETHAND) | unsigned{SA_RESTART});
  if (policy == OnInterrupt::end_soon) {
    install(SIGALRM, give_up, 0);
    install(SIGINT, note_and_set_alarm, flags);
  } else {
    install(SIGINT, note, flags);
  }
}

void watch_termination() {
  install(SIGTERM, note, static_cast<int>(unsigned{SA_RESTART}));
}

bool interrupted() {
  return was_interrupted.load(std::memory_order_relaxed);
}

}  // namespace tapedeck
