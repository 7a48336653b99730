#include "tape/segment.hpp"

#include "tape/journal_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

namespace tapedeck {
namespace {

using test::draft;
using test::hour;
using test::kStoreId;

std::vector<std::byte> segment_of(uint64_t first, uint64_t last) {
  std::vector<std::byte> bytes;
  const auto header =
      to_bytes({.store_id = kStoreId, .first_sequence = first, .created_at = hour(0)});
  bytes.insert(bytes.end(), header.begin(), header.end());
  for (uint64_t sequence = first; sequence <= last; ++sequence)
    append_frame(bytes, sequence, draft(static_cast<int64_t>(sequence)));
  return bytes;
}

struct Scanned {
  std::vector<uint64_t> sequences;
  std::vector<Damage> damages;
};

Scanned scan(std::span<const std::byte> bytes, uint64_t first = 1) {
  Scanned result;
  SegmentScan frames{bytes, kSegmentHeaderBytes, first - 1};
  while (const auto item = frames.next()) {
    if (const auto* frame = std::get_if<Frame>(&*item)) {
      result.sequences.push_back(frame->sequence);
    } else {
      const Damage& damage = std::get<Damage>(*item);
      result.damages.push_back(damage);
      if (!damage.last_sequence) break;  // up to the end
    }
  }
  return result;
}

TEST_CASE("a header says version, store, first sequence and time; a damaged one is none") {
  auto bytes = to_bytes({.store_id = kStoreId, .first_sequence = 17, .created_at = hour(3)});
  const auto header = read_segment_header(bytes);
  REQUIRE(header.has_value());
  CHECK(header->version == 1);
  CHECK(header->store_id == kStoreId);
  CHECK(header->first_sequence == 17);
  CHECK(header->created_at == hour(3));
  CHECK_FALSE(read_segment_header(std::span{bytes}.first(71)).has_value());
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    CHECK_FALSE(read_segment_header(bytes).has_value());
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
  }
}

TEST_CASE("frames come out as they went in") {
  const auto bytes = segment_of(5, 8);
  SegmentScan frames{bytes, kSegmentHeaderBytes, 4};
  const auto item = frames.next();
  REQUIRE(item.has_value());
  const Frame& frame = std::get<Frame>(*item);
  const FrameDraft expected = draft(5);
  CHECK(frame.sequence == 5);
  CHECK(frame.ts_recv == expected.ts_recv);
  CHECK(frame.kind == expected.kind);
  CHECK(frame.instrument == expected.instrument);
  CHECK(frame.count == expected.count);
  CHECK(frame.payload == expected.payload);
  CHECK(scan(bytes, 5).sequences == test::numbers(5, 8));
}

TEST_CASE("any flipped bit of a frame loses that frame alone, and is told") {
  const auto clean = segment_of(1, 5);
  const size_t frame_bytes = (clean.size() - kSegmentHeaderBytes) / 5;
  for (size_t bit = kSegmentHeaderBytes * 8; bit < clean.size() * 8; ++bit) {
    auto bytes = clean;
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    const uint64_t hit = 1 + (bit / 8 - kSegmentHeaderBytes) / frame_bytes;
    CAPTURE(bit);
    const Scanned found = scan(bytes);
    REQUIRE(found.sequences.size() == 4);
    CHECK(std::ranges::find(found.sequences, hit) == found.sequences.end());
    REQUIRE(found.damages.size() == 1);
    CHECK(found.damages.front().first_sequence == hit);
    if (hit < 5) CHECK(found.damages.front().last_sequence == hit);
  }
}

TEST_CASE("bytes that are gone, or too many, are told; what follows is served") {
  const auto clean = segment_of(1, 5);
  const size_t frame_bytes = (clean.size() - kSegmentHeaderBytes) / 5;
  const auto at = clean.begin() + static_cast<std::ptrdiff_t>(kSegmentHeaderBytes + frame_bytes);
  std::vector<std::byte> without{clean.begin(), at};
  without.insert(without.end(), at + static_cast<std::ptrdiff_t>(frame_bytes), clean.end());
  CHECK(scan(without).sequences == std::vector<uint64_t>{1, 3, 4, 5});
  CHECK(scan(without).damages.at(0).first_sequence == 2);

  std::vector<std::byte> with{clean.begin(), at};
  with.insert(with.end(), 100, std::byte{0});
  with.insert(with.end(), at, clean.end());
  CHECK(scan(with).sequences == test::numbers(1, 5));
  REQUIRE(scan(with).damages.size() == 1);
  CHECK(scan(with).damages.at(0).end - scan(with).damages.at(0).begin == 100);
}

TEST_CASE("a torn last frame is damage up to the end") {
  const auto clean = segment_of(1, 3);
  for (size_t cut = 1; cut < 70; ++cut) {
    const Scanned found = scan(std::span{clean}.first(clean.size() - cut));
    CHECK(found.sequences == test::numbers(1, 2));
    REQUIRE(found.damages.size() == 1);
    CHECK_FALSE(found.damages.front().last_sequence.has_value());
  }
}

TEST_CASE("a length that lies does not lead out of the file") {
  auto bytes = segment_of(1, 2);
  const uint32_t huge = 0x7FFFFFFF;
  std::memcpy(bytes.data() + kSegmentHeaderBytes, &huge, sizeof(huge));
  CHECK(scan(bytes).sequences == std::vector<uint64_t>{2});
}

TEST_CASE("segments are found by their numbers, whatever their day") {
  const test::TempFolder folder;
  const auto tape = folder / "tape";
  for (const auto& [day, number] : {std::pair{2, 1}, std::pair{0, 2}, std::pair{1, 10}}) {
    const auto path = segment_path(tape, hour(24 * day), static_cast<uint64_t>(number));
    std::filesystem::create_directories(path.parent_path());
    test::write_file(path, "x");
  }
  std::filesystem::create_directories(tape / "damaged");
  test::write_file(tape / "damaged/000001-72.bin", "x");
  test::write_file(tape / "2025-10-09/notes.txt", "x");
  std::vector<uint64_t> found;
  for (const SegmentFile& file : segments_in(tape))
    found.push_back(file.number);
  CHECK(found == std::vector<uint64_t>{1, 2, 10});
  CHECK(segments_in(folder / "none").empty());
}

}  // namespace
}  // namespace tapedeck
