#include "market/level_index.hpp"

#include <algorithm>
#include <array>

namespace tapedeck {

// 4,096 levels: one word of `groups_`.
constexpr size_t kMinWindow = 4096;

bool LevelIndex::make_room(int64_t low, int64_t high, int64_t likely) {
  const bool held = holds(low, high);
  if (frozen_) return held;
  const int64_t all_low = asked_ ? std::min(asked_low_, low) : low;
  const int64_t all_high = asked_ ? std::max(asked_high_, high) : high;
  // The base is rounded down to a word, so the window needs one word more than the span.
  const auto needed = static_cast<uint128>(int128{all_high} - all_low) + 64;
  if (!held && needed > max_window_) {
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
  const size_t wanted = std::max(kMinWindow, std::bit_ceil(static_cast<size_t>(needed) * 2));
  move_window(all_low, all_high, std::max(words_.size() * 64, std::min(wanted, max_window_)));
  return true;
}

void LevelIndex::make_room_for(const LevelIndex& other) {
  if (other.frozen_) {
    frozen_ = true;  // its levels may lie anywhere
  } else if (other.asked_) {
    make_room(other.asked_low_, other.asked_high_, other.asked_low_);
  }
}

size_t LevelIndex::cell_anywhere(int64_t level) {
  if (holds(level, level)) return cell(static_cast<uint64_t>(level) - base());
  const auto [found, is_new] = outside_.try_emplace(level, 0);
  if (is_new) {
    // Levels outside share blocks as they come, not as they lie.
    const size_t index = outside_.size() - 1;
    if (index % kBlock == 0) outside_block_ = ++blocks_;
    found->second = size_t{outside_block_} * kBlock + index % kBlock;
  }
  return found->second;
}

size_t LevelIndex::levels() const {
  size_t count = outside_.size();
  for (size_t group = 0; group < groups_.size(); ++group) {
    for (uint64_t words = groups_[group]; words != 0; words &= words - 1) {
      const size_t word = group * 64 + static_cast<size_t>(std::countr_zero(words));
      count += static_cast<size_t>(std::popcount(words_[word]));
    }
  }
  return count;
}

void LevelIndex::move_window(int64_t low, int64_t high, size_t size) {
  struct Word {
    int128 level;
    uint64_t bits;
    std::array<uint32_t, kBlocksPerWord> blocks;
  };
  std::vector<Word> moved;
  drain_words([&](size_t word, uint64_t bits) {
    Word& kept = moved.emplace_back();
    kept.level = base_ + int128{word} * 64;
    kept.bits = bits;
    const auto blocks = block_of_.begin() + static_cast<ptrdiff_t>(word * kBlocksPerWord);
    std::copy_n(blocks, kBlocksPerWord, kept.blocks.begin());
    std::fill_n(blocks, kBlocksPerWord, 0);
  });
  block_of_.resize(size / kBlock);
  words_.resize(size / 64);
  groups_.resize((words_.size() + 63) / 64);
  // Rounding down to a word moves the base by up to 63 levels.
  const int128 slack = static_cast<int128>(size) - (int128{high} - low + 64);
  const int128 base = low - slack / 2;
  base_ = base - ((base % 64) + 64) % 64;
  for (const Word& kept : moved) {
    const auto word = static_cast<size_t>((kept.level - base_) / 64);
    words_[word] = kept.bits;
    groups_[word / 64] |= uint64_t{1} << (word % 64);
    std::ranges::copy(kept.blocks,
                      block_of_.begin() + static_cast<ptrdiff_t>(word * kBlocksPerWord));
  }
}

std::vector<LevelIndex::Entry> LevelIndex::take_outside() {
  std::vector<Entry> entries;
  if (outside_.empty()) return entries;
  entries.reserve(outside_.size());
  for (const auto& [level, cell] : outside_)
    entries.push_back({level, cell});
  outside_.clear();
  std::ranges::sort(entries, {}, &Entry::level);
  return entries;
}

}  // namespace tapedeck
