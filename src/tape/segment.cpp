#include "tape/segment.hpp"

#include "base/check.hpp"
#include "base/crc32c.hpp"
#include "base/file.hpp"
#include "tape/bytes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <system_error>

namespace tapedeck {
namespace {

constexpr std::string_view kMagic = "TAPEDECK";
constexpr size_t kStoreIdBytes = 36;
// Behind `length` and `crc32c`: sequence, ts_recv, kind, instrument, count.
constexpr size_t kCheckedHeaderBytes = kFrameHeaderBytes - 8;

uint32_t crc_of_frame(uint32_t length, std::span<const std::byte> checked) {
  return crc32c(checked, crc32c(std::as_bytes(std::span{&length, 1})));
}

}  // namespace

std::array<std::byte, kSegmentHeaderBytes> to_bytes(const SegmentHeader& header) {
  TAPEDECK_CHECK(header.store_id.size() == kStoreIdBytes, "a store id is a UUID, not '{}'",
                 header.store_id);
  std::vector<std::byte> bytes;
  ByteWriter out{bytes};
  out.put_bytes(std::as_bytes(std::span{kMagic}));
  out.put_bytes(std::as_bytes(std::span{header.store_id}));
  out.put(header.first_sequence);
  out.put(to_epoch_ns(header.created_at));
  out.put(header.version);
  out.put(uint32_t{0});  // reserved
  out.put(crc32c(bytes));
  TAPEDECK_CHECK(bytes.size() == kSegmentHeaderBytes, "a header of {} bytes", bytes.size());
  std::array<std::byte, kSegmentHeaderBytes> result{};
  std::ranges::copy(bytes, result.begin());
  return result;
}

std::optional<SegmentHeader> read_segment_header(std::span<const std::byte> segment) {
  if (segment.size() < kSegmentHeaderBytes) return std::nullopt;
  const auto* const text = reinterpret_cast<const char*>(segment.data());
  if (std::string_view{text, kMagic.size()} != kMagic) return std::nullopt;
  SegmentHeader header;
  header.store_id.assign(text + kMagic.size(), kStoreIdBytes);
  ByteReader in{segment.subspan(kMagic.size() + kStoreIdBytes)};
  header.first_sequence = in.take<uint64_t>();
  header.created_at = from_epoch_ns(in.take<int64_t>());
  header.version = in.take<uint32_t>();
  in.take<uint32_t>();
  const auto crc = in.take<uint32_t>();
  if (crc != crc32c(segment.first(kSegmentHeaderBytes - sizeof(crc)))) return std::nullopt;
  return header;
}

void append_frame(std::vector<std::byte>& out, uint64_t sequence, const FrameDraft& draft) {
  TAPEDECK_CHECK(draft.payload.size() <= kMaxPayloadBytes, "a payload of {} bytes",
                 draft.payload.size());
  const auto length = static_cast<uint32_t>(kCheckedHeaderBytes + draft.payload.size());
  const size_t begin = out.size();
  ByteWriter to{out};
  to.put(length);
  to.put(uint32_t{0});
  to.put(sequence);
  to.put(to_epoch_ns(draft.ts_recv));
  to.put(draft.kind);
  to.put(draft.instrument);
  to.put(draft.count);
  to.put_bytes(draft.payload);
  const uint32_t crc = crc_of_frame(length, std::span{out}.subspan(begin + 8));
  std::memcpy(out.data() + begin + 4, &crc, sizeof(crc));
}

SegmentScan::SegmentScan(std::span<const std::byte> bytes, uint64_t offset,
                         std::optional<uint64_t> last_sequence)
    : bytes_{bytes}, offset_{offset}, good_end_{offset}, last_sequence_{last_sequence} {}

std::optional<Frame> SegmentScan::frame_at(uint64_t offset) const {
  ByteReader in{bytes_.subspan(offset)};
  const auto length = in.take<uint32_t>();
  const auto crc = in.take<uint32_t>();
  if (in.failed() || length < kCheckedHeaderBytes ||
      length > kCheckedHeaderBytes + kMaxPayloadBytes || length > in.left()) {
    return std::nullopt;
  }
  Frame frame;
  frame.sequence = in.take<uint64_t>();
  // Cheap, and spares nearly every byte the checksum when a frame is looked for: as many frames
  // as fit before it may be missing, and no more.
  if (last_sequence_ && (frame.sequence <= *last_sequence_ ||
                         frame.sequence - *last_sequence_ > offset / kFrameHeaderBytes + 1)) {
    return std::nullopt;
  }
  if (crc != crc_of_frame(length, bytes_.subspan(offset + 8, length))) return std::nullopt;
  frame.ts_recv = from_epoch_ns(in.take<int64_t>());
  frame.kind = in.take<FrameKind>();
  frame.instrument = in.take<InstrumentId>();
  frame.count = in.take<uint32_t>();
  const auto payload = bytes_.subspan(offset + kFrameHeaderBytes, length - kCheckedHeaderBytes);
  frame.payload.assign(payload.begin(), payload.end());
  return frame;
}

std::optional<std::variant<Frame, Damage>> SegmentScan::next() {
  if (offset_ >= bytes_.size()) return std::nullopt;
  const uint64_t begin = offset_;
  while (offset_ < bytes_.size()) {
    std::optional<Frame> frame = frame_at(offset_);
    if (!frame) {
      ++offset_;
      continue;
    }
    // A frame that is missing without a trace counts as damage too.
    const bool follows = !last_sequence_ || frame->sequence == *last_sequence_ + 1;
    if (offset_ > begin || !follows) {
      Damage damage{.begin = begin, .end = offset_};
      if (last_sequence_) damage.first_sequence = *last_sequence_ + 1;
      damage.last_sequence = frame->sequence - 1;
      last_sequence_ = frame->sequence - 1;
      return damage;
    }
    offset_ += kFrameHeaderBytes + frame->payload.size();
    good_end_ = offset_;
    last_sequence_ = frame->sequence;
    return std::move(*frame);
  }
  Damage damage{.begin = begin, .end = bytes_.size()};
  if (!last_sequence_) return damage;
  damage.first_sequence = *last_sequence_ + 1;
  // A frame that a crash has torn ends before its length says; one that ends there was whole.
  if (ByteReader{bytes_.subspan(begin)}.take<uint32_t>() == bytes_.size() - begin - 8) {
    damage.last_sequence = damage.first_sequence;
    last_sequence_ = *damage.last_sequence;
  }
  return damage;
}

std::filesystem::path segment_path(const std::filesystem::path& tape_folder, Timestamp day,
                                   uint64_t number) {
  return tape_folder / to_iso_date(day_of(day)) / fmt::format("{:06}.tape", number);
}

std::vector<SegmentFile> segments_in(const std::filesystem::path& tape_folder) {
  std::vector<SegmentFile> result;
  std::error_code error;
  if (!std::filesystem::exists(tape_folder, error)) return result;
  for (const auto& day : std::filesystem::directory_iterator{tape_folder, error}) {
    if (!parse_date(day.path().filename().string()) || !day.is_directory()) continue;
    for (const auto& file : std::filesystem::directory_iterator{day.path(), error}) {
      if (file.path().extension() != ".tape") continue;
      const std::string stem = file.path().stem().string();
      uint64_t number = 0;
      const auto [end, wrong] = std::from_chars(stem.data(), stem.data() + stem.size(), number);
      if (wrong != std::errc{} || end != stem.data() + stem.size()) continue;
      result.push_back({.number = number, .path = file.path()});
    }
    if (error) fail_io("list", day.path(), error.value());
  }
  if (error) fail_io("list", tape_folder, error.value());
  std::ranges::sort(result, {}, &SegmentFile::number);
  return result;
}

}  // namespace tapedeck
