// Segments of the journal: any bytes are frames or damage, and the scan ends; a payload that can be
// read is written again as the same; of a good segment with a damaged byte all other frames come.
#include "base/check.hpp"
#include "input.hpp"
#include "tape/segment.hpp"
#include "tapedeck/tape/payload.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace tapedeck {
namespace {

std::vector<Frame> scan(std::span<const std::byte> bytes) {
  SegmentScan frames{bytes, kSegmentHeaderBytes, std::nullopt};
  std::vector<Frame> result;
  uint64_t before = 0;
  while (auto item = frames.next()) {
    TAPEDECK_CHECK(frames.offset() > before && frames.offset() <= bytes.size(), "at {} of {}",
                   frames.offset(), bytes.size());
    before = frames.offset();
    if (auto* frame = std::get_if<Frame>(&*item)) result.push_back(std::move(*frame));
  }
  return result;
}

void check_any_bytes(std::span<const std::byte> bytes) {
  read_segment_header(bytes);
  if (bytes.size() >= kSegmentHeaderBytes) scan(bytes);
}

void check_payload(FuzzInput input) {
  constexpr std::array kKinds{FrameKind::trades,     FrameKind::klines,   FrameKind::open_interest,
                              FrameKind::quotes,     FrameKind::deletion, FrameKind::setting,
                              FrameKind::instrument, FrameKind::load,     FrameKind::statement,
                              FrameKind::refused};
  Frame frame{.sequence = 1, .kind = kKinds[input.option() % kKinds.size()]};
  frame.count = input.option();
  const auto bytes = input.bytes();
  frame.payload.assign(bytes.begin(), bytes.end());
  const auto content = read_payload(frame);
  if (!content) return;
  TAPEDECK_CHECK(kind_of(*content) == frame.kind, "another kind");
  frame.payload = to_payload(*content);
  const auto again = read_payload(frame);
  TAPEDECK_CHECK(again && to_payload(*again) == frame.payload, "another payload");
}

void check_damage(FuzzInput input) {
  const size_t hit = input.option() * 3U;
  const unsigned bit = input.option() % 8U;
  std::vector<std::byte> segment(kSegmentHeaderBytes);
  std::vector<size_t> ends;
  for (uint64_t sequence = 1; sequence <= 5; ++sequence) {
    // Of one byte: a payload that holds a frame itself, CRC and all, would be taken for one.
    const size_t bytes = input.option();
    const auto byte = std::byte(input.option());
    append_frame(segment, sequence, {.count = 1, .payload = std::vector(bytes, byte)});
    ends.push_back(segment.size());
  }
  TAPEDECK_CHECK(scan(segment).size() == 5, "a good segment");
  const size_t at = kSegmentHeaderBytes + hit % (segment.size() - kSegmentHeaderBytes);
  segment[at] ^= std::byte(1U << bit);
  const std::vector<Frame> left = scan(segment);
  TAPEDECK_CHECK(left.size() == 4, "{} frames are left", left.size());
  const auto damaged = static_cast<uint64_t>(std::ranges::upper_bound(ends, at) - ends.begin()) + 1;
  for (const Frame& frame : left)
    TAPEDECK_CHECK(frame.sequence != damaged, "the damaged frame {}", damaged);
}

}  // namespace
}  // namespace tapedeck

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  FuzzInput input{data, size};
  switch (input.option() % 3U) {
    case 0: check_any_bytes(input.bytes()); break;
    case 1: check_payload(input); break;
    default: check_damage(input);
  }
  return 0;
}
