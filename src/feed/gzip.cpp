// A gzip file (RFC 1952):
//   file   := member+ zero*              (zeros pad to a tape's block, as gzip itself accepts)
//   member := 1f 8b 08 flags time:4 xfl os [extra] [name 00] [comment 00] [crc:2]
//             deflate crc32:4 size:4     (size modulo 2^32; all little-endian)
#include "base/crc32.hpp"
#include "feed/bytes.hpp"
#include "feed/inflate.hpp"
#include "feed/zip.hpp"
#include "tapedeck/base/error.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace tapedeck {
namespace {

constexpr size_t kHeaderBytes = 10;
constexpr size_t kTrailerBytes = 8;
constexpr uint8_t kHasHeaderCrc = 0x02;
constexpr uint8_t kHasExtra = 0x04;
constexpr uint8_t kHasName = 0x08;
constexpr uint8_t kHasComment = 0x10;

using Bytes = std::span<const std::byte>;

[[noreturn]] void refuse(const char* why) {
  throw Error{ErrorCode::bad_input, std::string{"gzip file: "} + why};
}

Bytes behind(Bytes bytes, size_t count) {
  if (count > bytes.size()) {
    refuse("a member's header ends early");
  }
  return bytes.subspan(count);
}

Bytes behind_zero(Bytes bytes) {
  const auto zero = std::ranges::find(bytes, std::byte{0});
  return behind(bytes, static_cast<size_t>(zero - bytes.begin()) + 1);
}

// The bytes behind a member's header.
Bytes behind_header(Bytes bytes) {
  if (bytes.size() < kHeaderBytes || load_u16(bytes, 0) != 0x8b1f) {
    refuse("no gzip member where one must begin");
  }
  if (bytes[2] != std::byte{8}) {
    refuse("a compression method other than deflate");
  }
  const auto flags = std::to_integer<uint8_t>(bytes[3]);
  bytes = bytes.subspan(kHeaderBytes);
  if ((flags & kHasExtra) != 0) {
    bytes = behind(bytes, bytes.size() < 2 ? 2 : size_t{2} + load_u16(bytes, 0));
  }
  if ((flags & kHasName) != 0) {
    bytes = behind_zero(bytes);
  }
  if ((flags & kHasComment) != 0) {
    bytes = behind_zero(bytes);
  }
  return (flags & kHasHeaderCrc) != 0 ? behind(bytes, 2) : bytes;
}

class GzipStream : public ByteStream {
 public:
  explicit GzipStream(Bytes bytes) : rest_{bytes}, guard_{bytes.size()} { begin_member(); }

  size_t read(std::span<char> out) override {
    while (member_) {
      const size_t count = member_->read(out);
      if (count > 0 || out.empty()) {
        guard_.count(count);
        crc_ = crc32_of(crc_, out.first(count));
        member_bytes_ += count;
        return count;
      }
      end_member();
    }
    return 0;
  }

 private:
  void begin_member() {
    rest_ = behind_header(rest_);
    member_.emplace(rest_);
    crc_ = 0;
    member_bytes_ = 0;
  }

  void end_member() {
    rest_ = rest_.subspan(member_->consumed());
    member_.reset();
    if (rest_.size() < kTrailerBytes) {
      refuse("ends early, in a member's trailer");
    }
    if (load_u32(rest_, 0) != crc_) {
      refuse("CRC of the content is wrong");
    }
    if (load_u32(rest_, 4) != static_cast<uint32_t>(member_bytes_)) {
      refuse("length of the content is wrong");
    }
    rest_ = rest_.subspan(kTrailerBytes);
    const bool padding = std::ranges::all_of(rest_, [](std::byte b) { return b == std::byte{0}; });
    if (!padding) {
      begin_member();
    }
  }

  Bytes rest_;  // from the open member's deflate stream on
  BombGuard guard_;
  std::optional<Inflater> member_;
  uint32_t crc_ = 0;
  uint64_t member_bytes_ = 0;
};

}  // namespace

std::unique_ptr<ByteStream> open_gzip(std::span<const std::byte> bytes) {
  return std::make_unique<GzipStream>(bytes);
}

}  // namespace tapedeck
