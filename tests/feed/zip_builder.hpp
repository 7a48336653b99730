// Archives made in memory: right ones, and ones that are wrong in one place.
#pragma once

#include "base/crc32.hpp"
#include "feed/zip.hpp"

#include <isa-l/igzip_lib.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

using ByteVector = std::vector<std::byte>;

inline ByteVector bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span{text.data(), text.size()});
  return {bytes.begin(), bytes.end()};
}

inline void append_number(ByteVector& out, uint64_t value, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    out.push_back(static_cast<std::byte>(value >> 8 * i));
  }
}

inline void append(ByteVector& out, std::span<const std::byte> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

// A deflate stream.
inline ByteVector deflated(std::string_view text) {
  std::string in{text};
  ByteVector out(in.size() + in.size() / 8 + 1024);
  // Level 1 makes code tables of its own, which a bomb needs: 1000 to 1 instead of 150 to 1.
  std::vector<uint8_t> tables(ISAL_DEF_LVL1_DEFAULT);
  isal_zstream stream;
  isal_deflate_stateless_init(&stream);
  stream.level = 1;
  stream.level_buf = tables.data();
  stream.level_buf_size = static_cast<uint32_t>(tables.size());
  stream.end_of_stream = 1;
  stream.flush = NO_FLUSH;
  stream.next_in = reinterpret_cast<uint8_t*>(in.data());
  stream.avail_in = static_cast<uint32_t>(in.size());
  stream.next_out = reinterpret_cast<uint8_t*>(out.data());
  stream.avail_out = static_cast<uint32_t>(out.size());
  isal_deflate_stateless(&stream);
  out.resize(stream.total_out);
  return out;
}

inline ByteVector gzipped(std::string_view text) {
  ByteVector out = bytes_of(std::string_view{"\x1f\x8b\x08\0\0\0\0\0\0\xff", 10});
  append(out, deflated(text));
  append_number(out, crc32_of(0, text), 4);
  append_number(out, text.size(), 4);
  return out;
}

// What the headers say of a member; absent fields say the truth.
struct MemberSpec {
  std::string name;
  std::string content;
  uint16_t method = 8;
  uint16_t flags = 0;
  std::optional<uint32_t> crc32 = {};
  std::optional<uint64_t> bytes = {};
  std::optional<uint64_t> compressed_bytes = {};
  std::optional<uint64_t> header_offset = {};
  bool zip64 = false;  // sizes and offset in the extra field
};

class ZipBuilder {
 public:
  ZipBuilder& add(const MemberSpec& spec) {
    const ByteVector body = spec.method == 8 ? deflated(spec.content) : bytes_of(spec.content);
    const uint64_t offset = spec.header_offset.value_or(archive_.size());
    const uint64_t compressed = spec.compressed_bytes.value_or(body.size());
    const uint64_t bytes = spec.bytes.value_or(spec.content.size());
    const uint32_t crc = spec.crc32.value_or(crc32_of(0, spec.content));
    append_number(archive_, 0x04034b50, 4);
    append_common(archive_, spec, crc, compressed, bytes);
    append_number(archive_, 0, 2);
    append(archive_, bytes_of(spec.name));
    append(archive_, body);

    append_number(directory_, 0x02014b50, 4);
    append_number(directory_, 20, 2);
    append_common(directory_, spec, crc, compressed, bytes);
    append_number(directory_, spec.zip64 ? 28 : 0, 2);
    append_number(directory_, 0, 2 + 2 + 2);  // comment, disk, attributes
    append_number(directory_, 0, 4);
    append_number(directory_, spec.zip64 ? 0xffffffff : offset, 4);
    append(directory_, bytes_of(spec.name));
    if (spec.zip64) {
      append_number(directory_, 1, 2);
      append_number(directory_, 24, 2);
      append_number(directory_, bytes, 8);
      append_number(directory_, compressed, 8);
      append_number(directory_, offset, 8);
    }
    ++entries_;
    return *this;
  }

  // The archive, with the end record's numbers as given or true.
  struct End {
    std::string comment = {};
    std::optional<uint64_t> entries = {};
    std::optional<uint64_t> offset = {};
    std::optional<uint64_t> bytes = {};
    uint16_t disk = 0;
    bool zip64 = false;
  };
  ByteVector build(const End& end) const {
    ByteVector out = archive_;
    const uint64_t offset = end.offset.value_or(out.size());
    const uint64_t bytes = end.bytes.value_or(directory_.size());
    const uint64_t entries = end.entries.value_or(entries_);
    append(out, directory_);
    if (end.zip64) append_zip64_end(out, entries, bytes, offset);
    append_number(out, 0x06054b50, 4);
    append_number(out, end.disk, 2);
    append_number(out, end.disk, 2);
    append_number(out, end.zip64 ? 0xffff : entries, 2);
    append_number(out, end.zip64 ? 0xffff : entries, 2);
    append_number(out, end.zip64 ? 0xffffffff : bytes, 4);
    append_number(out, end.zip64 ? 0xffffffff : offset, 4);
    append_number(out, end.comment.size(), 2);
    append(out, bytes_of(end.comment));
    return out;
  }
  ByteVector build() const { return build(End{}); }

 private:
  // From the version needed to the length of the name.
  static void append_common(ByteVector& out, const MemberSpec& spec, uint32_t crc,
                            uint64_t compressed, uint64_t bytes) {
    append_number(out, 20, 2);
    append_number(out, spec.flags, 2);
    append_number(out, spec.method, 2);
    append_number(out, 0, 4);
    append_number(out, crc, 4);
    append_number(out, spec.zip64 ? 0xffffffff : compressed, 4);
    append_number(out, spec.zip64 ? 0xffffffff : bytes, 4);
    append_number(out, spec.name.size(), 2);
  }

  static void append_zip64_end(ByteVector& out, uint64_t entries, uint64_t bytes, uint64_t offset) {
    const uint64_t record = out.size();
    append_number(out, 0x06064b50, 4);
    append_number(out, 44, 8);
    append_number(out, 45, 2);
    append_number(out, 45, 2);
    append_number(out, 0, 4);
    append_number(out, 0, 4);
    append_number(out, entries, 8);
    append_number(out, entries, 8);
    append_number(out, bytes, 8);
    append_number(out, offset, 8);
    append_number(out, 0x07064b50, 4);
    append_number(out, 0, 4);
    append_number(out, record, 8);
    append_number(out, 1, 4);
  }

  ByteVector archive_;
  ByteVector directory_;
  uint64_t entries_ = 0;
};

// All that `stream` gives, read in windows of `window` bytes.
inline std::string text_of(ByteStream& stream, size_t window) {
  std::string text;
  std::vector<char> buffer(window);
  while (const size_t count = stream.read(buffer)) {
    text.append(buffer.data(), count);
  }
  return text;
}

}  // namespace tapedeck
