// The wall clock, the only place that reads it. Nanoseconds since 1970 UTC.
#pragma once

#include <cstdint>

namespace tapedeck {

int64_t now_epoch_ns();
// Never goes back; for rates and durations.
int64_t steady_ns();

}  // namespace tapedeck
