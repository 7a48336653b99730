// What to use instead of SQL that writes a view: views are for reading, and each has a call or a
// table behind it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tapedeck {

// nullopt when `sql` writes or analyzes no view that is known here. A name without a schema means
// the profile's view, or main's when there is no profile.
std::optional<std::string> advice_on_view(std::string_view sql, std::string_view profile);

}  // namespace tapedeck
