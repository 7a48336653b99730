#include "store/foreign_fees.hpp"

#include "tapedeck/base/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tapedeck {

std::optional<std::string> fees_json(const std::vector<ForeignFees>& fees) {
  if (fees.empty()) return std::nullopt;
  nlohmann::json object = nlohmann::json::object();
  for (const ForeignFees& one : fees)
    object[one.currency] = to_text(one.paid);
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<ForeignFees> parse_fees(const std::string& json) {
  std::vector<ForeignFees> fees;
  const auto object = nlohmann::json::parse(json, nullptr, false);
  const bool good = object.is_object();
  for (const auto& [currency, paid] : object.items()) {
    const auto amount = paid.is_string() ? parse_amount(paid.get<std::string>())
                                         : tl::make_unexpected(DecimalError::not_a_number);
    if (good && amount) fees.push_back({.currency = currency, .paid = *amount});
  }
  if (good && fees.size() == object.size()) return fees;
  throw Error{ErrorCode::corrupt, fmt::format("the ledger has fees that are none: {}", json)};
}

}  // namespace tapedeck
