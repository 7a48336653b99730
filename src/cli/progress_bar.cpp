#include "cli/progress_bar.hpp"

#include "base/clock.hpp"
#include "cli/cells.hpp"
#include "cli/say.hpp"

#include <fmt/format.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace tapedeck {
namespace {

constexpr size_t kBarCharacters = 24;
constexpr int64_t kRedrawNs = 100'000'000;

size_t stderr_width() {
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace

std::string duration_text(double seconds) {
  const auto whole = static_cast<int64_t>(std::llround(std::max(seconds, 0.0)));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string progress_line(const WorkProgress& progress, double seconds, size_t width) {
  const double share = std::clamp(progress.share, 0.0, 1.0);
  const auto filled = static_cast<size_t>(share * kBarCharacters);
  const int64_t rate =
      seconds > 0 ? static_cast<int64_t>(static_cast<double>(progress.rows) / seconds) : 0;
  const std::string left = share > 0 ? duration_text(seconds / share - seconds) : "?";
  std::string line = fmt::format(
      "[{}{}] {}{}{} rows  {} rows/s  ETA {}  {}", std::string(filled, '#'),
      std::string(kBarCharacters - filled, '.'), progress.done, progress.done.empty() ? "" : "  ",
      grouped(progress.rows), grouped(rate), left, progress.at);
  if (line.size() > width) line.resize(width);
  return line;
}

ProgressBar::ProgressBar(bool quiet)
    : enabled_{!quiet && isatty(STDERR_FILENO) == 1}, started_ns_{steady_ns()} {}

void ProgressBar::draw(const WorkProgress& progress) {
  const int64_t now = steady_ns();
  if (!enabled_ || (on_screen_ && now - drawn_ns_ < kRedrawNs)) return;
  drawn_ns_ = now;
  on_screen_ = true;
  const double seconds = static_cast<double>(now - started_ns_) / 1e9;
  // A terminal wraps a line that fills its last column.
  say("\r\x1b[K{}", progress_line(progress, seconds, stderr_width() - 1));
}

void ProgressBar::clear() {
  if (!on_screen_) return;
  on_screen_ = false;
  say("\r\x1b[K");
}

}  // namespace tapedeck
