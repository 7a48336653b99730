#include "base/crc32.hpp"

#include <isa-l/crc.h>

namespace tapedeck {

uint32_t crc32_of(uint32_t before, std::span<const char> bytes) {
  return crc32_gzip_refl(before, reinterpret_cast<const unsigned char*>(bytes.data()),
                         bytes.size());
}

}  // namespace tapedeck
