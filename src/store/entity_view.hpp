// EntityView: the columns that an entity is asked for by, the same over tables as in memory.
#pragma once

#include "duck/database.hpp"
#include "tapedeck/base/uuid.hpp"
#include "tapedeck/market/amount.hpp"
#include "tapedeck/store/repository.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

enum class ColumnKind : uint8_t { text, uuid, decimal, integer, boolean, time };

struct ViewColumn {
  std::string name;
  ColumnKind kind = ColumnKind::text;
};

struct ViewShape {
  std::string name;  // "main.orders"
  std::vector<ViewColumn> columns = {};
  // Unless another is asked for; its last column tells rows apart.
  std::vector<Sorting> order;

  const std::string& key() const { return order.back().column; }
};

// Error{not_found} naming the column, and the one of `known` that was probably meant.
[[noreturn]] void fail_unknown_column(std::string_view view, std::string_view column,
                                      std::span<const std::string> known);

// As it can be asked of the view; the order tells all rows apart. Errors as Repository has them.
QueryFilter checked(QueryFilter filter, const ViewShape& shape);

// Keys of the rows that the filter, checked(), means in `table`, as texts and in its order.
std::vector<std::string> keys_of(duck::Connection& connection, std::string_view table,
                                 const ViewShape& shape, const QueryFilter& filter);
// For a reader of rows: those with the keys of a list, in its order. The list is parameter 1.
std::string in_order_of_keys(std::string_view key, std::string_view type);

template <typename Row>
struct EntityColumn {
  std::string name;
  ColumnKind kind = ColumnKind::text;
  QueryValue (*value)(const Row&) = nullptr;
};

template <typename Row>
class EntityView {
 public:
  EntityView(std::string name, std::vector<EntityColumn<Row>> columns, std::vector<Sorting> order)
      : columns_{std::move(columns)}, shape_{.name = std::move(name), .order = std::move(order)} {
    for (const EntityColumn<Row>& column : columns_)
      shape_.columns.push_back({.name = column.name, .kind = column.kind});
  }

  const ViewShape& shape() const { return shape_; }
  QueryValue value(const Row& row, std::string_view column) const {
    return std::ranges::find(columns_, column, &EntityColumn<Row>::name)->value(row);
  }
  // The first column in which they differ.
  std::optional<std::string> difference(const Row& a, const Row& b) const {
    for (const EntityColumn<Row>& column : columns_) {
      if (column.value(a) != column.value(b)) return column.name;
    }
    return std::nullopt;
  }
  // What SQL would keep of `rows`; the filter is not yet checked().
  std::vector<Row> select(const std::vector<Row>& rows, const QueryFilter& filter) const;

 private:
  std::vector<EntityColumn<Row>> columns_;
  ViewShape shape_;
};

// Whether one row of values comes before another.
bool comes_before(std::span<const QueryValue> a, std::span<const QueryValue> b,
                  std::span<const Sorting> order);

template <typename Row>
std::vector<Row> EntityView<Row>::select(const std::vector<Row>& rows,
                                         const QueryFilter& filter) const {
  const QueryFilter asked = checked(filter, shape_);
  struct Place {
    size_t row = 0;
    std::vector<QueryValue> values;
  };
  std::vector<Place> places;
  for (size_t row = 0; row < rows.size(); ++row) {
    const bool kept = std::ranges::all_of(asked.conditions, [&](const QueryCondition& condition) {
      return holds(condition, value(rows[row], condition.column));
    });
    if (!kept) continue;
    places.push_back({.row = row, .values = {}});
    for (const Sorting& sorting : asked.order)
      places.back().values.push_back(value(rows[row], sorting.column));
  }
  std::ranges::stable_sort(places, [&](const Place& a, const Place& b) {
    return comes_before(a.values, b.values, asked.order);
  });
  std::vector<Row> result;
  for (size_t at = static_cast<size_t>(asked.offset);
       at < places.size() && result.size() < static_cast<size_t>(asked.limit); ++at) {
    result.push_back(rows[places[at].row]);
  }
  return result;
}

// Cells of a row.
inline QueryValue cell(const std::string& text) {
  return text;
}
inline QueryValue cell(std::string_view text) {
  return std::string{text};
}
inline QueryValue cell(const Uuid& id) {
  return to_text(id);
}
inline QueryValue cell(Amount amount) {
  return amount.decimal();
}
inline QueryValue cell(Timestamp t) {
  return t;
}
inline QueryValue cell(int64_t number) {
  return number;
}
inline QueryValue cell(bool flag) {
  return flag;
}
template <typename Value>
QueryValue cell(const std::optional<Value>& value) {
  return value ? cell(*value) : QueryValue{};
}

}  // namespace tapedeck
