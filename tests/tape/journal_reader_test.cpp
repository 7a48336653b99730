#include "tapedeck/tape/journal_reader.hpp"

#include "tape/journal_fixture.hpp"
#include "tape/segment.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

#include <random>

namespace tapedeck {
namespace {

using test::draft;
using test::hour;
using test::numbers;
using test::open_journal;
using test::read_all;
using test::TempFolder;

// `frames` frames in segments of about five.
void write_frames(const std::filesystem::path& store, uint64_t frames) {
  Journal journal = open_journal(store, {}, {.segment_bytes = 400});
  for (uint64_t n = 1; n <= frames; ++n)
    journal.write(std::vector{draft(static_cast<int64_t>(n))}, hour(0));
}

TEST_CASE("a journal that is not there is empty") {
  const TempFolder folder;
  CHECK(read_all(folder.path()).frames.empty());
  CHECK(journal_segments(folder.path()).empty());
}

TEST_CASE("begins behind a position, at a sequence or at a time") {
  const TempFolder folder;
  write_frames(folder.path(), 20);
  JournalReader first{folder.path()};
  for (int i = 0; i < 7; ++i)
    first.next();
  const JournalPosition seventh = first.position();
  CHECK(seventh.sequence == 7);
  JournalReader behind{folder.path(), seventh};
  CHECK(read_all(behind).sequences() == numbers(8, 20));

  JournalReader from{folder.path()};
  from.skip_to_sequence(15);
  CHECK(read_all(from).sequences() == numbers(15, 20));
  JournalReader since{folder.path()};
  since.skip_to_time(hour(0) + std::chrono::milliseconds{18});
  CHECK(read_all(since).sequences() == numbers(18, 20));
}

TEST_CASE("follows what is written, into new segments too") {
  const TempFolder folder;
  JournalReader reader{folder.path()};
  CHECK_FALSE(reader.next().has_value());
  Journal journal = open_journal(folder.path(), {}, {.segment_bytes = 400});
  for (uint64_t n = 1; n <= 30; ++n) {
    journal.write(std::vector{draft(static_cast<int64_t>(n))}, hour(0));
    const auto item = reader.next();
    REQUIRE(item.has_value());
    CHECK(std::get<Frame>(*item).sequence == n);
    CHECK_FALSE(reader.next().has_value());
  }
  CHECK(journal_segments(folder.path()).size() > 3);
}

TEST_CASE("waits for the rest of a frame that is being written") {
  const TempFolder folder;
  write_frames(folder.path(), 2);
  const auto segment = journal_segments(folder.path()).front();
  const std::string whole = read_text(segment.path);
  test::write_file(segment.path, whole.substr(0, whole.size() - 10));
  JournalReader reader{folder.path()};
  CHECK(read_all(reader).sequences() == numbers(1, 1));
  CHECK(reader.torn_bytes() == 64);
  test::write_file(segment.path, whole);
  CHECK(read_all(reader).sequences() == numbers(2, 2));
  CHECK(reader.torn_bytes() == 0);
}

TEST_CASE("a segment that is missing in the middle is told, with the frames that were in it") {
  const TempFolder folder;
  write_frames(folder.path(), 20);
  const auto segments = journal_segments(folder.path());
  REQUIRE(segments.size() == 4);
  std::filesystem::remove(segments[1].path);
  const auto content = read_all(folder.path());
  REQUIRE(content.damages.size() == 1);
  CHECK(content.damages[0].reason == "a segment before it is missing");
  CHECK(content.damages[0].first_sequence == segments[1].first_sequence);
  CHECK(content.damages[0].last_sequence == *segments[2].first_sequence - 1);
  CHECK(content.frames.size() == 15);
}

TEST_CASE("a segment that was torn and yet followed has lost its last frames") {
  const TempFolder folder;
  write_frames(folder.path(), 20);
  const auto segments = journal_segments(folder.path());
  const std::string whole = read_text(segments[1].path);
  test::write_file(segments[1].path, whole.substr(0, whole.size() - 1));
  const auto content = read_all(folder.path());
  REQUIRE(content.damages.size() == 1);
  CHECK(content.damages[0].first_sequence == 10);
  CHECK(content.damages[0].last_sequence == 10);
  CHECK(content.frames.size() == 19);
}

TEST_CASE("two thousand flipped bits: each is told, and the other frames are served") {
  const TempFolder folder;
  write_frames(folder.path(), 40);
  const auto clean = read_all(folder.path());
  REQUIRE(clean.frames.size() == 40);
  const auto segments = journal_segments(folder.path());
  std::mt19937_64 random{7};
  for (int i = 0; i < 2'000; ++i) {
    const JournalSegment& segment = segments[random() % segments.size()];
    const uint64_t bit = random() % (segment.bytes * 8);
    test::flip_bit(segment.path, bit);
    const auto content = read_all(folder.path());
    test::flip_bit(segment.path, bit);
    CAPTURE(segment.number);
    CAPTURE(bit);
    CHECK((!content.damages.empty() || content.torn_bytes > 0));
    REQUIRE(content.frames.size() >= 39);
    for (const Frame& frame : content.frames)
      REQUIRE(frame == clean.frames[frame.sequence - 1]);
  }
}

// A sync of segment 1 failed and its last frame could not be cut off; its number is in segment 2
// again.
TEST_CASE("frames that stand again in a segment with a damaged header are read from there") {
  const TempFolder folder;
  write_frames(folder.path(), 10);
  const auto segments = journal_segments(folder.path());
  const auto clean = read_all(folder.path());
  const uint64_t again = *segments[1].first_sequence;
  const std::string first = read_text(segments[0].path);
  std::vector<std::byte> abandoned;
  append_frame(abandoned, again, draft(99));
  test::write_file(
      segments[0].path,
      first + std::string{reinterpret_cast<const char*>(abandoned.data()), abandoned.size()});
  CHECK(read_all(folder.path()).frames == clean.frames);
  test::flip_bit(segments[1].path, 276);
  const auto content = read_all(folder.path());
  CHECK(content.damages.size() == 1);
  CHECK(content.frames == clean.frames);
}

TEST_CASE("segments of a later version are refused with words") {
  const TempFolder folder;
  const auto path = segment_path(folder / "tape", hour(0), 1);
  std::filesystem::create_directories(path.parent_path());
  auto bytes = to_bytes(
      {.version = 2, .store_id = test::kStoreId, .first_sequence = 1, .created_at = hour(0)});
  std::string text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  test::write_file(path, text + std::string(50, 'x'));
  test::check_refused(ErrorCode::schema_newer, {"000001.tape", "version 2", "newer tapedeck"},
                      [&] { read_all(folder.path()); });
}

}  // namespace
}  // namespace tapedeck
