// Fees by currency as JSON: {"BNB":"0.02"}.
#pragma once

#include "tapedeck/market/order.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tapedeck {

// nullopt for none.
std::optional<std::string> fees_json(const std::vector<ForeignFees>& fees);
// Error{corrupt} for a text that fees_json() does not write.
std::vector<ForeignFees> parse_fees(const std::string& json);

}  // namespace tapedeck
