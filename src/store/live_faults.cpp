#include "store/live_faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <system_error>

namespace tapedeck {

bool is_of_the_machine(const Error& error) {
  switch (error.code()) {
    case ErrorCode::disk_full:
    case ErrorCode::io:
    case ErrorCode::engine:
    case ErrorCode::store_busy:
    case ErrorCode::corrupt:
    case ErrorCode::read_only:  // the file system, since a while
    case ErrorCode::timeout:
    case ErrorCode::write_conflict:
    case ErrorCode::cancelled: return true;
    default: return false;
  }
}

void check_free_space(const std::filesystem::path& folder) {
  constexpr uint64_t kMostNeeded = uint64_t{64} << 20;
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(folder, error);
  if (error) return;
  const uint64_t needed = std::min(kMostNeeded, space.capacity / 16);
  if (space.available >= needed) return;
  throw Error{ErrorCode::disk_full,
              fmt::format("only {} MB are free on the disk of '{}', {} MB are needed; writing goes "
                          "on when there is room again",
                          space.available >> 20, folder.string(), needed >> 20)};
}

}  // namespace tapedeck
