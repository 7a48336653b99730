// QueryCondition: what is asked of a column, as a value. It means the same of rows in memory as of
// rows in the database.
#pragma once

#include "tapedeck/market/decimal.hpp"
#include "tapedeck/market/time.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tapedeck {

// std::monostate: NULL. A Decimal is compared as DECIMAL(38, 12), exactly, and must fit it.
using QueryValue =
    std::variant<std::monostate, bool, int64_t, double, std::string, Timestamp, Decimal>;

enum class Comparison : uint8_t {
  equal,
  not_equal,
  less,
  at_most,
  greater,
  at_least,
  between,  // two values; both belong to it
  in,       // equal to one of any number of values
  like,     // one text, where % stands for any letters and _ for one; case counts
  is_null,
  is_not_null,
};

// A cell that is NULL meets is_null only, and `in` with a NULL among its values.
struct QueryCondition {
  std::string column;
  Comparison comparison = Comparison::equal;
  std::vector<QueryValue> values;
  bool operator==(const QueryCondition&) const = default;
};

enum class SortOrder : uint8_t { ascending, descending };

struct Sorting {
  std::string column;
  SortOrder order = SortOrder::ascending;
  bool operator==(const Sorting&) const = default;
};

// As it can be asked: equal to NULL becomes is_null, not equal to it is_not_null.
// Error{invalid_argument} for values that the comparison cannot use, Error{out_of_range} for a
// Decimal that DECIMAL(38, 12) cannot hold.
QueryCondition checked(QueryCondition condition);

// Whether DuckDB keeps a row with this value in the column; `condition` as checked() gives it.
// Numbers of all types compare with one another, where one is a double as doubles.
// Error{invalid_argument} for values of types that have no order among them.
bool holds(const QueryCondition& condition, const QueryValue& value);

// The order of ascending rows: NULL comes last, NaN behind all other numbers, texts go by their
// bytes. Errors as of holds().
std::weak_ordering compare_values(const QueryValue& a, const QueryValue& b);

// `text` LIKE `pattern`. Both are UTF-8; _ is one code point.
bool is_like(std::string_view text, std::string_view pattern);

}  // namespace tapedeck
