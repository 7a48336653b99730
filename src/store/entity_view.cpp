#include "store/entity_view.hpp"

#include "base/suggest.hpp"
#include "base/utf8.hpp"
#include "duck/quoted.hpp"
#include "duck/row_reader.hpp"
#include "store/condition_text.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

namespace tapedeck {
namespace {

[[noreturn]] void refuse(const std::string& reason) {
  throw Error{ErrorCode::invalid_argument, reason};
}

void check_rows(std::string_view what, int64_t rows) {
  if (rows < 0) refuse(fmt::format("{} {} is negative; it is a number of rows", what, rows));
}

const ViewColumn& column_of(const ViewShape& shape, const std::string& name) {
  const auto found = std::ranges::find(shape.columns, name, &ViewColumn::name);
  if (found != shape.columns.end()) return *found;
  std::vector<std::string> known;
  for (const ViewColumn& column : shape.columns)
    known.push_back(column.name);
  fail_unknown_column(shape.name, name, known);
}

std::string_view wanted_of(ColumnKind kind) {
  constexpr std::array<std::string_view, 6> kWanted{"a text",
                                                    "a UUID as text",
                                                    "a Decimal or a whole number",
                                                    "a whole number or a Decimal",
                                                    "true or false",
                                                    "a Timestamp"};
  return kWanted.at(static_cast<size_t>(kind));
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t bytes = utf8_character_bytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

// A UUID becomes as the column has it: in lower case.
bool fits(QueryValue& value, ColumnKind kind) {
  if (std::holds_alternative<std::monostate>(value)) return true;
  switch (kind) {
    case ColumnKind::text:
      return std::holds_alternative<std::string>(value) && is_utf8(std::get<std::string>(value));
    case ColumnKind::uuid: {
      auto* const text = std::get_if<std::string>(&value);
      const std::optional<Uuid> id = text != nullptr ? parse_uuid(*text) : std::nullopt;
      if (id) *text = to_text(*id);
      return id.has_value();
    }
    case ColumnKind::decimal:
    case ColumnKind::integer:
      return std::holds_alternative<int64_t>(value) || std::holds_alternative<Decimal>(value);
    case ColumnKind::boolean: return std::holds_alternative<bool>(value);
    case ColumnKind::time: return std::holds_alternative<Timestamp>(value);
  }
  return false;
}

void check_condition(QueryCondition& condition, const ViewShape& shape) {
  condition = checked(std::move(condition));
  const ViewColumn& column = column_of(shape, condition.column);
  if (condition.comparison == Comparison::like && column.kind != ColumnKind::text) {
    refuse(
        fmt::format("column '{}' of '{}' is no text; LIKE is for texts", column.name, shape.name));
  }
  for (QueryValue& value : condition.values) {
    if (fits(value, column.kind)) continue;
    refuse(fmt::format("column '{}' of '{}' is compared with {}", column.name, shape.name,
                       wanted_of(column.kind)));
  }
}

}  // namespace

void fail_unknown_column(std::string_view view, std::string_view column,
                         std::span<const std::string> known) {
  const std::optional<std::string> meant = nearest(column, known);
  throw Error{ErrorCode::not_found,
              meant
                  ? fmt::format("'{}' has no column '{}'; did you mean '{}'?", view, column, *meant)
                  : fmt::format("'{}' has no column '{}'; it has {}", view, column,
                                fmt::join(known, ", "))};
}

QueryFilter checked(QueryFilter filter, const ViewShape& shape) {
  for (QueryCondition& condition : filter.conditions)
    check_condition(condition, shape);
  check_rows("limit", filter.limit);
  check_rows("offset", filter.offset);
  if (filter.order.empty()) {
    filter.order = shape.order;
    return filter;
  }
  for (const Sorting& sorting : filter.order)
    column_of(shape, sorting.column);
  for (const Sorting& sorting : shape.order) {
    if (std::ranges::find(filter.order, sorting.column, &Sorting::column) == filter.order.end()) {
      filter.order.push_back(sorting);
    }
  }
  return filter;
}

std::vector<std::string> keys_of(duck::Connection& connection, std::string_view table,
                                 const ViewShape& shape, const QueryFilter& filter) {
  std::vector<QueryValue> parameters;
  const std::string where = where_text(filter.conditions, parameters);
  duck::Statement statement = connection.prepare_once(fmt::format(
      "SELECT CAST({} AS VARCHAR) FROM {}{}{} LIMIT {} OFFSET {}", duck::quoted_name(shape.key()),
      table, where, order_text(filter.order), filter.limit, filter.offset));
  bind_values(statement, parameters);
  duck::Result result = statement.run();
  duck::RowReader in{result};
  std::vector<std::string> keys;
  while (in.next())
    keys.push_back(in.take_text());
  return keys;
}

std::string in_order_of_keys(std::string_view key, std::string_view type) {
  return fmt::format(
      "JOIN (SELECT CAST(unnest(string_split($1, chr(31))) AS {}) AS wanted, "
      "generate_subscripts(string_split($1, chr(31)), 1) AS place) w ON w.wanted = {} ORDER BY "
      "w.place",
      type, key);
}

bool comes_before(std::span<const QueryValue> a, std::span<const QueryValue> b,
                  std::span<const Sorting> order) {
  for (size_t at = 0; at < order.size(); ++at) {
    const bool has_null = std::holds_alternative<std::monostate>(a[at]) ||
                          std::holds_alternative<std::monostate>(b[at]);
    const bool rising = has_null || order[at].order == SortOrder::ascending;
    const auto result = rising ? compare_values(a[at], b[at]) : compare_values(b[at], a[at]);
    if (result != 0) return result < 0;
  }
  return false;
}

}  // namespace tapedeck
