// Metrics, logs and events as bytes of a frame.
#pragma once

#include "tape/bytes.hpp"
#include "tapedeck/tape/payload.hpp"

#include <cstddef>
#include <optional>

namespace tapedeck {

void put(ByteWriter& out, const MetricRows& rows);
void put(ByteWriter& out, const LogRows& rows);
void put(ByteWriter& out, const EventRows& rows);

// nullopt when a value is none that is written; the reader may have failed too.
std::optional<MetricRows> take_metrics(ByteReader& in, size_t count);
std::optional<LogRows> take_logs(ByteReader& in, size_t count);
std::optional<EventRows> take_events(ByteReader& in, size_t count);

}  // namespace tapedeck
