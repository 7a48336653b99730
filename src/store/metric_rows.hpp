// telemetry.series and telemetry.metrics as rows.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/tape/payload.hpp"

#include <cstdint>
#include <map>
#include <optional>

namespace tapedeck {

// Numbers that series and values have in the tables, so that few values cost no reading. Of one
// thread.
class SeriesNumbers {
 public:
  // Something was stored by others, or not stored after all.
  void forget() {
    series_.clear();
    next_series_.reset();
    next_metric_.reset();
  }
  // Finds or makes them.
  std::vector<int32_t> numbers_of(duck::Transaction& transaction,
                                  const std::vector<MetricSeries>& series);
  int64_t take_metric_ids(duck::Transaction& transaction, int64_t count);

 private:
  void load(duck::Connection& connection);

  std::map<MetricSeries, int32_t> series_;
  std::optional<int32_t> next_series_;
  std::optional<int64_t> next_metric_;
};

// Returns how many are new; by the rule for equal ones others are replaced, or left out.
int64_t insert_metrics(duck::Transaction& transaction, SeriesNumbers& numbers,
                       const MetricRows& rows);

}  // namespace tapedeck
