#include "trading.hpp"

#include "tapedeck/tapedeck.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

namespace tapedeck::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kRounds = 9;
// 2026-11-21T08:00:00Z
constexpr int64_t kFirstNs = 1'795'248'000'000'000'000;

std::string verdict(bool met) {
  return met ? "yes" : "no";
}

double percentile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
}

Store fresh_store(const fs::path& folder, const std::string& name) {
  fs::remove_all(folder / name);
  return Store{folder / name, {.mode = OpenMode::create}};
}

// Ten series of one metric, a value each 10 ms in turn.
std::vector<MetricRecord> metric_batch(int64_t first, int64_t count) {
  static const std::vector<MetricSeries> series = [] {
    std::vector<MetricSeries> all;
    for (int i = 0; i < 10; ++i) {
      all.push_back({.name = "order_latency_ms",
                     .symbol = fmt::format("SYM{}", i % 5),
                     .labels = {{"venue", i < 5 ? "alpaca" : "binance"}}});
    }
    return all;
  }();
  std::vector<MetricRecord> records(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    MetricRecord& record = records[static_cast<size_t>(i)];
    const int64_t number = first + i;
    record.series = series[static_cast<size_t>(number % 10)];
    record.timestamp = from_epoch_ns(kFirstNs + number * 1'000'000);
    record.value = static_cast<double>((number * 2'654'435'761) % 100'000) / 1'000;
  }
  return records;
}

// What the disk takes for as many bytes.
std::vector<double> raw_syncs(const fs::path& folder, size_t bytes, int times) {
  const fs::path path = folder / "raw";
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) throw std::runtime_error{"cannot make " + path.string()};
  const std::string text(bytes, 'x');
  std::vector<double> took;
  for (int i = 0; i < times; ++i) {
    const double began = now_ms();
    if (::write(file, text.data(), text.size()) < 0 || ::fdatasync(file) != 0) {
      throw std::runtime_error{"cannot write " + path.string()};
    }
    took.push_back(now_ms() - began);
  }
  ::close(file);
  return took;
}

void bench_metrics(const fs::path& folder, std::vector<Line>& lines) {
  constexpr int64_t kBatch = 1'000;
  constexpr int64_t kMetrics = 1'000'000;
  Store store = fresh_store(folder, "metrics.deck");
  Telemetry telemetry{store};
  std::vector<double> acknowledged;
  const double began = now_ms();
  for (int64_t first = 0; first < kMetrics; first += kBatch) {
    std::vector<MetricRecord> batch = metric_batch(first, kBatch);
    const double sent = now_ms();
    telemetry.insert_metrics(std::move(batch)).get();
    acknowledged.push_back(now_ms() - sent);
  }
  const double seconds = (now_ms() - began) / 1e3;
  telemetry.flush();
  const double rate = static_cast<double>(kMetrics) / seconds;
  const std::vector<double> raw = raw_syncs(folder, size_t{20} * kBatch, 300);
  const double over = percentile(acknowledged, 0.5) - percentile(raw, 0.5);
  lines.push_back(
      {"1,000 metrics acknowledged, p50 / p99",
       fmt::format("{:.2f} / {:.2f} ms", percentile(acknowledged, 0.5),
                   percentile(acknowledged, 0.99)),
       fmt::format("raw sync {:.2f} / {:.2f} ms", percentile(raw, 0.5), percentile(raw, 0.99)),
       "<= sync + 1 ms", verdict(over <= 1)});
  lines.push_back({"metrics, one producer that waits for each 1,000",
                   fmt::format("{:.0f} k/s", rate / 1e3), "–", ">= 100 k/s",
                   verdict(rate >= 100'000)});
  const BarInterval minute = *BarInterval::parse("1m");
  const auto aggregate = [&](Aggregation aggregation) {
    return in_turns(kRounds,
                    [&] {
                      (void)aggregated_metrics(store, {.name = "order_latency_ms"}, minute,
                                               aggregation);
                    },
                    {})
        .ours_ms;
  };
  const double average = aggregate(Aggregation::average);
  lines.push_back({"1 M metrics by minute: avg", fmt::format("{:.1f} ms", average), "–", "<= 20 ms",
                   verdict(average <= 20)});
  const double p99 = aggregate(Aggregation::p99);
  lines.push_back({"1 M metrics by minute: p99", fmt::format("{:.1f} ms", p99), "–", "–", "–"});
  const MetricFilter filter{.name = "order_latency_ms",
                            .symbol = "SYM3",
                            .labels = {{"venue", "binance"}},
                            .range = {.begin = from_epoch_ns(kFirstNs + 100'000'000'000),
                                      .end = from_epoch_ns(kFirstNs + 700'000'000'000)}};
  const double filtered = in_turns(kRounds, [&] { (void)metrics(store, filter); }, {}).ours_ms;
  lines.push_back({"of 1 M: one series, ten minutes, newest 1,000",
                   fmt::format("{:.1f} ms", filtered), "–", "<= 10 ms", verdict(filtered <= 10)});
  const double newest =
      in_turns(kRounds, [&] { (void)current_metrics(store, "order_latency_ms"); }, {}).ours_ms;
  lines.push_back({"newest value of each series", fmt::format("{:.3f} ms", newest), "–", "–", "–"});
}

// One metric waits for a sync of its own; ten thousand share one.
void bench_metric_batches(const fs::path& folder, std::vector<Line>& lines) {
  struct Batch {
    const char* work;
    int64_t metrics;
    int times;
    double aim_ms;
  };
  Store store = fresh_store(folder, "batches.deck");
  Telemetry telemetry{store};
  int64_t first = 0;
  for (const Batch& batch : {Batch{"1 metric acknowledged, p50 / p99", 1, 1'000, 1},
                             Batch{"10,000 metrics acknowledged, p50 / p99", 10'000, 50, 50}}) {
    std::vector<double> acknowledged;
    for (int i = 0; i < batch.times; ++i, first += batch.metrics) {
      std::vector<MetricRecord> records = metric_batch(first, batch.metrics);
      const double sent = now_ms();
      telemetry.insert_metrics(std::move(records)).get();
      acknowledged.push_back(now_ms() - sent);
    }
    const double half = percentile(acknowledged, 0.5);
    lines.push_back({batch.work,
                     fmt::format("{:.2f} / {:.2f} ms", half, percentile(acknowledged, 0.99)), "–",
                     fmt::format("<= {} ms p50", batch.aim_ms), verdict(half <= batch.aim_ms)});
  }
}

void bench_ledger(const fs::path& folder, std::vector<Line>& lines) {
  constexpr int kOrders = 2'000;
  constexpr int64_t kFills = 100'000;
  Store store = fresh_store(folder, "ledger.deck");
  Ledger ledger{store};
  const Amount hundred = parse_amount("100").value();
  std::vector<double> visible;
  std::vector<double> filled;
  for (int i = 0; i < kOrders; ++i) {
    const double began = now_ms();
    const Order order = ledger.create_order({.instrument = {"alpaca", "AAPL"},
                                             .side = i % 2 == 0 ? OrderSide::buy : OrderSide::sell,
                                             .quantity = hundred,
                                             .price = hundred});
    if (!find_order(store, order.order_id)) throw std::runtime_error{"an order is not visible"};
    visible.push_back(now_ms() - began);
    const double sent = now_ms();
    ledger.record_fill({.order_id = order.order_id,
                        .quantity = hundred,
                        .price = hundred,
                        .executed_at = from_epoch_ns(kFirstNs + i)});
    filled.push_back(now_ms() - sent);
  }
  const std::vector<double> raw = raw_syncs(folder, 300, 300);
  lines.push_back(
      {"order inserted, durable and visible, p50 / p99",
       fmt::format("{:.2f} / {:.2f} ms", percentile(visible, 0.5), percentile(visible, 0.99)),
       fmt::format("raw sync {:.2f} / {:.2f} ms", percentile(raw, 0.5), percentile(raw, 0.99)),
       "p99 <= 10 ms", verdict(percentile(visible, 0.99) <= 10)});
  lines.push_back(
      {"fill of it recorded, p50 / p99",
       fmt::format("{:.2f} / {:.2f} ms", percentile(filled, 0.5), percentile(filled, 0.99)), "–",
       "–", "–"});

  const Order large = ledger.create_order({.instrument = {"alpaca", "MSFT"},
                                           .quantity = Amount::whole(kFills),
                                           .client_order_id = "large"});
  std::mt19937_64 random{5};
  std::vector<NewFill> fills;
  const double began = now_ms();
  for (int64_t i = 0; i < kFills; ++i) {
    fills.push_back({.order_id = large.order_id,
                     .quantity = Amount::whole(1),
                     .price = Amount::whole(100 + static_cast<int64_t>(random() % 10)),
                     .executed_at = from_epoch_ns(kFirstNs + i * 1'000'000),
                     .exchange_trade_id = std::to_string(i)});
    if (fills.size() == 10'000) ledger.record_fills(std::exchange(fills, {}));
  }
  ledger.settle();
  const double seconds = (now_ms() - began) / 1e3;
  lines.push_back({"fills in batches of 10,000, positions folded, in the tables",
                   fmt::format("{:.0f} k/s", static_cast<double>(kFills) / seconds / 1e3), "–", "–",
                   "–"});
}

// 100,000 fills over three hours against a quote each 10 ms.
void bench_quality(const fs::path& folder, std::vector<Line>& lines) {
  constexpr int64_t kFills = 100'000;
  constexpr int64_t kQuotes = 1'080'000;
  Store store = fresh_store(folder, "quality.deck");
  const Instrument instrument = store.resolve_instrument({.venue = "binance", .symbol = "BTCUSDT"});
  Writer writer{store};
  std::mt19937_64 random{9};
  std::vector<Quote> quotes;
  for (int64_t i = 0; i < kQuotes; ++i) {
    const auto bid = static_cast<int128>(6'000'000 + random() % 1'000);
    quotes.push_back({.ts_event = from_epoch_ns(kFirstNs + i * 10'000'000),
                      .bid_price = {bid, -2},
                      .bid_quantity = {1, 0},
                      .ask_price = {bid + 10, -2},
                      .ask_quantity = {1, 0}});
    if (quotes.size() < 100'000 && i + 1 < kQuotes) continue;
    writer.append_quotes(instrument.id, quotes);
    quotes.clear();
  }
  Ledger ledger{store};
  const Order order = ledger.create_order({.instrument = instrument.name,
                                           .quantity = Amount::whole(kFills),
                                           .created_at = from_epoch_ns(kFirstNs + 1'000'000'000)});
  std::vector<NewFill> fills;
  for (int64_t i = 0; i < kFills; ++i) {
    fills.push_back({.order_id = order.order_id,
                     .quantity = Amount::whole(1),
                     .price = Amount::whole(60'005),
                     .executed_at = from_epoch_ns(kFirstNs + 2'000'000'000 + i * 100'000'000),
                     .exchange_trade_id = std::to_string(i)});
    if (fills.size() == 10'000) ledger.record_fills(std::exchange(fills, {}));
  }
  ledger.settle();
  size_t known = 0;
  const double took = in_turns(3,
                               [&] {
                                 known = 0;
                                 for (const FillQuality& one : fill_quality(store, {}))
                                   known += mark_out(one, 2).has_value() ? 1U : 0U;
                               },
                               {})
                          .ours_ms;
  lines.push_back({"mark-outs of 100,000 fills at 1, 5, 60 s, 1.08 M quotes",
                   fmt::format("{:.0f} ms", took), "–", "<= 2,000 ms",
                   verdict(took <= 2'000 && known > 99'000)});
}

void bench_observe(const fs::path& /*folder*/, std::vector<Line>& lines) {
  constexpr int kCalls = 200'000;
  CounterRegistry registry;
  Counter& counter = registry.counter("bench.calls");
  Histogram& histogram = registry.histogram("bench.duration_ms");
  const auto each = [&](const char* work, const auto& call) {
    const double ms = in_turns(kRounds,
                               [&] {
                                 for (int i = 0; i < kCalls; ++i)
                                   call(i);
                               },
                               {})
                          .ours_ms;
    lines.push_back({work, fmt::format("{:.0f} ns", ms * 1e6 / kCalls), "–", "–", "–"});
  };
  each("a counter, once", [&](int) { counter.add(); });
  each("a histogram, once", [&](int i) { histogram.observe(i); });
  each("a counter found by name and label, once", [&](int) {
    registry.counter("bench.queries", {{"operation", "klines"}}).add();
  });
  Store store{":memory:"};
  const Instrument instrument = store.resolve_instrument({.venue = "binance", .symbol = "BTCUSDT"});
  const TapeRequest request{.instrument = instrument};
  const double query = in_turns(kRounds,
                                [&] {
                                  for (int i = 0; i < 200; ++i) {
                                    for_each_trades(store, request, [](const TradeView&) {
                                      return KeepGoing::go_on;
                                    });
                                  }
                                },
                                {})
                           .ours_ms /
                       200;
  lines.push_back(
      {"a query of nothing, all counted", fmt::format("{:.0f} us", query * 1e3), "–", "–", "–"});
}

}  // namespace

void bench_trading(const fs::path& folder, const std::string& only, std::vector<Line>& lines) {
  fs::create_directories(folder);
  if (only.empty() || only == "metrics") bench_metrics(folder, lines);
  if (only.empty() || only == "metrics") bench_metric_batches(folder, lines);
  if (only.empty() || only == "ledger") bench_ledger(folder, lines);
  if (only.empty() || only == "quality") bench_quality(folder, lines);
  if (only.empty() || only == "observe") bench_observe(folder, lines);
}

}  // namespace tapedeck::bench
