#include "market/huge_pages.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace tapedeck {

TEST_CASE("large arrays begin on a huge page and keep what is written to them") {
  std::vector<uint64_t, HugePageAllocator<uint64_t>> values(3);
  for (size_t count = 1; count < 1'500'000; count = count * 3 + 1) {
    values.assign(count, count);
    CHECK(std::ranges::count(values, count) == static_cast<int64_t>(count));
    if (values.capacity() * sizeof(uint64_t) >= kHugePageBytes) {
      CHECK(std::bit_cast<uintptr_t>(values.data()) % kHugePageBytes == 0);
    }
  }
}

TEST_CASE("advice about memory changes nothing in it, whatever its borders") {
  std::vector<char> bytes(3 * kHugePageBytes + 7, 'x');
  advise_huge_pages(bytes.data() + 1, bytes.size() - 1);
  advise_huge_pages(bytes.data(), 10);
  advise_huge_pages(bytes.data(), 0);
  CHECK(std::ranges::count(bytes, 'x') == static_cast<int64_t>(bytes.size()));
}

}  // namespace tapedeck
