#include "base/crc32c.hpp"

#include <isa-l/crc.h>

#include <algorithm>
#include <climits>

namespace tapedeck {

uint32_t crc32c(std::span<const std::byte> bytes, uint32_t before) {
  uint32_t crc = ~before;
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(bytes.size(), size_t{INT_MAX}));
    // The library reads only, whatever its type says.
    auto* const data = reinterpret_cast<unsigned char*>(const_cast<std::byte*>(part.data()));
    crc = crc32_iscsi(data, static_cast<int>(part.size()), crc);
    bytes = bytes.subspan(part.size());
  }
  return ~crc;
}

}  // namespace tapedeck
