// A line on standard error that says how far a long work has come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tapedeck {

struct WorkProgress {
  double share = 0;       // 0…1 of the work
  std::string done = {};  // "3/5 files"; empty: not said
  int64_t rows = 0;
  std::string at = {};  // the file or instrument at work
};

// At most `width` characters: a bar, what is done, rows, rows/s, time left, what is at work.
std::string progress_line(const WorkProgress& progress, double seconds, size_t width);

// Draws it on standard error, ten times a second at most; nothing where that is no terminal.
class ProgressBar {
 public:
  explicit ProgressBar(bool quiet);
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void draw(const WorkProgress& progress);
  void clear();

 private:
  // Constant after construction
  bool enabled_ = false;
  int64_t started_ns_ = 0;

  int64_t drawn_ns_ = 0;
  bool on_screen_ = false;
};

// "1:02:03", "0:07".
std::string duration_text(double seconds);

}  // namespace tapedeck
