// The zip container: stored and deflate members, zip64, several members, over bytes in memory
// (a mapped file). Source: PKWARE APPNOTE 6.3.10, sections 4.3–4.5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace tapedeck {

struct ZipMember {
  std::string name;
  uint16_t method = 0;  // 0 stored, 8 deflate; others are refused when opened
  bool encrypted = false;
  uint32_t crc32 = 0;
  uint64_t compressed_bytes = 0;
  uint64_t bytes = 0;
  uint64_t header_offset = 0;  // of the local header
};

// The central directory, folders left out. Throws Error{bad_input} when there is none or it points
// outside of `archive`.
std::vector<ZipMember> zip_members(std::span<const std::byte> archive);

// A stream of decompressed bytes.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // Fills the front of `out`; 0 at the end. Throws Error{bad_input} on a damaged or truncated
  // stream, on a wrong CRC or length (found when the end is reached), and on a bomb.
  virtual size_t read(std::span<char> out) = 0;
};

// `archive` must outlive the stream. Refuses encrypted members and other methods with
// Error{bad_input}; a member that grows beyond its declared size, or beyond 200 times its
// compressed size after the first 16 MiB, is a bomb.
std::unique_ptr<ByteStream> open_zip_member(std::span<const std::byte> archive,
                                            const ZipMember& member);

// A gzip file (RFC 1952), several members joined. `bytes` must outlive the stream.
std::unique_ptr<ByteStream> open_gzip(std::span<const std::byte> bytes);

// The bytes as they are.
std::unique_ptr<ByteStream> open_plain(std::span<const std::byte> bytes);

}  // namespace tapedeck
