#include "tape/journal.hpp"

#include "base/failing_file_system.hpp"
#include "tape/journal_fixture.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

#include <cerrno>

namespace tapedeck {
namespace {

using test::check_refused;
using test::draft;
using test::hour;
using test::numbers;
using test::open_journal;
using test::read_all;
using test::TempFolder;

TEST_CASE("what is written can be read, and goes on when it is opened again") {
  const TempFolder folder;
  {
    Journal journal = open_journal(folder.path());
    CHECK(journal.next_sequence() == 1);
    const auto positions = journal.write(std::vector{draft(1), draft(2)}, hour(0));
    REQUIRE(positions.size() == 2);
    CHECK(positions[1].sequence == 2);
    CHECK(positions[1].segment == 1);
    CHECK(positions[1].offset ==
          std::filesystem::file_size(journal_segments(folder.path())[0].path));
  }
  Journal journal = open_journal(folder.path());
  CHECK(journal.next_sequence() == 3);
  journal.write(std::vector{draft(3)}, hour(0));
  const auto content = read_all(folder.path());
  CHECK(content.sequences() == numbers(1, 3));
  CHECK(content.frames[2].payload == draft(3).payload);
  CHECK(journal_segments(folder.path()).size() == 1);
}

TEST_CASE("a segment ends with its size or its day, also when the clock jumps back") {
  const TempFolder folder;
  Journal journal = open_journal(folder.path(), {}, {.segment_bytes = 300});
  journal.write(std::vector{draft(1)}, hour(0));
  journal.write(std::vector{draft(2, 300)}, hour(0));
  journal.write(std::vector{draft(3)}, hour(0));
  journal.write(std::vector{draft(4)}, hour(24));
  journal.write(std::vector{draft(5)}, hour(-24));
  const auto segments = journal_segments(folder.path());
  REQUIRE(segments.size() == 4);
  CHECK(segments[1].first_sequence == 3);
  CHECK(segments[3].path.parent_path().filename() < segments[2].path.parent_path().filename());
  CHECK(read_all(folder.path()).sequences() == numbers(1, 5));
}

TEST_CASE("a torn end is cut off and kept; the next frame follows the last whole one") {
  const TempFolder folder;
  open_journal(folder.path()).write(std::vector{draft(1), draft(2)}, hour(0));
  const auto path = journal_segments(folder.path()).front().path;
  const std::string whole = read_text(path);
  test::write_file(path, whole + "half a frame");
  {
    Journal journal = open_journal(folder.path());
    CHECK(journal.torn_bytes() == 12);
    CHECK(journal.next_sequence() == 3);
    CHECK(read_text(path) == whole);
    CHECK(read_text(folder / "tape/damaged" /
                    ("000001-" + std::to_string(whole.size()) + ".bin")) == "half a frame");
    journal.write(std::vector{draft(3)}, hour(0));
  }
  const auto content = read_all(folder.path());
  CHECK(content.sequences() == numbers(1, 3));
  CHECK(content.damages.empty());
}

TEST_CASE("a segment of which only a part of the header was written is passed over") {
  const TempFolder folder;
  open_journal(folder.path()).write(std::vector{draft(1)}, hour(0));
  test::write_file(segment_path(folder / "tape", hour(0), 2), "TAPED");
  open_journal(folder.path()).write(std::vector{draft(2)}, hour(0));
  const auto content = read_all(folder.path());
  CHECK(content.sequences() == numbers(1, 2));
  CHECK(content.damages.empty());
}

TEST_CASE("sequences go on behind those the database has, whatever became of the journal") {
  const TempFolder folder;
  Journal journal = open_journal(folder.path(), {.sequence = 41, .segment = 3, .offset = 900});
  CHECK(journal.next_sequence() == 42);
  journal.write(std::vector{draft(1)}, hour(0));
  CHECK(read_all(folder.path()).sequences() == numbers(42, 42));
}

TEST_CASE("a journal of another store is refused") {
  const TempFolder folder;
  open_journal(folder.path()).write(std::vector{draft(1)}, hour(0));
  check_refused(
      ErrorCode::conflict, {"tape", "another store", test::kStoreId, "move it away"}, [&] {
        const Journal journal{folder.path(), "00000000-0000-0000-0000-000000000000", {}, {}};
      });
}

TEST_CASE("segments go when they are applied, old, and followed by enough") {
  const TempFolder folder;
  const JournalOptions options{.segment_bytes = 1, .keep_days = 7, .keep_bytes = 300};
  Journal journal = open_journal(folder.path(), {}, options);
  std::vector<JournalPosition> ends;
  for (int64_t day = 0; day < 10; ++day)
    ends.push_back(journal.write(std::vector{draft(day)}, hour(24 * day)).back());
  CHECK(journal.remove_old(ends[0], hour(24 * 30)) == 0);  // only what is applied
  CHECK(journal.remove_old(ends[9], hour(24 * 6)) == 0);   // not yet old
  CHECK(journal.remove_old(ends[9], hour(24 * 30)) == 7);  // the last 300 bytes stay
  CHECK(read_all(folder.path()).sequences() == numbers(8, 10));
}

// Writes up to 30 frames, 1 to 3 at once; returns how many were acknowledged, which are the first
// ones with their numbers.
struct Written {
  uint64_t acknowledged = 0;
  int failures = 0;
};

Written write_some(const std::filesystem::path& store, std::vector<Frame>& acknowledged) {
  Written written;
  std::optional<Journal> journal;
  for (int64_t n = 1; n <= 15; ++n) {
    try {
      if (!journal) journal.emplace(open_journal(store, {}, {.segment_bytes = 600}));
      std::vector<FrameDraft> drafts;
      for (int64_t i = 0; i <= n % 3; ++i)
        drafts.push_back(draft(100 * n + i));
      const auto positions = journal->write(drafts, hour(0));
      for (size_t i = 0; i < drafts.size(); ++i) {
        acknowledged.push_back({.sequence = positions[i].sequence,
                                .ts_recv = drafts[i].ts_recv,
                                .kind = drafts[i].kind,
                                .instrument = drafts[i].instrument,
                                .count = 1,
                                .payload = drafts[i].payload});
      }
    } catch (const Error&) {
      ++written.failures;
    }
  }
  return written;
}

void check_acknowledged(const std::filesystem::path& store, const std::vector<Frame>& expected) {
  open_journal(store);  // as when the store is opened again
  const auto content = read_all(store);
  CHECK(content.damages.empty());
  size_t found = 0;
  for (const Frame& frame : expected) {
    while (found < content.frames.size() && content.frames[found].sequence < frame.sequence)
      ++found;
    REQUIRE(found < content.frames.size());
    CHECK(content.frames[found] == frame);
  }
}

TEST_CASE("every call fails once: what was acknowledged is there, and nothing is damaged") {
  int64_t calls = 0;
  {
    const TempFolder folder;
    FailingFileSystem files{1};
    const FileSystemInUse in_use{files};
    std::vector<Frame> acknowledged;
    write_some(folder.path(), acknowledged);
    calls = files.calls();
    CHECK(acknowledged.size() == 30);
  }
  CHECK(calls > 40);
  for (const int error : {ENOSPC, EIO}) {
    for (int64_t index = 0; index < calls; ++index) {
      CAPTURE(index);
      const TempFolder folder;
      std::vector<Frame> acknowledged;
      {
        FailingFileSystem files{1};
        const FileSystemInUse in_use{files};
        files.fail_call(index, error);
        CHECK(write_some(folder.path(), acknowledged).failures >= 0);
      }
      CHECK(acknowledged.size() >= 24);
      check_acknowledged(folder.path(), acknowledged);
    }
  }
}

TEST_CASE("the power goes at every call: what was acknowledged is there") {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    for (int64_t index = 0; index < 60; ++index) {
      CAPTURE(seed);
      CAPTURE(index);
      const TempFolder folder;
      std::vector<Frame> acknowledged;
      {
        FailingFileSystem files{seed};
        const FileSystemInUse in_use{files};
        files.cut_power_at(index);
        write_some(folder.path(), acknowledged);
        files.cut_power();
      }
      check_acknowledged(folder.path(), acknowledged);
    }
  }
}

TEST_CASE("without its syncs the journal loses what it acknowledged") {
  int lost = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const TempFolder folder;
    std::vector<Frame> acknowledged;
    {
      FailingFileSystem files{seed};
      files.set_syncs(false);
      const FileSystemInUse in_use{files};
      write_some(folder.path(), acknowledged);
      files.cut_power();
    }
    lost += read_all(folder.path()).frames.size() < acknowledged.size() ? 1 : 0;
  }
  CHECK(lost > 0);
}

}  // namespace
}  // namespace tapedeck
