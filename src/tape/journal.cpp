#include "tape/journal.hpp"

#include "base/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace tapedeck {

Journal::Journal(const std::filesystem::path& store, std::string store_id, JournalPosition applied,
                 const JournalOptions& options)
    : files_{file_system()},
      store_{store},
      folder_{store / "tape"},
      store_id_{std::move(store_id)},
      options_{options} {
  find_end(applied);
}

void Journal::find_end(JournalPosition applied) {
  for (const JournalSegment& segment : journal_segments(folder_)) {
    if (!segment.store_id || *segment.store_id == store_id_) continue;
    throw Error{ErrorCode::conflict,
                fmt::format("the journal in '{}' belongs to another store ({} instead of {}); move "
                            "it away, or put back the store.duckdb it belongs to",
                            segment.path.string(), *segment.store_id, store_id_)};
  }
  JournalReader reader{folder_, applied};
  while (reader.next()) {
  }
  const JournalPosition end = reader.position();
  next_sequence_ = std::max(end.sequence, applied.sequence) + 1;
  // Behind the segment that the database knows of, even when that one is gone.
  number_ = applied.segment;
  const std::vector<SegmentFile> segments = segments_in(folder_);
  if (segments.empty()) return;
  const SegmentFile& last = segments.back();
  number_ = std::max(number_, last.number);
  const MappedFile file = files_.map(last.path);
  const std::optional<SegmentHeader> header = read_segment_header(file.bytes());
  if (!header || number_ != last.number) return;
  // Where the last segment cannot be gone on with, the next write begins another.
  const uint64_t size = file.bytes().size();
  if (end.segment == last.number && end.sequence + 1 == next_sequence_ && end.offset <= size) {
    cut_tail(last, end.offset, size);
    day_ = header->created_at;
  } else if (end.segment < last.number && header->first_sequence == next_sequence_) {
    cut_tail(last, kSegmentHeaderBytes, size);
    day_ = header->created_at;
  }
}

void Journal::cut_tail(const SegmentFile& segment, uint64_t good_end, uint64_t size) {
  if (size > good_end) {
    torn_bytes_ = size - good_end;
    const std::filesystem::path folder = folder_ / "damaged";
    files_.make_folder(folder);
    const MappedFile file = files_.map(segment.path);
    const std::filesystem::path kept =
        folder / fmt::format("{:06}-{}.bin", segment.number, good_end);
    const auto copy = files_.open_append(kept);
    copy->truncate(0);
    copy->append(file.bytes().subspan(good_end));
    copy->sync();
    files_.sync_folder(folder);
    log::warn("journal: {} bytes behind the last whole frame of '{}' were cut off and are in '{}'",
              torn_bytes_, segment.path.string(), kept.string());
  }
  segment_ = files_.open_append(segment.path);
  if (size > good_end) segment_->truncate(good_end);
  // What a killed process wrote may still wait in the system's memory.
  segment_->sync();
  good_end_ = good_end;
}

bool Journal::rotates(Timestamp now) const {
  return !segment_ || good_end_ >= options_.segment_bytes || day_of(now) != day_of(day_);
}

bool Journal::is_described(InstrumentId instrument) const {
  return std::ranges::find(described_, instrument) != described_.end();
}

void Journal::begin_segment(Timestamp now) {
  segment_.reset();
  described_.clear();
  files_.make_folder(folder_);
  files_.sync_folder(store_);
  // Counted before it is made: one that failed on the way is not used again.
  const std::filesystem::path path = segment_path(folder_, now, ++number_);
  files_.make_folder(path.parent_path());
  files_.sync_folder(folder_);
  auto segment = files_.open_append(path);
  if (segment->size() > 0) segment->truncate(0);
  segment->append(
      to_bytes({.store_id = store_id_, .first_sequence = next_sequence_, .created_at = now}));
  segment->sync();
  files_.sync_folder(path.parent_path());
  segment_ = std::move(segment);
  day_ = now;
  good_end_ = kSegmentHeaderBytes;
}

// Whether bytes whose sync failed are on disk nobody knows. They are cut off, and where even that
// fails, readers pass over them since the next segment begins with their numbers.
void Journal::abandon_segment() {
  try {
    segment_->truncate(good_end_);
  } catch (const Error& error) {
    log::warn("journal: {}", error.what());
  }
  segment_.reset();
}

void Journal::note_described(std::span<const FrameDraft> drafts) {
  for (const FrameDraft& draft : drafts) {
    if (draft.kind == FrameKind::instrument) described_.push_back(draft.instrument);
  }
}

std::vector<JournalPosition> Journal::write(std::span<const FrameDraft> drafts, Timestamp now) {
  if (rotates(now)) begin_segment(now);
  buffer_.clear();
  std::vector<JournalPosition> positions;
  uint64_t sequence = next_sequence_;
  for (const FrameDraft& draft : drafts) {
    append_frame(buffer_, sequence, draft);
    positions.push_back({sequence++, number_, good_end_ + buffer_.size()});
  }
  try {
    segment_->append(buffer_);
    segment_->sync();
  } catch (...) {
    abandon_segment();
    throw;
  }
  good_end_ += buffer_.size();
  next_sequence_ = sequence;
  note_described(drafts);
  return positions;
}

size_t Journal::remove_old(JournalPosition applied, Timestamp now) {
  const Timestamp limit = now - std::chrono::days{options_.keep_days};
  const std::vector<JournalSegment> segments = journal_segments(folder_);
  uint64_t later_bytes = 0;
  for (const JournalSegment& segment : segments)
    later_bytes += segment.bytes;
  size_t removed = 0;
  for (size_t i = 0; i + 1 < segments.size(); ++i) {
    later_bytes -= segments[i].bytes;
    // Its last frame is older than the first of the next one.
    const bool is_old = segments[i + 1].created_at && *segments[i + 1].created_at < limit;
    if (segments[i].number >= applied.segment || !is_old || later_bytes < options_.keep_bytes)
      break;
    files_.remove(segments[i].path);
    files_.sync_folder(segments[i].path.parent_path());
    ++removed;
  }
  return removed;
}

}  // namespace tapedeck
