#include "store/key_set.hpp"

#include <utility>

namespace tapedeck {
namespace {

constexpr size_t kFirstSlots = 64;

// The finaliser of MurmurHash3.
uint64_t mixed(uint64_t key) {
  key = (key ^ (key >> 33)) * 0xff51afd7ed558ccd;
  key = (key ^ (key >> 33)) * 0xc4ceb9fe1a85ec53;
  return key ^ (key >> 33);
}

}  // namespace

// FNV-1a, mixed; never 0, which marks a free slot.
uint64_t KeySet::key_of(std::string_view text) {
  uint64_t key = 0xcbf29ce484222325;
  for (const char c : text)
    key = (key ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  key = mixed(key);
  return key == 0 ? 1 : key;
}

size_t KeySet::place_of(uint64_t key) const {
  const size_t mask = slots_.size() - 1;
  size_t place = key & mask;
  while (slots_[place] != 0 && slots_[place] != key)
    place = (place + 1) & mask;
  return place;
}

void KeySet::insert(uint64_t key) {
  if ((size_ + 1) * 2 > slots_.size()) {
    std::vector<uint64_t> old(slots_.empty() ? kFirstSlots : slots_.size() * 2);
    std::swap(old, slots_);
    for (const uint64_t one : old) {
      if (one != 0) slots_[place_of(one)] = one;
    }
  }
  uint64_t& slot = slots_[place_of(key)];
  if (slot == key) return;
  slot = key;
  ++size_;
}

bool KeySet::may_contain(uint64_t key) const {
  return !slots_.empty() && slots_[place_of(key)] == key;
}

void KeySet::clear() {
  slots_.clear();
  size_ = 0;
}

}  // namespace tapedeck
