// What a metric, a log or an event must be to be stored.
#pragma once

#include "tapedeck/market/log_record.hpp"
#include "tapedeck/market/metric.hpp"

namespace tapedeck {

// Error{invalid_argument} naming the record and the rule.
void check(const MetricRecord& record);
void check(const LogRecord& record);
void check(const SystemEvent& event);

}  // namespace tapedeck
