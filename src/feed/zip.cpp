// What is read of an archive, from its end (APPNOTE section in brackets):
//   end of central directory [4.3.16], zip64 end of central directory by its locator [4.3.14,
//   4.3.15], directory entries [4.3.12] with the zip64 extra field [4.5.3], a member's local
//   header [4.3.7] for the length of its own name and extra field. Spanned archives are refused.
#include "feed/zip.hpp"

#include "base/crc32.hpp"
#include "feed/bytes.hpp"
#include "feed/inflate.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace tapedeck {
namespace {

using Bytes = std::span<const std::byte>;

constexpr uint32_t kEndSignature = 0x06054b50;
constexpr uint32_t kZip64EndSignature = 0x06064b50;
constexpr uint32_t kZip64LocatorSignature = 0x07064b50;
constexpr uint32_t kEntrySignature = 0x02014b50;
constexpr uint32_t kLocalSignature = 0x04034b50;
constexpr size_t kEndBytes = 22;
constexpr size_t kZip64EndBytes = 56;
constexpr size_t kZip64LocatorBytes = 20;
constexpr size_t kEntryBytes = 46;
constexpr size_t kLocalBytes = 30;
constexpr size_t kMaxCommentBytes = 0xffff;
constexpr uint16_t kZip64Extra = 0x0001;
constexpr uint16_t kSaturated16 = 0xffff;
constexpr uint32_t kSaturated32 = 0xffffffff;
constexpr uint16_t kEncryptedFlag = 0x0001;
constexpr uint16_t kStored = 0;
constexpr uint16_t kDeflate = 8;

[[noreturn]] void refuse(const std::string& why) {
  throw Error{ErrorCode::bad_input, "zip archive: " + why};
}

// True when [offset, offset + count) lies within `bytes`; cannot overflow.
bool lies_within(Bytes bytes, uint64_t offset, uint64_t count) {
  return offset <= bytes.size() && count <= bytes.size() - offset;
}

struct Directory {
  uint64_t entries = 0;
  uint64_t offset = 0;
  uint64_t bytes = 0;
};

// The comment must end where the archive ends, so no signature inside of it can mislead.
size_t find_end_record(Bytes archive) {
  if (archive.size() < kEndBytes) {
    refuse("too short to be one");
  }
  const size_t last = archive.size() - kEndBytes;
  const size_t first = last - std::min(last, kMaxCommentBytes);
  for (size_t offset = last + 1; offset-- > first;) {
    if (load_u32(archive, offset) == kEndSignature &&
        offset + kEndBytes + load_u16(archive, offset + 20) == archive.size()) {
      return offset;
    }
  }
  refuse("no end of central directory; truncated?");
}

std::optional<Directory> zip64_directory(Bytes archive, size_t end_record) {
  if (end_record < kZip64LocatorBytes) {
    return std::nullopt;
  }
  const size_t locator = end_record - kZip64LocatorBytes;
  if (load_u32(archive, locator) != kZip64LocatorSignature) {
    return std::nullopt;
  }
  const uint64_t record = load_u64(archive, locator + 8);
  if (!lies_within(archive.first(locator), record, kZip64EndBytes) ||
      load_u32(archive, record) != kZip64EndSignature) {
    refuse("its zip64 locator points to no zip64 end of central directory");
  }
  return Directory{.entries = load_u64(archive, record + 32),
                   .offset = load_u64(archive, record + 48),
                   .bytes = load_u64(archive, record + 40)};
}

Directory find_directory(Bytes archive) {
  const size_t end = find_end_record(archive);
  Directory directory{.entries = load_u16(archive, end + 10),
                      .offset = load_u32(archive, end + 16),
                      .bytes = load_u32(archive, end + 12)};
  const uint16_t disk = load_u16(archive, end + 4);
  if (disk != 0 && disk != kSaturated16) {
    refuse("spans several disks");
  }
  if (directory.entries == kSaturated16 || directory.offset == kSaturated32 ||
      directory.bytes == kSaturated32) {
    directory = zip64_directory(archive, end).value_or(directory);
  }
  if (!lies_within(archive.first(end), directory.offset, directory.bytes)) {
    refuse(fmt::format("its directory ({} bytes at {}) lies outside of it", directory.bytes,
                       directory.offset));
  }
  return directory;
}

// Replaces the numbers that do not fit 32 bits by those of the zip64 field, which holds only
// these, in this order.
void read_zip64(Bytes extra, ZipMember& member) {
  while (extra.size() >= 4) {
    const uint16_t id = load_u16(extra, 0);
    const size_t count = load_u16(extra, 2);
    if (count > extra.size() - 4) {
      return;
    }
    Bytes field = extra.subspan(4, count);
    extra = extra.subspan(4 + count);
    if (id != kZip64Extra) {
      continue;
    }
    for (uint64_t* number : {&member.bytes, &member.compressed_bytes, &member.header_offset}) {
      if (*number == kSaturated32 && field.size() >= 8) {
        *number = load_u64(field, 0);
        field = field.subspan(8);
      }
    }
    return;
  }
}

std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Reads the entry at the front of `entries` and leaves the rest.
ZipMember take_entry(Bytes& entries) {
  if (entries.size() < kEntryBytes || load_u32(entries, 0) != kEntrySignature) {
    refuse("its directory has fewer entries than it says");
  }
  const size_t name_bytes = load_u16(entries, 28);
  const size_t extra_bytes = load_u16(entries, 30);
  const size_t comment_bytes = load_u16(entries, 32);
  if (!lies_within(entries, kEntryBytes, name_bytes + extra_bytes + comment_bytes)) {
    refuse("a directory entry ends outside of the directory");
  }
  ZipMember member{.name = text_of(entries.subspan(kEntryBytes, name_bytes)),
                   .method = load_u16(entries, 10),
                   .encrypted = (load_u16(entries, 8) & kEncryptedFlag) != 0,
                   .crc32 = load_u32(entries, 16),
                   .compressed_bytes = load_u32(entries, 20),
                   .bytes = load_u32(entries, 24),
                   .header_offset = load_u32(entries, 42)};
  read_zip64(entries.subspan(kEntryBytes + name_bytes, extra_bytes), member);
  entries = entries.subspan(kEntryBytes + name_bytes + extra_bytes + comment_bytes);
  return member;
}

// Members that share bytes make a small archive a huge one (D. Fifield, "A better zip bomb", 2019).
void check_no_overlap(const std::vector<ZipMember>& members) {
  std::vector<std::pair<uint64_t, uint64_t>> extents;
  extents.reserve(members.size());
  for (const ZipMember& member : members) {
    extents.emplace_back(member.header_offset, kLocalBytes + member.compressed_bytes);
  }
  std::ranges::sort(extents);
  for (size_t i = 1; i < extents.size(); ++i) {
    if (extents[i].first - extents[i - 1].first < extents[i - 1].second) {
      refuse("its members overlap");
    }
  }
}

// The compressed bytes of `member`.
Bytes content_of(Bytes archive, const ZipMember& member) {
  const uint64_t header = member.header_offset;
  if (!lies_within(archive, header, kLocalBytes) || load_u32(archive, header) != kLocalSignature) {
    refuse(fmt::format("no local header of '{}' at {}", member.name, header));
  }
  const uint64_t begin = header + kLocalBytes + load_u16(archive, header + 26) +
                         uint64_t{load_u16(archive, header + 28)};
  if (!lies_within(archive, begin, member.compressed_bytes)) {
    refuse(fmt::format("'{}' ends outside of it", member.name));
  }
  return archive.subspan(begin, member.compressed_bytes);
}

class PlainStream : public ByteStream {
 public:
  explicit PlainStream(Bytes bytes) : rest_{bytes} {}

  size_t read(std::span<char> out) override {
    const size_t count = std::min(out.size(), rest_.size());
    if (count > 0) {
      std::memcpy(out.data(), rest_.data(), count);
    }
    rest_ = rest_.subspan(count);
    return count;
  }

 private:
  Bytes rest_;
};

class DeflateStream : public ByteStream {
 public:
  explicit DeflateStream(Bytes compressed)
      : inflater_{compressed}, compressed_bytes_{compressed.size()} {}

  size_t read(std::span<char> out) override {
    const size_t count = inflater_.read(out);
    if (count == 0 && !out.empty() && inflater_.consumed() != compressed_bytes_) {
      throw Error{ErrorCode::bad_input, "deflate stream ends before its compressed bytes do"};
    }
    return count;
  }

 private:
  Inflater inflater_;
  size_t compressed_bytes_;
};

// Compares what a member gives out with what the directory says of it.
class CheckedStream : public ByteStream {
 public:
  CheckedStream(std::unique_ptr<ByteStream> content, const ZipMember& member)
      : content_{std::move(content)}, member_{member}, guard_{member.compressed_bytes} {}

  size_t read(std::span<char> out) override {
    const size_t count = content_->read(out);
    guard_.count(count);
    crc_ = crc32_of(crc_, out.first(count));
    if (guard_.total() > member_.bytes) {
      refuse(fmt::format("'{}' grows beyond its {} bytes", member_.name, member_.bytes));
    }
    if (count == 0 && !out.empty()) {
      check_end();
    }
    return count;
  }

 private:
  void check_end() const {
    if (guard_.total() != member_.bytes) {
      refuse(
          fmt::format("'{}' has {} of its {} bytes", member_.name, guard_.total(), member_.bytes));
    }
    if (crc_ != member_.crc32) {
      refuse(fmt::format("CRC of '{}' is wrong", member_.name));
    }
  }

  std::unique_ptr<ByteStream> content_;
  ZipMember member_;
  BombGuard guard_;
  uint32_t crc_ = 0;
};

}  // namespace

std::vector<ZipMember> zip_members(std::span<const std::byte> archive) {
  const Directory directory = find_directory(archive);
  Bytes entries = archive.subspan(directory.offset, directory.bytes);
  std::vector<ZipMember> members;
  for (uint64_t i = 0; i < directory.entries; ++i) {
    ZipMember member = take_entry(entries);
    if (!lies_within(archive.first(directory.offset), member.header_offset, kLocalBytes) ||
        !lies_within(archive, member.header_offset, member.compressed_bytes)) {
      refuse(fmt::format("its directory puts '{}' outside of it", member.name));
    }
    if (!member.name.ends_with('/')) {
      members.push_back(std::move(member));
    }
  }
  check_no_overlap(members);
  return members;
}

std::unique_ptr<ByteStream> open_zip_member(std::span<const std::byte> archive,
                                            const ZipMember& member) {
  if (member.encrypted) {
    refuse(fmt::format("'{}' is encrypted", member.name));
  }
  if (member.method != kStored && member.method != kDeflate) {
    refuse(fmt::format("'{}' has compression method {}; stored and deflate are known", member.name,
                       member.method));
  }
  const Bytes content = content_of(archive, member);
  auto stream = member.method == kStored
                    ? open_plain(content)
                    : std::unique_ptr<ByteStream>{std::make_unique<DeflateStream>(content)};
  return std::make_unique<CheckedStream>(std::move(stream), member);
}

std::unique_ptr<ByteStream> open_plain(std::span<const std::byte> bytes) {
  return std::make_unique<PlainStream>(bytes);
}

}  // namespace tapedeck
