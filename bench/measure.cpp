#include "measure.hpp"

#include <fmt/format.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace tapedeck::bench {
namespace {

double rss_now_mb() {
  std::ifstream file{"/proc/self/statm"};
  double size = 0;
  double resident = 0;
  file >> size >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

}  // namespace

double now_ms() {
  using std::chrono::steady_clock;
  return std::chrono::duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

Pair in_turns(int rounds, const std::function<void()>& ours, const std::function<void()>& peer) {
  std::vector<double> a;
  std::vector<double> b;
  for (int round = -1; round < rounds; ++round) {
    double began = now_ms();
    ours();
    if (round >= 0) a.push_back(now_ms() - began);
    if (!peer) continue;
    began = now_ms();
    peer();
    if (round >= 0) b.push_back(now_ms() - began);
  }
  return {.ours_ms = median(a), .peer_ms = median(b)};
}

ChildRun in_child(const std::function<void()>& work) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::runtime_error{"cannot make a pipe"};
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error{"cannot fork"};
  if (child == 0) {
    int code = 0;
    try {
      const double began = now_ms();
      work();
      const std::array<double, 2> result{(now_ms() - began) / 1000, rss_now_mb()};
      if (::write(ends[1], result.data(), sizeof result) < 0) code = 1;
    } catch (const std::exception& error) {
      fmt::print(stderr, "{}\n", error.what());
      code = 1;
    }
    ::_exit(code);
  }
  ::close(ends[1]);
  std::array<double, 2> result{};
  const ssize_t got = ::read(ends[0], result.data(), sizeof result);
  ::close(ends[0]);
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  if (got != static_cast<ssize_t>(sizeof result) || status != 0) {
    throw std::runtime_error{"a measured process failed"};
  }
  return {.seconds = result[0],
          .peak_rss_mb = static_cast<double>(usage.ru_maxrss) * 1024 / 1e6,
          .rss_mb = result[1]};
}

void print_table(const std::vector<Line>& lines) {
  fmt::print("| {:<46} | {:>16} | {:>16} | {:>14} | {:<7} |\n", "work", "tapedeck", "plain DuckDB",
             "aim", "aim met");
  fmt::print("|{:-<48}|{:->17}:|{:->17}:|{:->15}:|{:-<9}|\n", "", "", "", "", "");
  for (const Line& line : lines) {
    fmt::print("| {:<46} | {:>16} | {:>16} | {:>14} | {:<7} |\n", line.work, line.ours, line.peer,
               line.aim, line.verdict);
  }
}

std::string machine() {
  std::ifstream file{"/proc/cpuinfo"};
  std::string line;
  std::string model = "unknown CPU";
  while (std::getline(file, line)) {
    if (line.starts_with("model name")) model = line.substr(line.find(':') + 2);
  }
  const double ram_gib = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) *
                         static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1024.0 * 1024 * 1024);
  return fmt::format("{}, {} cores, {:.0f} GiB", model, std::thread::hardware_concurrency(),
                     ram_gib);
}

}  // namespace tapedeck::bench
