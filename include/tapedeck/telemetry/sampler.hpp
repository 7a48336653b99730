// StoreSampler: what a store counts of itself, kept among its metrics.
#pragma once

#include "tapedeck/market/metric.hpp"
#include "tapedeck/store/store.hpp"

#include <chrono>
#include <cstdint>
#include <memory>

namespace tapedeck {

struct SamplerOptions {
  std::chrono::milliseconds every{10'000};  // above 0
  MetricLabels labels = {};                 // of each metric, beside those that readings() gives it
};

// Takes a sample when it is made and then every so often, on a thread of its own, until it is
// destroyed: all readings(), of one time. A histogram has its mean as value, with its quantiles,
// both since the store was opened; one that observed nothing is left out. A sample is itself one
// write, which the next one counts; nothing else follows from it.
class StoreSampler {
 public:
  // `store` must outlive it. Error{read_only} when it was opened for reading; invalid_argument for
  // a time that is not above 0; what sample() throws.
  explicit StoreSampler(Store& store, SamplerOptions options = {});
  ~StoreSampler();

  // One more, now; gives how many metrics are on disk. Any thread. Throws what insert_metrics() and
  // its future throw.
  int64_t sample();
  // Samples of the thread that could not be stored; each is logged as a warning.
  int64_t failures() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tapedeck
