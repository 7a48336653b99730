// Segment: one file of the journal: a header, then frames. docs/journal.md has the bytes.
#pragma once

#include "tapedeck/market/time.hpp"
#include "tapedeck/tape/frame.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tapedeck {

constexpr uint32_t kJournalVersion = 1;
constexpr size_t kSegmentHeaderBytes = 72;
constexpr size_t kFrameHeaderBytes = 34;
// A payload is at most so long; a reader takes a larger length for damage.
constexpr size_t kMaxPayloadBytes = size_t{64} << 20;

struct SegmentHeader {
  uint32_t version = kJournalVersion;
  std::string store_id;  // 36 characters of a UUID
  uint64_t first_sequence = 0;
  Timestamp created_at;
};
std::array<std::byte, kSegmentHeaderBytes> to_bytes(const SegmentHeader& header);
// nullopt when it is torn or damaged.
std::optional<SegmentHeader> read_segment_header(std::span<const std::byte> segment);

// The frame's header and payload, ready to be written.
struct FrameDraft {
  Timestamp ts_recv;
  FrameKind kind = FrameKind::trades;
  InstrumentId instrument{};
  uint32_t count = 0;
  std::vector<std::byte> payload;
};
void append_frame(std::vector<std::byte>& out, uint64_t sequence, const FrameDraft& draft);

// Bytes of a segment that are no frames.
struct Damage {
  uint64_t begin = 0;  // offsets in the file
  uint64_t end = 0;
  // Frames from the one to the other, both included, are lost by it; nullopt at the end of a
  // segment, where it cannot be told.
  std::optional<uint64_t> first_sequence = {};
  std::optional<uint64_t> last_sequence = {};
  bool operator==(const Damage&) const = default;
};

// Takes the frames out of a segment's bytes, one after the other. Behind a damaged frame it looks
// for the next good one, byte by byte.
class SegmentScan {
 public:
  // `bytes` is the whole file and outlives the scan. Starts at `offset`, which is that of a frame
  // or of the end; `last_sequence` is of the frame before it, if there is one.
  SegmentScan(std::span<const std::byte> bytes, uint64_t offset,
              std::optional<uint64_t> last_sequence);

  // nullopt at the end.
  std::optional<std::variant<Frame, Damage>> next();
  // Behind the last good frame.
  uint64_t good_end() const { return good_end_; }
  uint64_t offset() const { return offset_; }
  std::optional<uint64_t> last_sequence() const { return last_sequence_; }

 private:
  std::optional<Frame> frame_at(uint64_t offset) const;

  // Constant after construction
  std::span<const std::byte> bytes_;

  uint64_t offset_;
  uint64_t good_end_;
  std::optional<uint64_t> last_sequence_;
};

// tape/2026-11-21/000017.tape
struct SegmentFile {
  uint64_t number = 0;
  std::filesystem::path path;
};
std::filesystem::path segment_path(const std::filesystem::path& tape_folder, Timestamp day,
                                   uint64_t number);
// Rising by number. What is no segment is passed over.
std::vector<SegmentFile> segments_in(const std::filesystem::path& tape_folder);

}  // namespace tapedeck
