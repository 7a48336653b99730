#include "book/side_levels.hpp"

#include <algorithm>
#include <limits>

namespace tapedeck {

int64_t BookSideLevels::quantity_at(int64_t key) const {
  const uint64_t slot = slot_of(key);
  if (slot < slots_.size()) return slots_[slot];
  const auto found = outside_.find(key);
  return found == outside_.end() ? 0 : found->second;
}

void BookSideLevels::clear() {
  std::ranges::fill(slots_, 0);
  std::ranges::fill(bits_, 0);
  outside_.clear();
  inside_ = 0;
  first_ = slots_.size();
}

int64_t BookSideLevels::last_key() const {
  if (!outside_.empty()) return outside_.rbegin()->first;
  size_t word = bits_.size() - 1;
  while (bits_[word] == 0)
    --word;
  return key_of(word * 64 + 63 - static_cast<size_t>(std::countl_zero(bits_[word])));
}

size_t BookSideLevels::next_set(size_t from) const {
  if (from >= slots_.size()) return slots_.size();
  size_t word = from / 64;
  uint64_t bits = bits_[word] & (~uint64_t{0} << (from % 64));
  while (bits == 0) {
    if (++word == bits_.size()) return slots_.size();
    bits = bits_[word];
  }
  return word * 64 + static_cast<size_t>(std::countr_zero(bits));
}

// The best level is now further back. The window follows once it has gone through half of it.
void BookSideLevels::first_gone() {
  first_ = inside_ > 0 ? next_set(first_ + 1) : slots_.size();
  if (outside_.empty()) return;
  if (inside_ == 0) {
    move_to(outside_.begin()->first, slots_.size());
  } else if (first_ > slots_.size() / 2) {
    move_to(key_of(first_), slots_.size());
  }
}

void BookSideLevels::set_outside(int64_t key, int64_t quantity) {
  if (quantity == 0) {
    outside_.erase(key);
    return;
  }
  if (empty() || key < key_of(first_)) {
    outside_[key] = quantity;
    move_to(key, std::max(slots_.size(), kFewestSlots));
    return;
  }
  outside_[key] = quantity;
  // A window in front of which much happens is too small.
  constexpr size_t kOften = 256;
  if (++far_ > kOften + outside_.size() && slots_.size() < kMostSlots) {
    move_to(key_of(first_), slots_.size() * 4);
  }
}

// The window begins a quarter of its slots in front of the best level. What lies in it moves behind
// whatever new best there is, and in front of all others.
void BookSideLevels::move_to(int64_t best, size_t slots) {
  if (inside_ > 0) {
    const auto behind = outside_.upper_bound(key_of(first_));
    for (size_t slot = first_; inside_ > 0; --inside_, slot = next_set(slot + 1))
      outside_.emplace_hint(behind, key_of(slot), slots_[slot]);
  }
  const auto margin = static_cast<int64_t>(slots / 4);
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  constexpr int64_t kGreatest = std::numeric_limits<int64_t>::max();
  base_ = best < kLeast + margin ? kLeast : best - margin;
  base_ = std::min(base_, kGreatest - static_cast<int64_t>(slots) + 1);
  slots_.assign(slots, 0);
  bits_.assign(slots / 64, 0);
  far_ = 0;
  first_ = slots;
  while (!outside_.empty() && slot_of(outside_.begin()->first) < slots) {
    const auto level = outside_.begin();
    const size_t slot = slot_of(level->first);
    slots_[slot] = level->second;
    bits_[slot / 64] |= uint64_t{1} << (slot % 64);
    first_ = std::min(first_, slot);
    ++inside_;
    outside_.erase(level);
  }
}

}  // namespace tapedeck
