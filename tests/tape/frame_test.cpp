#include "tapedeck/tape/frame.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

TEST_CASE("every kind has a number that never changes, and a name") {
  CHECK(static_cast<int>(FrameKind::trades) == 1);
  CHECK(static_cast<int>(FrameKind::quotes) == 4);
  CHECK(static_cast<int>(FrameKind::book_messages) == 5);
  CHECK(static_cast<int>(FrameKind::events) == 15);
  CHECK(static_cast<int>(FrameKind::instrument) == 256);
  CHECK(static_cast<int>(FrameKind::refused) == 263);
  CHECK(to_text(FrameKind::open_interest) == "open_interest");
  CHECK(to_text(static_cast<FrameKind>(999)) == "unknown");
  CHECK(parse_frame_kind("load") == FrameKind::load);
  CHECK_FALSE(parse_frame_kind("loads").has_value());
}

}  // namespace
}  // namespace tapedeck
