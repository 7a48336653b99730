// What an entry of the ledger must be, whatever the ledger holds.
#pragma once

#include "tapedeck/market/ledger_entry.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tapedeck {

// Error{invalid_argument} naming the entry, the field and the rule.
void check(const OrderEntry& entry);
void check(const Fill& fill);
void check_metadata(const std::optional<std::string>& metadata, std::string_view of);

}  // namespace tapedeck
