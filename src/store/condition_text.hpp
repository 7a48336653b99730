// Conditions as SQL with placeholders, and their values bound to it.
#pragma once

#include "duck/database.hpp"
#include "tapedeck/store/query_condition.hpp"

#include <span>
#include <string>
#include <vector>

namespace tapedeck {

// One condition, checked(); the values it has a `?` for go to the end of `parameters`.
std::string condition_text(const QueryCondition& condition, std::vector<QueryValue>& parameters);
// " WHERE a AND b"; empty without any.
std::string where_text(std::span<const QueryCondition> conditions,
                       std::vector<QueryValue>& parameters);
// " ORDER BY a, b DESC"; empty without any.
std::string order_text(std::span<const Sorting> sortings);
void bind_values(duck::Statement& statement, std::span<const QueryValue> parameters);

}  // namespace tapedeck
