// The views that logs and events are asked by, as values of C++.
#pragma once

#include "store/entity_view.hpp"
#include "tapedeck/market/log_record.hpp"

#include <cstdint>

namespace tapedeck {

// Of one kind, each numbered in the order of its coming.
struct LogRow {
  int64_t log_id = 0;
  LogRecord record;
};
struct EventRow {
  int64_t event_id = 0;
  SystemEvent event;
};

const EntityView<LogRow>& log_view();
const EntityView<EventRow>& event_view();

}  // namespace tapedeck
