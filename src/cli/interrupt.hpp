// Ctrl-C: asked for politely first. The second one ends the process.
#pragma once

namespace tapedeck {

enum class OnInterrupt {
  end_soon,   // queries: rows stop coming; what hangs for a second more is ended with exit code 130
  only_note,  // imports: interrupted() turns true and the command decides
};
void watch_interrupts(OnInterrupt policy);
// SIGTERM counts as an interrupt as well: recordings end in order.
void watch_termination();
bool interrupted();

constexpr int kExitInterrupted = 130;  // 128 + SIGINT, as shells report it

}  // namespace tapedeck
