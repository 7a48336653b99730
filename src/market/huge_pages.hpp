// Large arrays on huge pages: a page fault costs 0.3 to 4 µs, so the first touch of 25 MiB in pages
// of 4 KiB takes longer than folding a day of trades into it.
#pragma once

#include <cstddef>
#include <new>

namespace tapedeck {

constexpr size_t kHugePageBytes = size_t{2} << 20;

// Asks the kernel to back the whole huge pages inside [address, address + bytes) as such. Content
// and validity of the memory do not change; where the kernel refuses, nothing happens.
void advise_huge_pages(void* address, size_t bytes);

// std::allocator whose large blocks begin on a huge page and are advised.
template <class T>
struct HugePageAllocator {
  using value_type =
      T;  // NOLINT(readability-identifier-naming): std::allocator_traits looks for it

  HugePageAllocator() = default;
  template <class Other>
  explicit HugePageAllocator(const HugePageAllocator<Other>& /*other*/) {}

  T* allocate(size_t count) {
    const size_t bytes = count * sizeof(T);
    void* const block = ::operator new(bytes, alignment(bytes));
    if (bytes >= kHugePageBytes) advise_huge_pages(block, bytes);
    return static_cast<T*>(block);
  }
  void deallocate(T* block, size_t count) {
    ::operator delete(block, alignment(count * sizeof(T)));
  }
  bool operator==(const HugePageAllocator&) const = default;

 private:
  static std::align_val_t alignment(size_t bytes) {
    return std::align_val_t{bytes >= kHugePageBytes ? kHugePageBytes : alignof(std::max_align_t)};
  }
};

}  // namespace tapedeck
