// Trace: everything that was recorded under one correlation id, on one time line.
#pragma once

#include "tapedeck/base/uuid.hpp"
#include "tapedeck/market/time.hpp"
#include "tapedeck/store/store.hpp"

#include <string>
#include <vector>

namespace tapedeck {

struct TraceEntry {
  Timestamp at;         // by the clock of whoever said it
  std::string kind;     // order, fill, position, tick, metric, log, event
  std::string subject;  // an instrument, a metric, a service …
  std::string what;     // in words
};

// By rising time; at one time in the order of the kinds above.
std::vector<TraceEntry> trace(const Store& store, const Uuid& correlation_id);

}  // namespace tapedeck
