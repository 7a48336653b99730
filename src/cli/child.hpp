// Child: this program once more, as a process that can be killed.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

class Child {
 public:
  // Its standard output is read here; its standard input ends when this object does.
  explicit Child(const std::vector<std::string>& arguments);
  // Kills it when it still runs.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Until its output has this text, or ends.
  void read_until(std::string_view text);
  void read_for(std::chrono::milliseconds time);
  void kill();
  // All that it wrote; it has ended then.
  std::string read_to_end();

 private:
  // False when nothing came in time, or nothing more will come.
  bool read_some(int milliseconds);

  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  bool ended_ = false;  // its output
  std::string text_;
};

}  // namespace tapedeck
