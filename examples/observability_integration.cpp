// A program that watches itself: ten samples a second of CPU and memory, figures of its feed and of
// its orders, events; then what came of it, and the store's own counters for Prometheus.
//   example_observability_integration [SAMPLES [STORE]]      else 20 samples, in memory
#include "tapedeck/tapedeck.hpp"

#include <chrono>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

using namespace tapedeck;

namespace {

struct CpuTimes {
  double busy = 0;
  double all = 0;
};

// The first line of /proc/stat (proc(5)): user, nice, system, idle, iowait, … in ticks.
CpuTimes cpu_times() {
  std::ifstream file{"/proc/stat"};
  std::string name;
  file >> name;
  CpuTimes times;
  double ticks = 0;
  for (int field = 0; field < 8 && file >> ticks; ++field) {
    times.all += ticks;
    if (field != 3 && field != 4) times.busy += ticks;
  }
  return times;
}

// Resident memory of this process (proc(5)): a line `VmRSS:  1234 kB`.
double resident_mb() {
  std::ifstream file{"/proc/self/status"};
  std::string word;
  double kb = 0;
  while (file >> word) {
    if (word == "VmRSS:") file >> kb;
  }
  return kb / 1024;
}

// One sample: the machine's figures measured, those of feed and orders made up by a rule, so that
// this program prints the same each time.
std::vector<MetricRecord> sample(int number, const CpuTimes& before, const CpuTimes& after) {
  const double spent = after.all - before.all;
  std::vector<MetricRecord> all{
      MetricRecord("cpu_percent", spent > 0 ? 100 * (after.busy - before.busy) / spent : 0),
      MetricRecord("memory_mb", resident_mb()),
      MetricRecord("feed_messages", 100 + number % 5).with_type(MetricType::counter),
      MetricRecord("websocket_lag_ms", 2.0 + number % 4).with_symbol("BTC/USD"),
      MetricRecord("order_latency_us", 400.0 + 10 * (number % 10)).with_symbol("BTC/USD")};
  for (MetricRecord& one : all)
    one.add_label("service", one.series.symbol ? "execution_engine" : "market_data");
  return all;
}

void watch(Store& store, int samples) {
  Telemetry telemetry{store};
  telemetry.log_event(SystemEvent::info("watching began")).get();
  CpuTimes before = cpu_times();
  auto next = std::chrono::steady_clock::now();
  for (int number = 0; number < samples; ++number) {
    next += std::chrono::milliseconds{100};
    std::this_thread::sleep_until(next);
    const CpuTimes after = cpu_times();
    // Nobody waits for the acknowledgement: the next sample comes before it matters.
    telemetry.insert_metrics(sample(number, before, after));
    before = after;
    if (number % 10 == 9) {
      SystemEvent event = SystemEvent::warning("order latency above 480 us");
      event.component = "execution_engine";
      telemetry.log_event(event);
    }
  }
  telemetry.log_event(SystemEvent::info("watching ended")).get();
  telemetry.flush();
}

// Of all that was sampled, whatever minutes it fell into.
void show_aggregates(const Store& store) {
  for (const char* name : {"feed_messages", "websocket_lag_ms", "order_latency_us"}) {
    double highest = 0;
    int64_t count = 0;
    for (const AggregatedMetric& day :
         aggregated_metrics(store, {.name = name}, *BarInterval::parse("1d"), Aggregation::max)) {
      highest = std::max(highest, day.value.value_or(0));
      count += day.count;
    }
    std::cout << name << ": " << count << " samples, at most " << highest << "\n";
  }
  for (const MetricRecord& newest : current_metrics(store, "memory_mb"))
    std::cout << "memory now: " << newest.value << " MB\n";
  std::cout << "warnings: " << events(store, {.at_least = LogLevel::warning}).size() << " of "
            << events(store).size() << " events\n";
}

// What took long in the store itself.
void analyse(const Store& store) {
  for (const CounterReading& reading : readings(store)) {
    if (reading.name != "database.query.duration_ms") continue;
    const auto& durations = std::get<HistogramReading>(reading.value);
    std::cout << reading.name;
    for (const auto& [label, word] : reading.labels)
      std::cout << " " << label << "=" << word;
    std::cout << ": " << durations.count << " queries, p95 " << durations.quantile(0.95).value_or(0)
              << " ms\n";
  }
  std::cout << "slow queries: " << slow_queries(store).size() << "\n";
  std::istringstream text{prometheus_text(store)};
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("database_metrics_inserted_total ")) std::cout << line << "\n";
  }
}

}  // namespace

int main(int argc, char** argv) {
  StoreOptions options;
  options.mode = OpenMode::create;
  Store store{argc > 2 ? argv[2] : ":memory:", options};
  watch(store, argc > 1 ? std::stoi(argv[1]) : 20);
  show_aggregates(store);
  analyse(store);
}
