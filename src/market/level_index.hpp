// LevelIndex: gives each price level of a bar a slot number, and the levels back in rising order.
#pragma once

#include "tapedeck/market/decimal.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace tapedeck {

// Slots are 1, 2, 3, … in order of first use. Levels near each other live in a window of direct
// look-up; a bitmap of the used ones, and a bitmap of its words that are not 0, give the order back
// without a sort and without touching what a bar of few trades left alone. A lone price far off (a
// bad print, the spike of a meme coin) goes into a hash map beside the window.
class LevelIndex {
 public:
  // At most `max_window` levels are looked up directly. A multiple of 64; 0: all are hashed.
  explicit LevelIndex(size_t max_window) : max_window_{max_window} {}

  // True when the window now holds [low, high]; otherwise only slot_anywhere may be used. `likely`
  // is the level around which a window that cannot hold both is put.
  bool make_room(int64_t low, int64_t high, int64_t likely);

  // First level of the window, modulo 2^64. Valid until make_room.
  uint64_t base() const { return static_cast<uint64_t>(base_); }

  // Slot of the level `offset` above base(), which the window holds.
  uint32_t slot(uint64_t offset) {
    uint32_t& slot = slots_[offset];
    if (slot == 0) {
      slot = ++used_;
      mark(offset);
    }
    return slot;
  }
  uint32_t slot_anywhere(int64_t level);

  uint32_t used() const { return used_; }

  // Calls visit(level, slot) rising by level, then begins anew.
  template <class Visit>
  void drain(Visit visit);

 private:
  struct Entry {
    int64_t level;
    uint32_t slot;
  };

  bool holds(int64_t low, int64_t high) const {
    return base_ <= low && high < base_ + static_cast<int128>(slots_.size());
  }
  void mark(uint64_t offset) {
    words_[offset / 64] |= uint64_t{1} << (offset % 64);
    groups_[offset / 4096] |= uint64_t{1} << (offset / 64 % 64);
  }
  void move_window(int64_t low, int64_t high, size_t size);
  // Takes the levels outside of the window, rising.
  std::vector<Entry> take_outside();
  template <class Visit>
  void drain_window(Visit visit);

  size_t max_window_;  // constant after construction
  int128 base_ = 0;    // may lie below the least int64, by the window's slack
  uint32_t used_ = 0;
  // Bounds of what was asked for since the last drain; meaningless while nothing was.
  bool asked_ = false;
  int64_t asked_low_ = 0;
  int64_t asked_high_ = 0;
  bool frozen_ = false;           // levels outside exist, so the window must not come to hold them
  std::vector<uint32_t> slots_;   // by offset from base_; 0: no slot yet
  std::vector<uint64_t> words_;   // bit per level of the window
  std::vector<uint64_t> groups_;  // bit per word
  std::unordered_map<int64_t, uint32_t> outside_;
};

template <class Visit>
void LevelIndex::drain_window(Visit visit) {
  for (size_t group = 0; group < groups_.size(); ++group) {
    for (uint64_t words = groups_[group]; words != 0; words &= words - 1) {
      const size_t word = group * 64 + static_cast<size_t>(std::countr_zero(words));
      for (uint64_t bits = words_[word]; bits != 0; bits &= bits - 1) {
        const size_t offset = word * 64 + static_cast<size_t>(std::countr_zero(bits));
        visit(static_cast<int64_t>(base() + offset), slots_[offset]);
        slots_[offset] = 0;
      }
      words_[word] = 0;
    }
    groups_[group] = 0;
  }
}

template <class Visit>
void LevelIndex::drain(Visit visit) {
  const std::vector<Entry> outside = take_outside();
  auto next = outside.begin();
  for (; next != outside.end() && next->level < base_; ++next)
    visit(next->level, next->slot);
  drain_window(visit);
  for (; next != outside.end(); ++next)
    visit(next->level, next->slot);
  used_ = 0;
  asked_ = false;
  frozen_ = false;
}

}  // namespace tapedeck
