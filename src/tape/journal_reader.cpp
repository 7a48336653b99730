#include "tapedeck/tape/journal_reader.hpp"

#include "base/file.hpp"
#include "base/file_system.hpp"
#include "tape/segment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

namespace tapedeck {
namespace {

std::filesystem::path tape_folder_of(const std::filesystem::path& store) {
  return store.filename() == "tape" ? store : store / "tape";
}

// A crash while it was made leaves less than a header.
bool is_stillborn(std::span<const std::byte> bytes) {
  return bytes.size() <= kSegmentHeaderBytes && !read_segment_header(bytes);
}

}  // namespace

class JournalReader::Impl {
 public:
  Impl(const std::filesystem::path& store, JournalPosition after)
      : folder_{tape_folder_of(store)},
        start_{after.sequence},
        position_{after},
        resume_{after.offset > 0} {
    find_segments();
    std::erase_if(waiting_, [&](const SegmentFile& file) { return file.number < after.segment; });
  }

  std::optional<JournalItem> next() {
    for (;;) {
      std::optional<JournalItem> item = next_of_any();
      if (!item) return std::nullopt;
      const Frame* const frame = std::get_if<Frame>(&*item);
      if (frame == nullptr || (frame->sequence >= from_sequence && frame->ts_recv >= from_time)) {
        return item;
      }
    }
  }

  JournalPosition position() const { return position_; }
  uint64_t torn_bytes() const { return torn_; }
  std::optional<std::string> store_id() const { return store_id_; }

  uint64_t from_sequence = 0;
  Timestamp from_time = Timestamp::min();

 private:
  struct Open {
    SegmentFile segment;
    MappedFile file;
    SegmentScan scan;
    // Frames from here on stand in the next segment again: a sync of this one had failed.
    std::optional<uint64_t> limit;
  };

  // Segments behind the newest one known.
  void find_segments() {
    for (SegmentFile& file : segments_in(folder_)) {
      if (newest_ && file.number <= *newest_) continue;
      newest_ = file.number;
      waiting_.push_back(std::move(file));
    }
  }

  std::optional<JournalItem> next_of_any() {
    for (;;) {
      if (!open_) {
        if (!open_next()) return std::nullopt;
        if (missing_) return *std::exchange(missing_, std::nullopt);
        if (!open_) continue;
      }
      const uint64_t begin = open_->scan.offset();
      const std::optional<uint64_t> before = open_->scan.last_sequence();
      std::optional<std::variant<Frame, Damage>> item = open_->scan.next();
      if (item && std::holds_alternative<Frame>(*item)) {
        Frame& frame = std::get<Frame>(*item);
        if (open_->limit && frame.sequence >= *open_->limit) {
          open_.reset();
          continue;
        }
        if (frame.sequence <= start_) continue;
        position_ = {frame.sequence, open_->segment.number, open_->scan.offset()};
        return std::move(frame);
      }
      if (item && std::get<Damage>(*item).last_sequence) {
        if (*std::get<Damage>(*item).last_sequence <= start_) continue;
        return take_damage(std::get<Damage>(*item));
      }
      // The end of what is there, or bytes that may become a frame.
      if (grow(begin, before)) continue;
      find_segments();
      torn_ = item ? std::get<Damage>(*item).end - begin : 0;
      if (item && !before) {  // behind a damaged header nothing is a frame: nobody writes there
        position_.offset = open_->file.bytes().size();
        open_.reset();
        torn_ = 0;
        continue;
      }
      if (waiting_.empty()) {
        open_->scan = SegmentScan{open_->file.bytes(), begin, before};
        return std::nullopt;
      }
      // If those bytes were acknowledged frames, the next segment begins behind them.
      open_.reset();
    }
  }

  JournalItem take_damage(const Damage& found) {
    JournalDamage damage{
        .segment = open_->segment.path,
        .begin = found.begin,
        .end = found.end,
        .first_sequence = found.first_sequence,
        .last_sequence = found.last_sequence,
        .reason = found.begin == found.end
                      ? "a frame is missing"
                      : fmt::format("bytes {} to {} are no frame", found.begin, found.end - 1)};
    position_ = {*found.last_sequence, open_->segment.number, found.end};
    return damage;
  }

  bool open_next() {
    find_segments();
    while (!waiting_.empty()) {
      MappedFile file = file_system().map(waiting_.front().path);
      if (!is_stillborn(file.bytes())) {
        begin_segment(std::move(file));
        return true;
      }
      if (waiting_.size() == 1) {  // it may be in the making
        torn_ = file.bytes().size();
        return false;
      }
      waiting_.erase(waiting_.begin());
    }
    return false;
  }

  void begin_segment(MappedFile file) {
    const SegmentFile segment = waiting_.front();
    waiting_.erase(waiting_.begin());
    const std::optional<SegmentHeader> header = read_segment_header(file.bytes());
    if (header && header->version > kJournalVersion) {
      throw Error{ErrorCode::schema_newer,
                  fmt::format("the journal segment '{}' has version {}, this tapedeck knows up to "
                              "{}; use a newer tapedeck",
                              segment.path.string(), header->version, kJournalVersion)};
    }
    if (header && !store_id_) store_id_ = header->store_id;
    uint64_t offset = kSegmentHeaderBytes;
    std::optional<uint64_t> last;
    if (header) last = header->first_sequence - 1;
    const bool is_start = std::exchange(resume_, false) && segment.number == position_.segment;
    // Another file may have taken the place of the one that the position is in.
    if (is_start && position_.offset <= file.bytes().size() && header &&
        header->first_sequence <= position_.sequence + 1) {
      offset = position_.offset;
      last = position_.sequence;
    } else if (is_start && header && header->first_sequence <= position_.sequence + 1) {
      // Shorter than it was: what is left of it lies before the position.
    } else if (header && is_foreign(*header)) {
      missing_ = JournalDamage{.segment = segment.path,
                               .begin = 0,
                               .end = file.bytes().size(),
                               .reason = "it belongs to another store"};
      position_ = {position_.sequence, segment.number, file.bytes().size()};
      return;
    } else if (!header) {
      missing_ = JournalDamage{.segment = segment.path,
                               .begin = 0,
                               .end = kSegmentHeaderBytes,
                               .reason = "its header is damaged"};
      position_ = {position_.sequence, segment.number, offset};
    } else if (position_.sequence > 0 && *last > position_.sequence) {
      missing_ = JournalDamage{.segment = segment.path,
                               .first_sequence = position_.sequence + 1,
                               .last_sequence = last,
                               .reason = segment.number > position_.segment + 1
                                             ? "a segment before it is missing"
                                             : "frames before it are missing"};
      position_ = {*last, segment.number, offset};
    }
    SegmentScan scan{file.bytes(), offset, last};
    open_.emplace(Open{segment, std::move(file), scan, limit()});
  }

  std::optional<uint64_t> limit() const {
    for (const SegmentFile& later : waiting_) {
      const MappedFile file = file_system().map(later.path);
      const auto header = read_segment_header(file.bytes());
      if (header && !is_foreign(*header)) return header->first_sequence;
      if (header || file.bytes().size() <= kSegmentHeaderBytes) continue;
      // Its header is damaged: its first frame says it too.
      const auto first = SegmentScan{file.bytes(), kSegmentHeaderBytes, std::nullopt}.next();
      if (first && std::holds_alternative<Frame>(*first)) return std::get<Frame>(*first).sequence;
    }
    return std::nullopt;
  }

  bool is_foreign(const SegmentHeader& header) const {
    return store_id_ && header.store_id != *store_id_;
  }

  // The segment may have become longer since it was mapped.
  bool grow(uint64_t offset, std::optional<uint64_t> last) {
    MappedFile file = file_system().map(open_->segment.path);
    if (file.bytes().size() <= open_->file.bytes().size()) return false;
    const SegmentScan scan{file.bytes(), offset, last};
    open_.emplace(Open{open_->segment, std::move(file), scan, open_->limit});
    return true;
  }

  // Constant after construction
  std::filesystem::path folder_;
  uint64_t start_;  // frames up to this one are not wanted

  JournalPosition position_;
  bool resume_;                       // the first segment is read from position_ on
  std::vector<SegmentFile> waiting_;  // not yet opened
  std::optional<uint64_t> newest_;
  std::optional<Open> open_;
  std::optional<JournalDamage> missing_;  // before the segment that was just opened
  std::optional<std::string> store_id_;
  uint64_t torn_ = 0;
};

JournalReader::JournalReader(const std::filesystem::path& store, JournalPosition after)
    : impl_{std::make_unique<Impl>(store, after)} {}
JournalReader::~JournalReader() = default;
JournalReader::JournalReader(JournalReader&&) noexcept = default;
JournalReader& JournalReader::operator=(JournalReader&&) noexcept = default;

void JournalReader::skip_to_sequence(uint64_t sequence) {
  impl_->from_sequence = sequence;
}
void JournalReader::skip_to_time(Timestamp ts_recv) {
  impl_->from_time = ts_recv;
}
std::optional<JournalItem> JournalReader::next() {
  return impl_->next();
}
JournalPosition JournalReader::position() const {
  return impl_->position();
}
uint64_t JournalReader::torn_bytes() const {
  return impl_->torn_bytes();
}
std::optional<std::string> JournalReader::store_id() const {
  return impl_->store_id();
}

std::vector<JournalSegment> journal_segments(const std::filesystem::path& store) {
  std::vector<JournalSegment> result;
  for (const SegmentFile& segment : segments_in(tape_folder_of(store))) {
    const MappedFile file{segment.path};
    JournalSegment row{
        .number = segment.number, .path = segment.path, .bytes = file.bytes().size()};
    if (const auto header = read_segment_header(file.bytes())) {
      row.created_at = header->created_at;
      row.first_sequence = header->first_sequence;
      row.store_id = header->store_id;
    }
    result.push_back(std::move(row));
  }
  return result;
}

}  // namespace tapedeck
