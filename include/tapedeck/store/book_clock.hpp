// BookClock: by which of the two clocks of a record a moment is meant.
#pragma once

#include <cstdint>
#include <string_view>

namespace tapedeck {

enum class BookClock : uint8_t {
  event,  // the venue's
  recv,   // ours, when the message came
};

constexpr std::string_view to_text(BookClock clock) {
  return clock == BookClock::event ? "event" : "recv";
}

}  // namespace tapedeck
