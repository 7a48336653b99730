// BookSideLevels: the levels of one side of a book, by key: the price, negated for bids, so that
// the best is always the least.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace tapedeck {

// A window of slots around the best level, and a tree for the levels behind it. No level lies in
// front of the window.
class BookSideLevels {
 public:
  static constexpr size_t kFewestSlots = size_t{1} << 10;
  static constexpr size_t kMostSlots = size_t{1} << 16;

  void set(int64_t key, int64_t quantity) {
    const uint64_t slot = slot_of(key);
    if (slot < slots_.size()) [[likely]] {
      set_slot(slot, quantity);
    } else {
      set_outside(key, quantity);
    }
  }

  int64_t quantity_at(int64_t key) const;
  size_t size() const { return inside_ + outside_.size(); }
  bool empty() const { return size() == 0; }
  void clear();

  // Only while there is one. The least, and the greatest.
  int64_t first_key() const { return key_of(first_); }
  int64_t first_quantity() const { return slots_[first_]; }
  int64_t last_key() const;

  // From the least on, until `visit(key, quantity)` returns false.
  template <typename Visit>
  void each(Visit visit) const {
    size_t slot = first_;
    for (size_t left = inside_; left > 0; --left) {
      if (!visit(key_of(slot), slots_[slot])) return;
      slot = next_set(slot + 1);
    }
    for (const auto& [key, quantity] : outside_)
      if (!visit(key, quantity)) return;
  }

 private:
  // Distances leave 64 bits with sign, never without.
  uint64_t slot_of(int64_t key) const {
    return static_cast<uint64_t>(key) - static_cast<uint64_t>(base_);
  }
  int64_t key_of(size_t slot) const {
    return static_cast<int64_t>(static_cast<uint64_t>(base_) + slot);
  }

  void set_slot(size_t slot, int64_t quantity) {
    int64_t& here = slots_[slot];
    const bool was = here != 0;
    const bool is = quantity != 0;
    here = quantity;
    if (was == is) return;
    bits_[slot / 64] ^= uint64_t{1} << (slot % 64);
    if (is) {
      ++inside_;
      if (slot < first_) first_ = slot;
    } else {
      --inside_;
      if (slot == first_) first_gone();
    }
  }

  size_t next_set(size_t from) const;
  void first_gone();
  void set_outside(int64_t key, int64_t quantity);
  void move_to(int64_t best, size_t slots);

  std::vector<int64_t> slots_;  // quantity; 0: no level
  std::vector<uint64_t> bits_;  // one a slot: there is a level
  int64_t base_ = 0;            // key of slot 0
  size_t first_ = 0;            // slot of the least level; slots_.size() when there is none
  size_t inside_ = 0;           // levels in slots
  std::map<int64_t, int64_t> outside_;
  size_t far_ = 0;  // settings of levels outside since the window changed
};

}  // namespace tapedeck
