// UUIDs as text.
#pragma once

#include <string_view>

namespace tapedeck {

// 8-4-4-4-12 hexadecimal digits
bool is_uuid(std::string_view text);

}  // namespace tapedeck
