// Telemetry: what a system says of itself: metrics, logs, events. Written through the journal like
// everything else.
#pragma once

#include "tapedeck/market/log_record.hpp"
#include "tapedeck/market/metric.hpp"
#include "tapedeck/store/writer.hpp"

#include <chrono>
#include <cstdint>
#include <future>
#include <string>
#include <vector>

namespace tapedeck {

struct TelemetryOptions {
  std::string source = "api";
  EqualMetrics duplicates = EqualMetrics::keep;
  Durability durability = Durability::journal;
  std::chrono::milliseconds timeout{5'000};  // so long it waits for room in the queue
};

// May be called from several threads; many small calls share one sync. The Store must outlive it.
class Telemetry {
 public:
  // Error{read_only} when the store was opened for reading.
  explicit Telemetry(Store& store, TelemetryOptions options = {});

  // The future holds the acknowledgement, or the Error why nothing is stored. Throws at once:
  // invalid_argument for a name that is empty or longer than 255 bytes, a value that is no finite
  // number, more than 64 labels, a series too many (live_series.hpp).
  std::future<Acknowledgement> insert_metric(MetricRecord record);
  std::future<Acknowledgement> insert_metrics(std::vector<MetricRecord> records);
  // invalid_argument for a message or field of more than 1 MiB, an empty service, fields that are
  // no JSON object.
  std::future<Acknowledgement> log(LogRecord record);
  std::future<Acknowledgement> log(std::vector<LogRecord> records);
  std::future<Acknowledgement> log_event(SystemEvent event);

  // Everything acknowledged so far is in the tables.
  void flush();

 private:
  template <typename Rows>
  std::future<Acknowledgement> append(Rows rows);

  // Constant after construction
  Store& store_;
  TelemetryOptions options_;
};

}  // namespace tapedeck
