#include "tapedeck/base/counters.hpp"

#include "thrown.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <latch>
#include <thread>

namespace tapedeck {
namespace {

TEST_CASE("a counter adds up, a gauge is set and added to") {
  Counter counter;
  counter.add();
  counter.add(41);
  CHECK(counter.value() == 42);
  Gauge gauge;
  gauge.set(2.5);
  gauge.add(-4);
  CHECK(gauge.value() == -1.5);
}

TEST_CASE("the same name and labels are one series, in whatever order the labels come") {
  CounterRegistry registry;
  Counter& counter = registry.counter("database.queries.errors",
                                      {{"operation", "insert"}, {"error_type", "conflict"}});
  CHECK(&counter == &registry.counter("database.queries.errors",
                                      {{"error_type", "conflict"}, {"operation", "insert"}}));
  CHECK(&counter != &registry.counter("database.queries.errors",
                                      {{"error_type", "insert"}, {"operation", "conflict"}}));
  CHECK(&counter != &registry.counter("database.queries.errors"));
  CHECK(&registry.gauge("database.size_mb") == &registry.gauge("database.size_mb"));
  CHECK(&registry.histogram("database.query.duration_ms") ==
        &registry.histogram("database.query.duration_ms"));
}

TEST_CASE("references stay valid while series are made") {
  CounterRegistry registry;
  Counter& first = registry.counter("rows", {{"table", "0"}});
  for (int i = 1; i < 900; ++i) {
    registry.counter("rows", {{"table", std::to_string(i)}}).add();
    registry.gauge(fmt::format("depth.{}", i)).set(i);
  }
  first.add(5);
  CHECK(&first == &registry.counter("rows", {{"table", "0"}}));
  CHECK(first.value() == 5);
}

TEST_CASE("a name of one kind is refused as another, and both kinds are named") {
  CounterRegistry registry;
  registry.counter("database.queries.total").add();
  test::check_refused(ErrorCode::invalid_argument,
                      {"\"database.queries.total\"", "as a histogram", "is a counter"}, [&] {
                        registry.histogram("database.queries.total", {{"a", "b"}});
                      });
  test::check_refused(ErrorCode::invalid_argument, {"as a gauge"},
                      [&] { registry.gauge("database.queries.total"); });
  CHECK(registry.readings().size() == 1);
}

TEST_CASE("what Prometheus could not tell apart is refused") {
  CounterRegistry registry;
  registry.counter("a.b");
  test::check_refused(ErrorCode::invalid_argument, {"\"a_b\"", "\"a.b\""},
                      [&] { registry.counter("a_b"); });
  registry.counter("wait.count");
  test::check_refused(ErrorCode::invalid_argument, {"\"wait\"", "\"wait.count\"", "\"wait_count\""},
                      [&] { registry.histogram("wait"); });
  registry.histogram("run");
  test::check_refused(ErrorCode::invalid_argument, {"\"run.bucket\"", "\"run\""},
                      [&] { registry.gauge("run.bucket"); });
  test::check_refused(ErrorCode::invalid_argument, {"\"c\"", "label \"x_y\""}, [&] {
    registry.counter("c", {{"x.y", "1"}, {"x_y", "2"}});
  });
  test::check_refused(ErrorCode::invalid_argument, {"label \"le\""}, [&] {
    registry.histogram("run", {{"le", "1"}});
  });
}

TEST_CASE("behind 1,000 sets of labels all further ones are one series, and nothing is lost") {
  CounterRegistry registry;
  for (int i = 0; i < 1'500; ++i)
    registry.counter("orders", {{"id", std::to_string(i)}}).add();
  for (int i = 0; i < 1'500; ++i)
    registry.counter("orders", {{"id", std::to_string(i)}}).add();
  int64_t total = 0;
  int64_t overflow = 0;
  const auto readings = registry.readings();
  for (const CounterReading& reading : readings) {
    total += std::get<int64_t>(reading.value);
    if (reading.labels == Labels{{"overflow", "true"}}) overflow = std::get<int64_t>(reading.value);
  }
  CHECK(readings.size() == 1'001);
  CHECK(total == 3'000);
  CHECK(overflow == 1'000);
}

TEST_CASE("readings are sorted by name, then labels, whatever the order of making") {
  CounterRegistry registry;
  registry.gauge("pool.active").set(3);
  registry.counter("queries", {{"operation", "update"}}).add(2);
  registry.histogram("latency").observe(7);
  registry.counter("queries").add(9);
  registry.counter("queries", {{"status", "ok"}, {"operation", "insert"}}).add(1);
  const auto readings = registry.readings();
  HistogramReading seven{.count = 1, .sum = 7, .min = 7, .max = 7};
  seven.buckets = {{.above = 6.5, .at_most = 7, .count = 1}};
  const std::vector<CounterReading> expected{
      {"latency", {}, seven},
      {"pool.active", {}, 3.0},
      {"queries", {}, int64_t{9}},
      {"queries", {{"operation", "insert"}, {"status", "ok"}}, int64_t{1}},
      {"queries", {{"operation", "update"}}, int64_t{2}},
  };
  CHECK(readings == expected);
  CHECK(to_text(readings[0].kind()) == "histogram");
  CHECK(to_text(readings[1].kind()) == "gauge");
  CHECK(to_text(readings[2].kind()) == "counter");
}

TEST_CASE("a gauge that sets and adds to nothing but zero reads zero, and so does a counter") {
  CounterRegistry registry;
  registry.counter("never");
  registry.gauge("nothing");
  const auto readings = registry.readings();
  CHECK(std::get<int64_t>(readings[0].value) == 0);
  CHECK(std::get<double>(readings[1].value) == 0);
}

TEST_CASE("a registry that does not count takes everything and says nothing") {
  CounterRegistry registry{false};
  registry.counter("a", {{"k", "v"}}).add();
  registry.gauge("a").set(1);  // where it counts, a name is of one kind
  registry.histogram("a").observe(1);
  CHECK(registry.readings().empty());
}

TEST_SUITE("threads") {
  TEST_CASE("threads: whoever makes and counts series at once loses nothing") {
    constexpr int kThreads = 4;
    constexpr int kEach = 3'000;
    CounterRegistry registry;
    std::latch together{kThreads};
    std::atomic<int> running{kThreads};
    std::atomic<int64_t> fell{0};
    {
      std::vector<std::jthread> threads;
      for (int thread = 0; thread < kThreads; ++thread) {
        threads.emplace_back([&, thread] {
          together.arrive_and_wait();
          Counter& kept = registry.counter("kept");
          for (int i = 0; i < kEach; ++i) {
            kept.add();
            registry.counter("found", {{"series", std::to_string(i % 50)}}).add();
            registry.gauge("gauge", {{"thread", std::to_string(thread)}}).add(1);
            registry.histogram("histogram").observe(1 + i % 7);
          }
          --running;
        });
      }
      int64_t before = 0;
      while (running > 0) {
        int64_t sum = 0;
        for (const CounterReading& reading : registry.readings()) {
          if (const auto* count = std::get_if<int64_t>(&reading.value)) sum += *count;
        }
        fell += sum < before ? 1 : 0;
        before = sum;
      }
    }
    CHECK(fell == 0);
    CHECK(registry.counter("kept").value() == kThreads * kEach);
    CHECK(registry.histogram("histogram").reading().count == kThreads * kEach);
    int64_t found = 0;
    for (int i = 0; i < 50; ++i) {
      found += registry.counter("found", {{"series", std::to_string(i)}}).value();
    }
    CHECK(found == kThreads * kEach);
    CHECK(registry.gauge("gauge", {{"thread", "3"}}).value() == kEach);
  }
}

}  // namespace
}  // namespace tapedeck
