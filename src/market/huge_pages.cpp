#include "market/huge_pages.hpp"

#include <sys/mman.h>

#include <bit>
#include <cstdint>

namespace tapedeck {

void advise_huge_pages(void* address, size_t bytes) {
  const auto begin = std::bit_cast<uintptr_t>(address);
  const uintptr_t first = (begin + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
  const uintptr_t end = (begin + bytes) / kHugePageBytes * kHugePageBytes;
  // A kernel without huge pages refuses; then the memory is as it was.
  if (first < end) ::madvise(std::bit_cast<void*>(first), end - first, MADV_HUGEPAGE);
}

}  // namespace tapedeck
