// A journal of small frames whose content follows from their sequence.
#pragma once

#include "tape/journal.hpp"
#include "temp_store.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace tapedeck::test {

inline const std::string kStoreId = "6b1b9ee2-5b5f-4f0a-9d0e-0d6f1d1f2a33";

inline Timestamp hour(int64_t n) {
  return from_epoch_ns(1'760'000'000'000'000'000) + std::chrono::hours{n};
}

inline FrameDraft draft(int64_t n, size_t bytes = 40) {
  FrameDraft result{.ts_recv = hour(0) + std::chrono::milliseconds{n},
                    .kind = FrameKind::trades,
                    .instrument = InstrumentId{1},
                    .count = 1};
  for (size_t i = 0; i < bytes; ++i)
    result.payload.push_back(static_cast<std::byte>(n * 31 + static_cast<int64_t>(i)));
  return result;
}

inline Journal open_journal(const std::filesystem::path& store, JournalPosition applied = {},
                            JournalOptions options = {}) {
  return Journal{store, kStoreId, applied, options};
}

struct JournalContent {
  std::vector<Frame> frames;
  std::vector<JournalDamage> damages;
  uint64_t torn_bytes = 0;

  std::vector<uint64_t> sequences() const {
    std::vector<uint64_t> result;
    for (const Frame& frame : frames)
      result.push_back(frame.sequence);
    return result;
  }
};

inline JournalContent read_all(JournalReader& reader) {
  JournalContent content;
  while (std::optional<JournalItem> item = reader.next()) {
    if (auto* frame = std::get_if<Frame>(&*item)) {
      content.frames.push_back(std::move(*frame));
    } else {
      content.damages.push_back(std::get<JournalDamage>(*item));
    }
  }
  content.torn_bytes = reader.torn_bytes();
  return content;
}

inline JournalContent read_all(const std::filesystem::path& store) {
  JournalReader reader{store};
  return read_all(reader);
}

inline void flip_bit(const std::filesystem::path& file, uint64_t bit) {
  std::fstream stream{file, std::ios::in | std::ios::out | std::ios::binary};
  stream.seekg(static_cast<std::streamoff>(bit / 8));
  const int byte = stream.get();
  stream.seekp(static_cast<std::streamoff>(bit / 8));
  stream.put(static_cast<char>(static_cast<unsigned>(byte) ^ (1U << (bit % 8))));
}

inline std::vector<uint64_t> numbers(uint64_t first, uint64_t last) {
  std::vector<uint64_t> result;
  for (uint64_t n = first; n <= last; ++n)
    result.push_back(n);
  return result;
}

}  // namespace tapedeck::test
