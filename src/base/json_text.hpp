// Text as JSON (RFC 8259) has it.
#pragma once

#include <string>
#include <string_view>

namespace tapedeck {

// With quotes and escapes. A byte that is no UTF-8 becomes U+FFFD: what comes out is always JSON.
void append_json_text(std::string& out, std::string_view text);

}  // namespace tapedeck
