// KeySet: which keys may be taken, 8 bytes each. It never misses one; about one in 2^64 / size it
// takes for another, so whoever is told "maybe" looks into the table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tapedeck {

class KeySet {
 public:
  static uint64_t key_of(std::string_view text);

  void insert(uint64_t key);
  bool may_contain(uint64_t key) const;
  size_t size() const { return size_; }
  void clear();

 private:
  size_t place_of(uint64_t key) const;

  std::vector<uint64_t> slots_;  // a power of two of them, at most half full; 0: free
  size_t size_ = 0;
};

}  // namespace tapedeck
