// CRC-32 (IEEE 802.3), as gzip, zip and the venues' books have it: of "123456789" it is 0xcbf43926.
#pragma once

#include <cstdint>
#include <span>

namespace tapedeck {

// Of `bytes` behind those that `before` is of; 0 at the start.
uint32_t crc32_of(uint32_t before, std::span<const char> bytes);

}  // namespace tapedeck
