#include "market/level_index.hpp"

#include <algorithm>

namespace tapedeck {

// 4,096 levels: one word of `groups_`, 16 KiB of slots.
constexpr size_t kMinWindow = 4096;

bool LevelIndex::make_room(int64_t low, int64_t high, int64_t likely) {
  const bool held = holds(low, high);
  if (frozen_) return held;
  const int64_t all_low = asked_ ? std::min(asked_low_, low) : low;
  const int64_t all_high = asked_ ? std::max(asked_high_, high) : high;
  const auto span = static_cast<uint128>(int128{all_high} - all_low) + 1;
  if (!held && span > max_window_) {
    frozen_ = true;
    if (!asked_) asked_low_ = asked_high_ = likely;
    if (max_window_ > 0) move_window(asked_low_, asked_high_, max_window_);
    return false;
  }
  asked_ = true;
  asked_low_ = all_low;
  asked_high_ = all_high;
  if (held) return true;
  // Twice the span, so that a price that goes on in one direction moves the window seldom.
  const size_t wanted = std::max(kMinWindow, std::bit_ceil(static_cast<size_t>(span) * 2));
  move_window(all_low, all_high, std::max(slots_.size(), std::min(wanted, max_window_)));
  return true;
}

uint32_t LevelIndex::slot_anywhere(int64_t level) {
  if (holds(level, level)) return slot(static_cast<uint64_t>(level) - base());
  uint32_t& slot = outside_[level];
  if (slot == 0) slot = ++used_;
  return slot;
}

void LevelIndex::move_window(int64_t low, int64_t high, size_t size) {
  std::vector<Entry> entries;
  drain_window([&](int64_t level, uint32_t slot) { entries.push_back({level, slot}); });
  slots_.resize(size);
  words_.resize((size + 63) / 64);
  groups_.resize((words_.size() + 63) / 64);
  const int128 span = int128{high} - low + 1;
  base_ = low - (static_cast<int128>(size) - span) / 2;
  for (const Entry& entry : entries) {
    const uint64_t offset = static_cast<uint64_t>(entry.level) - base();
    slots_[offset] = entry.slot;
    mark(offset);
  }
}

std::vector<LevelIndex::Entry> LevelIndex::take_outside() {
  std::vector<Entry> entries;
  if (outside_.empty()) return entries;
  entries.reserve(outside_.size());
  for (const auto& [level, slot] : outside_)
    entries.push_back({level, slot});
  outside_.clear();
  std::ranges::sort(entries, {}, &Entry::level);
  return entries;
}

}  // namespace tapedeck
