// Timing in turns, and what a child process needs: the same for us and for the peer.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tapedeck::bench {

double now_ms();
double median(std::vector<double> values);

struct Pair {
  double ours_ms = 0;  // median
  double peer_ms = 0;  // median; 0 without a peer
};
// Runs each once to warm up, then `rounds` times in turns: A B A B …
Pair in_turns(int rounds, const std::function<void()>& ours, const std::function<void()>& peer);

struct ChildRun {
  double seconds = 0;      // as the work itself measured
  double peak_rss_mb = 0;  // of the whole process
  double rss_mb = 0;       // when the work was done
};
// Runs `work` in a child process, so that its memory is its own. Throws when the child fails.
ChildRun in_child(const std::function<void()>& work);

// A line of the report.
struct Line {
  std::string work;
  std::string ours;
  std::string peer;
  std::string aim;
  std::string verdict;
};
void print_table(const std::vector<Line>& lines);

std::string machine();

}  // namespace tapedeck::bench
