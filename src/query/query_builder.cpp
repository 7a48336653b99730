#include "tapedeck/query/query_builder.hpp"

#include "duck/quoted.hpp"
#include "store/condition_text.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace tapedeck {
namespace {

constexpr std::array<std::string_view, 6> kAggregates{"count", "sum", "min",
                                                      "max",   "avg", "approx_count_distinct"};

constexpr size_t kLongestName = 128;

// Without regard to the locale, as the pattern is.
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName && is_letter(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c); });
}

// Fit for a message, whatever was given.
std::string shown(std::string_view name) {
  constexpr size_t kShown = 40;
  std::string text{name.substr(0, kShown)};
  std::ranges::replace_if(
      text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return name.size() > kShown ? text + "…" : text;
}

[[noreturn]] void refuse_name(std::string_view kind, std::string_view name,
                              std::string_view in_front) {
  throw Error{ErrorCode::invalid_argument,
              fmt::format("{} '{}' is no name: only letters, digits and _ are allowed, at most {}, "
                          "and no digit in front{}",
                          kind, shown(name), kLongestName, in_front)};
}

std::string result_name(const std::string& name) {
  if (!is_name(name)) refuse_name("result", name, "");
  return name;
}

std::string table_name(std::string name) {
  const size_t point = name.find('.');
  const bool good = point == std::string::npos
                        ? is_name(name)
                        : is_name(std::string_view{name}.substr(0, point)) &&
                              is_name(std::string_view{name}.substr(point + 1));
  if (!good) refuse_name("table", name, "; a schema may stand before it: 'tape.trades'");
  return name;
}

std::string quoted_table(std::string_view name) {
  const size_t point = name.find('.');
  if (point == std::string_view::npos) return duck::quoted_name(name);
  return duck::quoted_name(name.substr(0, point)) + "." + duck::quoted_name(name.substr(point + 1));
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names)
    list += (list.empty() ? "" : ", ") + duck::quoted_name(name);
  return list;
}

int64_t rows_from(std::string_view what, int64_t rows) {
  if (rows >= 0) return rows;
  throw Error{ErrorCode::invalid_argument,
              fmt::format("{} {} is negative; it is a number of rows", what, rows)};
}

}  // namespace

std::string_view to_text(Aggregate function) {
  return kAggregates.at(static_cast<size_t>(function));
}

QueryBuilder::QueryBuilder(std::string table) : table_{table_name(std::move(table))} {}

std::string QueryBuilder::column_name(const std::string& name) const {
  const size_t point = name.rfind('.');
  const std::string_view prefix = std::string_view{name}.substr(0, std::min(point, name.size()));
  std::string bare = point == std::string::npos ? name : name.substr(point + 1);
  const bool own = point == std::string::npos || prefix == table_ ||
                   std::string_view{table_}.ends_with("." + std::string{prefix});
  if (!own || !is_name(bare)) {
    refuse_name("column", name, fmt::format("; only '{}.' may stand before it", table_));
  }
  return bare;
}

QueryBuilder& QueryBuilder::select(const std::vector<std::string>& columns) {
  for (const std::string& column : columns)
    selected_.push_back(column_name(column));
  return *this;
}

QueryBuilder& QueryBuilder::count_rows(const std::string& name) {
  results_.push_back({.function = {}, .column = {}, .name = result_name(name)});
  return *this;
}

QueryBuilder& QueryBuilder::aggregate(Aggregate function, const std::string& column,
                                      const std::optional<std::string>& name) {
  const std::string checked = column_name(column);
  const std::string own = fmt::format("{}_{}", to_text(function), checked);
  results_.push_back(
      {.function = function, .column = checked, .name = result_name(name.value_or(own))});
  return *this;
}

QueryBuilder& QueryBuilder::group_by(const std::vector<std::string>& columns) {
  for (const std::string& column : columns)
    groups_.push_back(column_name(column));
  return *this;
}

QueryBuilder& QueryBuilder::filter(QueryCondition condition) {
  condition.column = column_name(condition.column);
  conditions_.push_back(checked(std::move(condition)));
  return *this;
}
QueryBuilder& QueryBuilder::filter(const std::string& column, QueryValue value) {
  return filter(column, Comparison::equal, std::move(value));
}
QueryBuilder& QueryBuilder::filter(const std::string& column, Comparison comparison,
                                   QueryValue value) {
  return filter({.column = column, .comparison = comparison, .values = {std::move(value)}});
}
QueryBuilder& QueryBuilder::between(const std::string& column, QueryValue low, QueryValue high) {
  return filter({.column = column,
                 .comparison = Comparison::between,
                 .values = {std::move(low), std::move(high)}});
}
QueryBuilder& QueryBuilder::in(const std::string& column, std::vector<QueryValue> values) {
  return filter({.column = column, .comparison = Comparison::in, .values = std::move(values)});
}
QueryBuilder& QueryBuilder::like(const std::string& column, const std::string& pattern) {
  return filter(column, Comparison::like, pattern);
}
QueryBuilder& QueryBuilder::is_null(const std::string& column) {
  return filter({.column = column, .comparison = Comparison::is_null, .values = {}});
}
QueryBuilder& QueryBuilder::is_not_null(const std::string& column) {
  return filter({.column = column, .comparison = Comparison::is_not_null, .values = {}});
}
QueryBuilder& QueryBuilder::time_range(const std::string& column, const TimeRange& range) {
  const std::string checked = column_name(column);
  if (range.begin != TimeRange{}.begin) filter(checked, Comparison::at_least, range.begin);
  if (range.end != TimeRange{}.end) filter(checked, Comparison::less, range.end);
  return *this;
}

QueryBuilder& QueryBuilder::order_by(const std::string& column, SortOrder order) {
  sortings_.push_back({.column = column_name(column), .order = order});
  return *this;
}
QueryBuilder& QueryBuilder::limit(int64_t rows) {
  limit_ = rows_from("limit", rows);
  unbounded_ = false;
  return *this;
}
QueryBuilder& QueryBuilder::unbounded() {
  limit_.reset();
  unbounded_ = true;
  return *this;
}
QueryBuilder& QueryBuilder::offset(int64_t rows) {
  offset_ = rows_from("offset", rows);
  return *this;
}

bool QueryBuilder::has_result(const std::string& name) const {
  return std::ranges::find(results_, name, &Result::name) != results_.end();
}

std::vector<std::string> QueryBuilder::columns() const {
  std::vector<std::string> names = selected_;
  for (const Result& result : results_) {
    if (result.function) names.push_back(result.column);
  }
  names.insert(names.end(), groups_.begin(), groups_.end());
  for (const QueryCondition& condition : conditions_)
    names.push_back(condition.column);
  for (const Sorting& sorting : sortings_) {
    if (!has_result(sorting.column)) names.push_back(sorting.column);
  }
  return names;
}

void QueryBuilder::check_groups() const {
  const auto is_group = [this](const std::string& name) {
    return std::ranges::find(groups_, name) != groups_.end();
  };
  const auto refuse = [](std::string_view kind, std::string_view name, std::string_view rule) {
    throw Error{ErrorCode::invalid_argument, fmt::format("{} '{}' {}", kind, name, rule)};
  };
  for (const std::string& name : selected_) {
    if (!is_group(name)) {
      refuse("column", name, "has many values in a group: group by it too, or aggregate it");
    }
  }
  for (const Sorting& sorting : sortings_) {
    if (!is_group(sorting.column) && !has_result(sorting.column)) {
      refuse("column", sorting.column,
             "cannot sort groups: sort by what they are grouped by, or "
             "by the name of an aggregate");
    }
  }
  for (const Result& result : results_) {
    if (is_group(result.name) || std::ranges::count(results_, result.name, &Result::name) > 1) {
      refuse("result", result.name, "is the name of another one too: name it otherwise");
    }
  }
}

BuiltQuery QueryBuilder::build() const {
  return build_from(table_, limit_);
}

BuiltQuery QueryBuilder::build_from(const std::string& table, std::optional<int64_t> limit) const {
  if (is_grouped()) check_groups();
  BuiltQuery built;
  std::string list = quoted_list(selected_.empty() ? groups_ : selected_);
  for (const Result& result : results_) {
    const std::string column = result.function ? duck::quoted_name(result.column) : "*";
    list += fmt::format("{}{}({}) AS {}", list.empty() ? "" : ", ",
                        to_text(result.function.value_or(Aggregate::count)), column,
                        duck::quoted_name(result.name));
  }
  built.sql = fmt::format("SELECT {} FROM {}", list.empty() ? "*" : list, quoted_table(table));
  built.sql += where_text(conditions_, built.parameters);
  if (!groups_.empty()) built.sql += " GROUP BY " + quoted_list(groups_);
  built.sql += order_text(sortings_);
  if (limit) built.sql += fmt::format(" LIMIT {}", *limit);
  if (offset_ > 0) built.sql += fmt::format(" OFFSET {}", offset_);
  return built;
}

}  // namespace tapedeck
