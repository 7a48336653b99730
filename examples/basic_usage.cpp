// Metrics, candles and events in one store: write, ask, look after it.
//   example_basic_usage [STORE]          e.g. metrics.duckdb; else in memory
#include "tapedeck/tapedeck.hpp"

#include <iostream>

using namespace tapedeck;

namespace {

const Timestamp kTen = *parse_timestamp("2026-11-20T10:00:00Z");

void quick_start(Store& store) {
  Telemetry telemetry{store};
  telemetry.insert_metric(MetricRecord("latency", 42.5)).get();  // on the disk when it returns
  telemetry
      .insert_metric(MetricRecord("order_latency_ms", 42.5)
                         .with_symbol("BTC/USD")
                         .add_label("exchange", "alpaca"))
      .get();
  for (const MetricRecord& metric : metrics(store, {.name = "latency"}, 100))
    std::cout << metric.series.name << " " << metric.value << "\n";
}

// A batch costs what one insert costs: all of it is one write to the journal.
void insert_batch(Store& store) {
  std::vector<MetricRecord> batch;
  for (int second = 0; second < 120; ++second) {
    batch.push_back(MetricRecord("queue_depth", second % 60)
                        .with_timestamp(kTen + std::chrono::seconds{second})
                        .add_label("service", "router"));
  }
  std::cout << "stored " << Telemetry{store}.insert_metrics(std::move(batch)).get().rows << "\n";
}

void ask(const Store& store) {
  const MetricFilter depth{.name = "queue_depth", .labels = {{"service", "router"}}};
  std::cout << "newest " << metrics(store, depth, 1).front().value << "\n";
  for (const Aggregation what : {Aggregation::average, Aggregation::p95}) {
    for (const AggregatedMetric& minute :
         aggregated_metrics(store, depth, *BarInterval::parse("1m"), what))
      std::cout << to_iso(minute.bucket) << " " << to_text(what) << " " << *minute.value << " of "
                << minute.count << "\n";
  }
}

void keep_candle(Store& store) {
  const Instrument btc =
      store.resolve_instrument({.venue = "alpaca", .symbol = "BTC/USD"}, NewVenue::add);
  Kline candle;
  candle.begin = kTen;
  candle.open = *parse_decimal("61837.63");
  candle.high = *parse_decimal("61860.80");
  candle.low = *parse_decimal("61780.00");
  candle.close = *parse_decimal("61782.25");
  candle.volume = *parse_decimal("15.07702");
  const BarInterval minute = *BarInterval::parse("1m");
  Writer{store}.upsert_klines(btc.id, minute, std::vector{candle});
  for_each_given_kline(store, {.instrument = btc}, minute, [](const GivenKline& answer) {
    std::cout << to_iso(answer.kline.begin) << " close " << to_text(answer.kline.close) << "\n";
    return KeepGoing::go_on;
  });
}

void tell_events(Store& store) {
  Telemetry telemetry{store};
  telemetry.log_event(SystemEvent::info("started")).get();
  telemetry.log_event(SystemEvent::warning("high latency")).get();
  for (const SystemEvent& event : events(store, {.at_least = LogLevel::warning}))
    std::cout << to_text(event.severity) << ": " << event.message << "\n";
}

void look_after(Store& store) {
  store.optimize();
  for (const DatasetStats& dataset : store.stats().datasets)
    std::cout << dataset.instrument << " " << dataset.dataset << ": " << dataset.rows << " rows\n";
  const HealthReport health = check_health(store);
  std::cout << "health: " << to_text(status_of(health)) << ", schema " << health.schema_version
            << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  StoreOptions options;
  options.mode = OpenMode::create;
  Store store{argc > 1 ? argv[1] : ":memory:", options};
  quick_start(store);
  insert_batch(store);
  ask(store);
  keep_candle(store);
  tell_events(store);
  look_after(store);
}
