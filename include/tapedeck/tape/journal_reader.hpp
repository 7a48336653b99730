// JournalReader: what was written into a store, in the order in which it was acknowledged. Reads
// the files of `tape/` only, so it works beside a process that writes, and on a store whose
// database is damaged.
#pragma once

#include "tapedeck/base/error.hpp"
#include "tapedeck/tape/frame.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tapedeck {

// Behind a frame.
struct JournalPosition {
  uint64_t sequence = 0;  // of that frame; 0: before the first
  uint64_t segment = 0;   // number of its file
  uint64_t offset = 0;    // in that file
  bool operator==(const JournalPosition&) const = default;
};

// Bytes that should be frames and are not, or a file that is gone. Reading goes on behind it.
struct JournalDamage {
  std::filesystem::path segment;
  uint64_t begin = 0;  // offsets in the file
  uint64_t end = 0;
  std::optional<uint64_t> first_sequence = {};  // of the frames that are lost, where known
  std::optional<uint64_t> last_sequence = {};
  std::string reason;  // e.g. "bytes 340 to 511 are no frame"
};

using JournalItem = std::variant<Frame, JournalDamage>;

class JournalReader {
 public:
  // `store` is the store's folder, or that of its journal. Begins with the first frame behind
  // `after`. Errors: io; schema_newer for segments of a later version.
  explicit JournalReader(const std::filesystem::path& store, JournalPosition after = {});
  ~JournalReader();
  JournalReader(JournalReader&&) noexcept;
  JournalReader& operator=(JournalReader&&) noexcept;

  // Passes over frames below this sequence, or received before this time.
  void skip_to_sequence(uint64_t sequence);
  void skip_to_time(Timestamp ts_recv);

  // nullopt at the present end; ask again to follow what is being written.
  std::optional<JournalItem> next();

  // Behind what was handed out last.
  JournalPosition position() const;
  // Bytes behind the last good frame of the last segment: a frame that is being written, or one
  // that a crash has torn.
  uint64_t torn_bytes() const;
  // Of the segments read so far; nullopt while there is none.
  std::optional<std::string> store_id() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// One line a segment, for listings.
struct JournalSegment {
  uint64_t number = 0;
  std::filesystem::path path;
  uint64_t bytes = 0;
  std::optional<Timestamp> created_at = {};  // nullopt where the header is damaged
  std::optional<uint64_t> first_sequence = {};
  std::optional<std::string> store_id = {};
};
std::vector<JournalSegment> journal_segments(const std::filesystem::path& store);

}  // namespace tapedeck
