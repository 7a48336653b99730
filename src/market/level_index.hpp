// LevelIndex: gives each price level of a bar a cell number, and the levels back in rising order.
#pragma once

#include "market/huge_pages.hpp"
#include "tapedeck/market/decimal.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace tapedeck {

// Eight neighbouring levels share a block of cells, given out in order of first use: cells stay
// few where prices are sparse and lie in order where they are dense. Levels near each other live in
// a window of direct look-up; a bitmap of the used ones, and a bitmap of its words that are not 0,
// give the order back without a sort and without touching what a bar of few trades left alone. A
// lone price far off (a bad print, the spike of a meme coin) is hashed.
class LevelIndex {
 public:
  // At most `max_window` levels are looked up directly. A multiple of 64; 0: all are hashed.
  explicit LevelIndex(size_t max_window) : max_window_{max_window} {}

  // True when the window now holds [low, high]; otherwise only cell_anywhere may be used. `likely`
  // is the level around which a window that cannot hold both is put.
  bool make_room(int64_t low, int64_t high, int64_t likely);

  // Room for the levels of `other`, to be given cells by cell_anywhere.
  void make_room_for(const LevelIndex& other);

  // First level of the window, modulo 2^64. Valid until make_room.
  uint64_t base() const { return static_cast<uint64_t>(base_); }

  // Cell of the level `offset` above base(), which the window holds.
  size_t cell(uint64_t offset) {
    uint32_t& block = block_of_[offset / kBlock];
    if (block == 0) [[unlikely]] {
      block = ++blocks_;
      groups_[offset / 4096] |= uint64_t{1} << (offset / 64 % 64);
    }
    words_[offset / 64] |= uint64_t{1} << (offset % 64);
    return size_t{block} * kBlock + offset % kBlock;
  }
  size_t cell_anywhere(int64_t level);

  // One more than the largest cell number so far, and than it can be behind `rows` more rows.
  size_t cells() const { return cells_after(0); }
  size_t cells_after(size_t rows) const { return (blocks_ + rows + 1) * kBlock; }
  // Number of levels since the last drain.
  size_t levels() const;

  // Calls visit(level, cell) rising by level, then begins anew.
  template <class Visit>
  void drain(Visit visit);

 private:
  static constexpr size_t kBlock = 8;
  static constexpr size_t kBlocksPerWord = 64 / kBlock;

  struct Entry {
    int64_t level;
    size_t cell;
  };

  bool holds(int64_t low, int64_t high) const {
    return base_ <= low && high < base_ + int128{words_.size()} * 64;
  }
  void move_window(int64_t low, int64_t high, size_t size);
  // Takes the levels outside of the window, rising.
  std::vector<Entry> take_outside();
  // Calls visit(index of the word, its bits) for the words that are not 0, and clears their marks.
  template <class Visit>
  void drain_words(Visit visit);

  size_t max_window_;    // constant after construction
  int128 base_ = 0;      // a multiple of 64; may lie below the least int64, by the window's slack
  uint32_t blocks_ = 0;  // given out; their numbers begin at 1
  // Bounds of what was asked for since the last drain; meaningless while nothing was.
  bool asked_ = false;
  int64_t asked_low_ = 0;
  int64_t asked_high_ = 0;
  bool frozen_ = false;  // levels outside may exist, so the window must not come to hold them
  std::vector<uint32_t, HugePageAllocator<uint32_t>> block_of_;  // eight levels each; 0: none yet
  std::vector<uint64_t> words_;                                  // bit per level of the window
  std::vector<uint64_t> groups_;                                 // bit per word
  uint32_t outside_block_ = 0;                   // the last one given to levels outside
  std::unordered_map<int64_t, size_t> outside_;  // level to cell
};

template <class Visit>
void LevelIndex::drain_words(Visit visit) {
  for (size_t group = 0; group < groups_.size(); ++group) {
    for (uint64_t words = groups_[group]; words != 0; words &= words - 1) {
      const size_t word = group * 64 + static_cast<size_t>(std::countr_zero(words));
      visit(word, words_[word]);
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
    visit(next->level, next->cell);
  drain_words([&](size_t word, uint64_t bits) {
    for (; bits != 0; bits &= bits - 1) {
      const size_t offset = word * 64 + static_cast<size_t>(std::countr_zero(bits));
      visit(static_cast<int64_t>(base() + offset),
            size_t{block_of_[offset / kBlock]} * kBlock + offset % kBlock);
    }
    for (size_t block = 0; block < kBlocksPerWord; ++block) {
      block_of_[word * kBlocksPerWord + block] = 0;
    }
  });
  for (; next != outside.end(); ++next)
    visit(next->level, next->cell);
  blocks_ = 0;
  asked_ = false;
  frozen_ = false;
}

}  // namespace tapedeck
