// Two ways to do the same, with the time that each takes here: batches, time filters, aggregation
// where the rows are, one store for all.
//   example_good_and_bad [FOLDER]        for its files; else a temporary one. What it makes it removes
#include "tapedeck/tapedeck.hpp"

#include <unistd.h>

#include <chrono>
#include <functional>
#include <iostream>

using namespace tapedeck;
namespace fs = std::filesystem;

namespace {

const Timestamp kTen = *parse_timestamp("2026-11-20T10:00:00Z");
constexpr int kSingle = 200;
constexpr int kRows = 20'000;  // one a second

// Twice the same question; the answers must be equal.
void compare(const std::string& what, const std::function<double()>& bad,
             const std::function<double()>& good) {
  const auto timed = [](const std::function<double()>& run) {
    const auto begin = std::chrono::steady_clock::now();
    const double answer = run();
    const std::chrono::duration<double, std::milli> ms = std::chrono::steady_clock::now() - begin;
    return std::pair{answer, ms.count()};
  };
  const auto [first, bad_ms] = timed(bad);
  const auto [second, good_ms] = timed(good);
  std::cout << what << ": " << (first == second ? "same answer" : "DIFFERENT ANSWERS") << ", "
            << bad_ms << " ms and " << good_ms << " ms\n";
}

std::vector<MetricRecord> values(const std::string& name, int count) {
  std::vector<MetricRecord> records;
  for (int second = 0; second < count; ++second) {
    records.push_back(
        MetricRecord(name, second % 100).with_timestamp(kTen + std::chrono::seconds{second}));
  }
  return records;
}

void compare_on(const fs::path& path) {
  StoreOptions options;
  options.mode = OpenMode::create;
  {
    Store store{path, options};
    Telemetry telemetry{store};
    compare(
        "single inserts, a batch",
        [&] {  // each waits for the disk
          int64_t stored = 0;
          for (MetricRecord& one : values("single", kSingle))
            stored += telemetry.insert_metric(std::move(one)).get().rows;
          return static_cast<double>(stored);
        },
        [&] {  // one wait for all
          return static_cast<double>(telemetry.insert_metrics(values("batch", kSingle)).get().rows);
        });
    telemetry.insert_metrics(values("latency", kRows)).get();
    telemetry.flush();

    const TimeRange minute{.begin = kTen, .end = kTen + std::chrono::minutes{1}};
    compare(
        "every row, a time filter",
        [&] {
          double sum = 0;
          for (const MetricRecord& one : metrics(store, {.name = "latency"}, kRows))
            sum += minute.contains(one.timestamp) ? one.value : 0;
          return sum;
        },
        [&] {
          double sum = 0;
          for (const MetricRecord& one : metrics(store, {.name = "latency", .range = minute}))
            sum += one.value;
          return sum;
        });
    compare(
        "sum here, sum there",
        [&] {
          double sum = 0;
          for (const MetricRecord& one : metrics(store, {.name = "latency"}, kRows))
            sum += one.value;
          return sum;
        },
        [&] {
          double sum = 0;
          for (const AggregatedMetric& day : aggregated_metrics(
                   store, {.name = "latency"}, *BarInterval::parse("1d"), Aggregation::sum))
            sum += *day.value;
          return sum;
        });
  }
  const auto count = [](const Store& store) {
    return static_cast<double>(metrics(store, {.name = "single"}).size());
  };
  compare(
      "ten openings, one",
      [&] {
        double rows = 0;
        for (int time = 0; time < 10; ++time)
          rows += count(Store{path});
        return rows;
      },
      [&] {
        const Store store{path};
        double rows = 0;
        for (int time = 0; time < 10; ++time)
          rows += count(store);
        return rows;
      });
}

}  // namespace

int main(int argc, char** argv) {
  const fs::path folder = argc > 1 ? fs::path{argv[1]} : fs::temp_directory_path();
  const fs::path path = folder / ("good-and-bad-" + std::to_string(::getpid()) + ".deck");
  compare_on(path);
  fs::remove_all(path);
}
