#include "tapedeck/telemetry/sampler.hpp"

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/mutex.hpp"
#include "tapedeck/telemetry/telemetry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

// nullopt for a histogram of nothing.
std::optional<MetricRecord> to_metric(const CounterReading& reading, const MetricLabels& labels) {
  MetricRecord record;
  record.series.name = reading.name;
  record.series.labels = labels;
  for (const auto& [key, value] : reading.labels)
    record.series.labels.insert_or_assign(key, value);
  if (const auto* const count = std::get_if<int64_t>(&reading.value)) {
    record.series.type = MetricType::counter;
    record.value = static_cast<double>(*count);
  } else if (const auto* const gauge = std::get_if<double>(&reading.value)) {
    record.value = *gauge;
  } else {
    const auto& histogram = std::get<HistogramReading>(reading.value);
    if (histogram.count == 0) return std::nullopt;
    record.value = histogram.sum / static_cast<double>(histogram.count);
    record.with_quantiles({.p50 = histogram.quantile(0.5).value(),
                           .p95 = histogram.quantile(0.95).value(),
                           .p99 = histogram.quantile(0.99).value(),
                           .p999 = histogram.quantile(0.999).value()});
  }
  return record;
}

}  // namespace

class StoreSampler::Impl {
 public:
  Impl(Store& store, SamplerOptions options)
      : store_{store}, telemetry_{store, {.source = "sampler"}}, options_{std::move(options)} {
    if (options_.every.count() <= 0) {
      throw Error{ErrorCode::invalid_argument,
                  fmt::format("a sample every {} ms: it must be above 0", options_.every.count())};
    }
    sample();
    thread_ = std::jthread{[this] { run(); }};
  }

  ~Impl() {
    {
      const MutexLock lock{mutex_};
      stopped_ = true;
    }
    changed_.notify_all();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  int64_t sample() {
    const Timestamp now = from_epoch_ns(now_epoch_ns());
    std::vector<MetricRecord> records;
    for (const CounterReading& reading : readings(store_)) {
      if (auto record = to_metric(reading, options_.labels)) {
        records.push_back(std::move(record->with_timestamp(now)));
      }
    }
    return telemetry_.insert_metrics(std::move(records)).get().rows;
  }

  int64_t failures() const { return failures_; }

 private:
  void run() {
    auto due = std::chrono::steady_clock::now() + options_.every;
    while (wait_until(due)) {
      try {
        sample();
      } catch (const std::exception& error) {
        ++failures_;
        log::warn("the store's own counters were not stored: {}", error.what());
      }
      due = std::max(due + options_.every, std::chrono::steady_clock::now());
    }
  }

  // False when there is to be no other sample.
  bool wait_until(std::chrono::steady_clock::time_point due) {
    const MutexLock lock{mutex_};
    while (!stopped_) {
      if (!changed_.wait_until(mutex_, due)) return !stopped_;
    }
    return false;
  }

  Store& store_;
  Telemetry telemetry_;
  const SamplerOptions options_;
  std::atomic<int64_t> failures_{0};
  Mutex mutex_;
  Condition changed_;
  bool stopped_ GUARDED_BY(mutex_) = false;
  std::jthread thread_;  // ends first
};

StoreSampler::StoreSampler(Store& store, SamplerOptions options)
    : impl_{std::make_unique<Impl>(store, std::move(options))} {}

StoreSampler::~StoreSampler() = default;

int64_t StoreSampler::sample() {
  return impl_->sample();
}

int64_t StoreSampler::failures() const {
  return impl_->failures();
}

}  // namespace tapedeck
