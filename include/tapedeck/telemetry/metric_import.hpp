// Metrics that another program wrote into a file.
#pragma once

#include "tapedeck/market/metric.hpp"
#include "tapedeck/store/store.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace tapedeck {

struct MetricImportOptions {
  std::string source = "import";
  // Reject: a file that is imported twice is there once, as long as retention has not deleted it.
  EqualMetrics duplicates = EqualMetrics::reject;
};

struct MetricImportResult {
  int64_t rows = 0;  // acknowledged
  // Kept in rejects/metrics.csv with line and reason. A row that stands on several lines counts as
  // one.
  int64_t rejects = 0;
};

// CSV with a header line, packed or not, or Parquet (*.parquet). Columns: timestamp, metric_name,
// value; where there are any metric_type, symbol and labels, a JSON object of texts. Others are not
// looked at. Times without a zone are UTC. What was acknowledged is in the tables when it returns.
// Error{not_found, invalid_argument} for a file that cannot be read and for a column that is
// missing; those of Telemetry.
MetricImportResult import_metrics_file(Store& store, const std::filesystem::path& path,
                                       const MetricImportOptions& options = {});

}  // namespace tapedeck
