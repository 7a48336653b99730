// Deflate (RFC 1951) over bytes in memory, given out in windows of the caller's choice. 256 KiB to
// 1 MiB a call keeps the window in the cache and the cost of a call small.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace tapedeck {

class Inflater {
 public:
  // `compressed` must outlive the inflater; bytes behind the end of the stream are left alone.
  explicit Inflater(std::span<const std::byte> compressed);
  ~Inflater();
  Inflater(Inflater&&) noexcept;
  Inflater& operator=(Inflater&&) noexcept;

  // Fills the front of `out`; 0 at the end of the stream. Throws Error{bad_input} when the stream
  // is damaged or ends early.
  size_t read(std::span<char> out);
  // Bytes of `compressed` that belong to the stream; known once read() has returned 0.
  size_t consumed() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Counts what a stream gives out and refuses a bomb: more than 200 times its compressed bytes,
// beyond the first 16 MiB. The most that deflate makes of CSV is about 30 times.
class BombGuard {
 public:
  explicit BombGuard(uint64_t compressed_bytes) : compressed_bytes_{compressed_bytes} {}
  // Throws Error{bad_input}.
  void count(size_t bytes);
  uint64_t total() const { return total_; }

 private:
  uint64_t compressed_bytes_;
  uint64_t total_ = 0;
};

}  // namespace tapedeck
