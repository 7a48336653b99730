// Journal: the end of a store's journal, where frames are written. One thread at a time.
#pragma once

#include "base/file_system.hpp"
#include "tape/segment.hpp"
#include "tapedeck/tape/journal_reader.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace tapedeck {

struct JournalOptions {
  uint64_t segment_bytes = uint64_t{64} << 20;
  // Segments that are applied go when they are older than this and the later ones hold more than
  // that.
  int keep_days = 7;
  uint64_t keep_bytes = uint64_t{4} << 30;
};

class Journal {
 public:
  // `applied` is behind the last frame that the database has; what lies behind it is read to find
  // the end, and what a crash has torn there is cut off and kept in tape/damaged/. Errors: io,
  // disk_full; conflict when the journal is another store's.
  Journal(const std::filesystem::path& store, std::string store_id, JournalPosition applied,
          const JournalOptions& options);

  // On disk when it returns; otherwise it throws and none of the frames counts. Returns the
  // position behind each. Errors: disk_full, io.
  std::vector<JournalPosition> write(std::span<const FrameDraft> drafts, Timestamp now);

  uint64_t next_sequence() const { return next_sequence_; }
  // Bytes of the frames that a crash had torn; they were never acknowledged.
  uint64_t torn_bytes() const { return torn_bytes_; }
  // Frames have been written since the segment began, for which an instrument is to be described.
  bool is_described(InstrumentId instrument) const;
  // A write goes into a new segment: nothing is described yet.
  bool rotates(Timestamp now) const;

  // Removes segments that are applied and not to be kept. Returns how many.
  size_t remove_old(JournalPosition applied, Timestamp now);

 private:
  void find_end(JournalPosition applied);
  void cut_tail(const SegmentFile& segment, uint64_t good_end, uint64_t size);
  void begin_segment(Timestamp now);
  void abandon_segment();
  void note_described(std::span<const FrameDraft> drafts);

  // Constant after construction
  FileSystem& files_;
  std::filesystem::path store_;
  std::filesystem::path folder_;
  std::string store_id_;
  JournalOptions options_;

  uint64_t next_sequence_ = 1;
  uint64_t number_ = 0;                  // of the newest segment
  Timestamp day_;                        // of the current one
  std::unique_ptr<AppendFile> segment_;  // null: the next write begins one
  uint64_t good_end_ = 0;
  uint64_t torn_bytes_ = 0;
  std::vector<std::byte> buffer_;
  std::vector<InstrumentId> described_;  // in this segment
};

}  // namespace tapedeck
