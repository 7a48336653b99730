// CRC-32C (Castagnoli), as iSCSI, ext4 and RFC 3720 have it: of "123456789" it is 0xe3069283.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tapedeck {

// Of `bytes` behind those that `before` is of.
uint32_t crc32c(std::span<const std::byte> bytes, uint32_t before = 0);

}  // namespace tapedeck
