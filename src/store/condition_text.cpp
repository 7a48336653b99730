#include "store/condition_text.hpp"

#include "duck/quoted.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tapedeck {
namespace {

bool is_null_value(const QueryValue& value) {
  return std::holds_alternative<std::monostate>(value);
}

class ConditionText {
 public:
  explicit ConditionText(std::vector<QueryValue>& parameters) : parameters_{parameters} {}

  std::string of(const QueryCondition& condition) {
    const std::string column = duck::quoted_name(condition.column);
    const std::vector<QueryValue>& values = condition.values;
    switch (condition.comparison) {
      case Comparison::equal: return column + " = " + bound(values[0]);
      case Comparison::not_equal: return column + " <> " + bound(values[0]);
      case Comparison::less: return column + " < " + bound(values[0]);
      case Comparison::at_most: return column + " <= " + bound(values[0]);
      case Comparison::greater: return column + " > " + bound(values[0]);
      case Comparison::at_least: return column + " >= " + bound(values[0]);
      case Comparison::like: return column + " LIKE " + bound(values[0]);
      case Comparison::between: {
        const std::string low = bound(values[0]);
        return fmt::format("{} BETWEEN {} AND {}", column, low, bound(values[1]));
      }
      case Comparison::in: return in(column, values);
      case Comparison::is_null: return column + " IS NULL";
      case Comparison::is_not_null: return column + " IS NOT NULL";
    }
    return "false";
  }

 private:
  std::string bound(const QueryValue& value) {
    parameters_.push_back(value);
    // Bound as text: no number of C++ has the digits of a DECIMAL.
    return std::holds_alternative<Decimal>(value) ? "CAST(? AS DECIMAL(38,12))" : "?";
  }

  std::string in(const std::string& column, const std::vector<QueryValue>& values) {
    std::string list;
    for (const QueryValue& value : values) {
      if (!is_null_value(value)) list += (list.empty() ? "" : ", ") + bound(value);
    }
    const bool has_null = std::ranges::any_of(values, is_null_value);
    if (list.empty()) return has_null ? column + " IS NULL" : "false";
    const std::string any_of = fmt::format("{} IN ({})", column, list);
    return has_null ? fmt::format("({} OR {} IS NULL)", any_of, column) : any_of;
  }

  std::vector<QueryValue>& parameters_;
};

}  // namespace

std::string condition_text(const QueryCondition& condition, std::vector<QueryValue>& parameters) {
  return ConditionText{parameters}.of(condition);
}

std::string where_text(std::span<const QueryCondition> conditions,
                       std::vector<QueryValue>& parameters) {
  std::string text;
  for (const QueryCondition& condition : conditions)
    text += (text.empty() ? " WHERE " : " AND ") + condition_text(condition, parameters);
  return text;
}

std::string order_text(std::span<const Sorting> sortings) {
  std::string text;
  for (const Sorting& sorting : sortings) {
    text += (text.empty() ? " ORDER BY " : ", ") + duck::quoted_name(sorting.column);
    if (sorting.order == SortOrder::descending) text += " DESC";
  }
  return text;
}

void bind_values(duck::Statement& statement, std::span<const QueryValue> parameters) {
  struct Bind {
    duck::Statement& statement;
    int index;
    void operator()(std::monostate) const { statement.bind_null(index); }
    void operator()(bool value) const { statement.bind(index, value); }
    void operator()(int64_t value) const { statement.bind(index, value); }
    void operator()(double value) const { statement.bind(index, value); }
    void operator()(const std::string& value) const {
      statement.bind(index, std::string_view{value});
    }
    void operator()(Timestamp value) const { statement.bind(index, value); }
    void operator()(const Decimal& value) const {
      statement.bind(index, std::string_view{to_text(value)});
    }
  };
  int index = 0;
  for (const QueryValue& value : parameters)
    std::visit(Bind{statement, ++index}, value);
}

}  // namespace tapedeck
